#include "tests/tidy/rules.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace landfall;

namespace {

const tidy::Project kProject{{"engine", "tidy"}};

std::vector<std::string> rules_broken(const std::string& path, const std::string& text) {
  std::vector<std::string> rules;
  for (const auto& finding : tidy::check_source(tidy::read_source(path, text), kProject)) {
    rules.push_back(finding.rule);
  }
  return rules;
}

// A source that breaks one rule in one place, and what it takes to keep it.
void check_include(const std::string& header, const std::string& rule,
                   const std::vector<std::string>& refused,
                   const std::vector<std::string>& allowed) {
  const std::string text = "#include <" + header + ">\n";
  for (const std::string& path : refused) {
    INFO(path << " includes " << header);
    CHECK(rules_broken(path, text) == std::vector{rule});
  }
  for (const std::string& path : allowed) {
    INFO(path << " includes " << header);
    CHECK(rules_broken(path, text).empty());
  }
}

void check_code(const std::string& line, const std::string& rule) {
  INFO(line);
  CHECK(rules_broken("engine/sync/x.cpp", line + "\n") == std::vector{rule});
}

void check_clean(const std::string& path, const std::string& text) {
  INFO(path << ": " << text);
  CHECK(rules_broken(path, text).empty());
}

}  // namespace

TEST_CASE("CAF stays in actors and in the simulator's world") {
  check_include(
      "caf/all.hpp", "caf-include",
      {"engine/sync/x.cpp", "mobile_glue/c/x.cpp", "simulator/main/x.cpp",
       "simulator/backend/x.cpp", "tests/engine/x.cpp"},
      {"actors/x.cpp", "simulator/world/x.cpp", "tests/actors/x.cpp", "tests/simulator/x.cpp"});
}

TEST_CASE("sockets stay in the transport and in the simulator's net") {
  for (const std::string header :
       {"boost/beast/http.hpp", "boost/beast.hpp", "boost/asio.hpp", "boost/asio/ip/tcp.hpp"}) {
    check_include(header, "socket-include",
                  {"engine/http/x.cpp", "actors/gateway.cpp", "simulator/world/x.cpp"},
                  {"actors/transport/x.cpp", "simulator/net/x.cpp"});
  }
  check_include("nghttp2/nghttp2.h", "http2-include",
                {"engine/http/x.cpp", "actors/gateway.cpp", "simulator/net/x.cpp"},
                {"actors/transport/x.cpp", "tests/bench/x.cpp"});
  check_include("sys/socket.h", "network-include", {"engine/http/x.cpp"}, {"actors/x.cpp"});
}

TEST_CASE("the engine includes no threads, clocks or random sources") {
  for (const std::string header : {"thread", "mutex", "shared_mutex", "condition_variable",
                                   "future", "semaphore", "stop_token"}) {
    check_include(header, "thread-include", {"engine/sync/x.cpp", "engine/store/x.cpp"},
                  {"actors/x.cpp", "simulator/x.cpp", "tests/engine/x.cpp"});
  }
  check_include("atomic", "atomic-include", {"engine/sync/x.cpp"}, {"engine/store/x.hpp.cpp"});
  check_include("random", "random-include", {"engine/base/id.cpp"}, {"engine/base/random.cpp"});
  check_include("ctime", "clock-include", {"engine/base/x.cpp"}, {"actors/x.cpp"});
  check_clean("engine/base/x.cpp", "#include <chrono>\n");
}

TEST_CASE("SQLite is touched through the store alone") {
  for (const std::string header : {"sqlite3.h", "SQLiteCpp/Database.h"}) {
    check_include(header, "sqlite-include",
                  {"engine/sync/x.cpp", "actors/x.cpp", "mobile_glue/c/x.cpp"},
                  {"engine/store/x.cpp", "simulator/backend/x.cpp", "tests/engine/x.cpp"});
  }
}

TEST_CASE("the window stays in one folder, and panels see nothing but their snapshot") {
  for (const std::string header :
       {"GLFW/glfw3.h", "GL/gl.h", "backends/imgui_impl_glfw.h", "png.h"}) {
    check_include(header, "window-include",
                  {"ui_imgui/panels/x.cpp", "ui_imgui/model/x.cpp", "tests/ui_imgui/x.cpp"},
                  {"ui_imgui/main/x.cpp"});
  }
  check_include("imgui.h", "imgui-include", {"ui_imgui/model/x.cpp", "simulator/main/x.cpp"},
                {"ui_imgui/panels/x.cpp", "ui_imgui/draw/x.cpp", "tests/ui_imgui/x.cpp"});
  for (const std::string header :
       {"simulator/world/world.hpp", "engine/base/time.hpp", "ui_imgui/model/simulation.hpp"}) {
    const std::string text = "#include \"" + header + "\"\n";
    CHECK(rules_broken("ui_imgui/panels/x.cpp", text) == std::vector<std::string>{"panel-include"});
    CHECK(rules_broken("ui_imgui/model/x.cpp", text).empty());
  }
  check_clean("ui_imgui/panels/x.cpp", "#include \"ui_imgui/snapshot.hpp\"\n");
}

TEST_CASE("dependencies between folders point downwards") {
  const std::vector<std::string> layers = {"schema",    "engine",   "actors", "mobile_glue",
                                           "simulator", "ui_imgui", "tests"};
  for (std::size_t own = 0; own < layers.size(); ++own) {
    for (std::size_t other = 0; other < layers.size(); ++other) {
      const std::string text = "#include \"" + layers[other] + "/x.hpp\"\n";
      INFO(layers[own] << " includes " << layers[other]);
      const auto broken = rules_broken(layers[own] + "/x.cpp", text);
      CHECK(broken == (other > own ? std::vector<std::string>{"link-direction"}
                                   : std::vector<std::string>{}));
    }
  }
}

TEST_CASE("project headers are named from the root") {
  CHECK(rules_broken("engine/sync/x.cpp", "#include \"retry.hpp\"\n") ==
        std::vector<std::string>{"include-path"});
  CHECK(rules_broken("engine/sync/x.cpp", "#include \"../base/result.hpp\"\n") ==
        std::vector<std::string>{"include-path"});
  check_clean("mobile_glue/examples/c/main.c", "#include \"landfall.h\"\n");
}

TEST_CASE("the engine reads no clock and draws from no other source") {
  check_code("auto now = std::chrono::system_clock::time_point{};", "clock");
  check_code("auto now = Clock::now();", "clock");
  check_code("clock_gettime(CLOCK_REALTIME, &now);", "clock");
  check_code("const auto seconds = time(nullptr);", "clock");
  check_code("std::random_device device;", "random");
  check_code("int draw = rand();", "random");
  check_code("std::uniform_int_distribution<int> die(1, 6);", "random");
  check_code("std::mutex guard;", "thread");
  check_code("thread_local int depth = 0;", "thread");
  check_clean("engine/sync/x.cpp", "step(event, now); Instant now; run_time(0); brand(1);\n");
  check_clean("engine/base/random.cpp", "std::shuffle(a, b, c);\n");
  check_clean("actors/x.cpp", "auto now = std::chrono::steady_clock::now();\n");
}

TEST_CASE("nothing sleeps, not even a test") {
  check_code("std::this_thread::sleep_for(delay);", "sleep");
  check_code("usleep(10);", "sleep");
  check_code("sleep(1);", "sleep");
  check_code("if (late) { ::sleep(1); }", "sleep");
  check_code("return sleep(1);", "sleep");
  CHECK(rules_broken("tests/engine/x.cpp", "nanosleep(&a, &b);\n") ==
        std::vector<std::string>{"sleep"});
  check_clean("actors/x.cpp",
              "device.sleep(); int sleep_count = 0; int sleep(Vfs*, int micros);\n");
}

TEST_CASE("comments and literals are no code") {
  check_clean("engine/x.cpp", "// never Clock::now(), and no rand()\n");
  check_clean("engine/x.cpp", "/* #include <thread>\n#include <mutex>\n*/ int x;\n");
  check_clean("engine/x.cpp", "const char* text = \"usleep(1)\";\n");
  check_clean("engine/x.cpp", "const char* text = R\"(\n#include <thread>\nrand()\n)\";\n");
  check_clean("engine/x.cpp", "// continued \\\n rand();\n");
  check_clean("engine/x.cpp", "int n = 1'000'000; char c = '\"';\n// rand()\n");
  check_code("char c = '\"'; int x = rand();", "random");
  check_code("int n = 1'000; int x = rand();", "random");
  check_code("#include /* <string> */ <thread>", "thread-include");
  check_code("const char* t = R\"(\")\"; int x = rand();", "random");
  check_code("const char* t = \"\\\"\"; int x = rand();", "random");
}

TEST_CASE("a line has at most 100 columns, counted in characters") {
  check_clean("engine/x.cpp", std::string(100, 'x') + "\n");
  CHECK(rules_broken("engine/x.cpp", "int a;\n" + std::string(101, 'x') + "\n") ==
        std::vector<std::string>{"line-length"});
  std::string accents = "// ";
  for (int i = 0; i < 97; ++i) accents += "é";
  check_clean("engine/x.cpp", accents + "\n");
  check_clean("tests/engine/x.cpp", "auto t = R\"(\n" + std::string(150, 'x') + "\n)\";\n");
}

TEST_CASE("build files and scripts keep the width, documents do not have to") {
  const std::string text = std::string(101, 'x') + "\n";
  CHECK(tidy::check_text(tidy::read_source("tests/CMakeLists.txt", text)).size() == 1);
  CHECK(tidy::check_text(tidy::read_source("scripts/x.sh", text)).size() == 1);
  CHECK(tidy::check_text(tidy::read_source("docs/x.md", text)).empty());
}

TEST_CASE("headers are included once and open no namespace for others") {
  CHECK(rules_broken("engine/x.hpp", "int f();\n") == std::vector<std::string>{"pragma-once"});
  CHECK(rules_broken("engine/x.hpp", "// #pragma once\nint f();\n") ==
        std::vector<std::string>{"pragma-once"});
  CHECK(rules_broken("engine/x.hpp", "#pragma once\nusing namespace std;\n") ==
        std::vector<std::string>{"using-namespace"});
  check_clean("mobile_glue/c/landfall.h", "#ifndef LANDFALL_H\n#define LANDFALL_H\n#endif\n");
  check_clean("engine/x.hpp", "#pragma once\nnamespace landfall {}\n");
}

TEST_CASE("every file with test cases is built") {
  const std::string text = "TEST_CASE(\"it holds\") {}\n";
  check_clean("tests/engine/sync/x_test.cpp", text);
  for (const std::string path : {"tests/elsewhere/x_test.cpp", "tests/x_test.cpp",
                                 "tests/engine/x_test.cc", "engine/sync/x_test.cpp"}) {
    INFO(path);
    CHECK(rules_broken(path, text) == std::vector<std::string>{"test-not-built"});
  }
}

TEST_CASE("unfinished work is not committed, in any text file") {
  const std::string mark = std::string("TO") + "DO";
  CHECK(rules_broken("engine/x.cpp", "// " + mark + ": later\n") ==
        std::vector<std::string>{"unfinished"});
  const auto found = tidy::check_text(tidy::read_source("docs/x.md",
                                                        "a\n\nFIX"
                                                        "ME b\n"));
  REQUIRE(found.size() == 1);
  CHECK(found[0].line == 3);
  CHECK(tidy::check_text(tidy::read_source("docs/x.md", mark + "S\n")).empty());
}

TEST_CASE("the engine does not depend on the order of unordered containers") {
  const auto header = tidy::read_source(
      "engine/x.hpp",
      "std::unordered_map<Id, std::vector<int>> lanes_;\nstd::map<Id, int> due_;\n");
  const auto broken = [&](const std::string& code) {
    return tidy::check_unordered_iteration(header, tidy::read_source("engine/x.cpp", code)).size();
  };
  CHECK(broken("for (const auto& [id, lane] : lanes_) {}\n") == 1);
  CHECK(broken("for (auto& lane : this->lanes_) {}\n") == 1);
  CHECK(broken("auto first = lanes_.begin();\n") == 1);
  CHECK(broken("std::unordered_set<int> seen;\nfor (int id : seen) {}\n") == 1);
  CHECK(broken("for (const auto& [id, due] : due_) {}\n") == 0);
  CHECK(broken("if (lanes_.find(id) != lanes_.end()) return;\n") == 0);
}

TEST_CASE("a finding names its line") {
  const auto found = tidy::check_source(
      tidy::read_source("engine/x.cpp", "// one\n/* two\n three */\n#include <thread>\n"),
      kProject);
  REQUIRE(found.size() == 1);
  CHECK(found[0].line == 4);
  CHECK(found[0].path == "engine/x.cpp");
}
