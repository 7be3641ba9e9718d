// Where an engine may be put (reliability 4, "Environment"): directories with any name, without
// room or rights, used by two, and a process that forks.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/limits.hpp"
#include "tests/mobile_glue/host.hpp"

using landfall::test::config_for;
using landfall::test::Host;
using landfall::test::refusal_of;
using landfall::test::TemporaryDirectory;
using nlohmann::json;

namespace {

std::string device_id(const std::string& directory) {
  Host host = Host::open(directory);
  host.send({{"id", 1}, {"request", "engine.status"}});
  return host.wait_for_reply(1)["result"]["device_id"].get<std::string>();
}

// A directory below `base` whose path has exactly so many bytes.
std::string path_of(std::string base, std::size_t bytes) {
  while (base.size() < bytes) {
    const std::size_t left = bytes - base.size() - 1;
    base += "/" + std::string(left > 202 ? 200 : left, 'd');
  }
  return base;
}

// What a forked child is told of its parent's engine; zero when all of it is as it should be.
int look_from_child(landfall_engine* engine) {
  const std::array<bool, 8> told = {
      landfall_send(engine, R"({"id":1,"request":"engine.status"})") == LANDFALL_CLOSED,
      landfall_enqueue(engine, "{}") == LANDFALL_CLOSED,
      landfall_poll(engine, 1'000) == nullptr,
      landfall_suspend(engine, 1'000) == LANDFALL_CLOSED,
      landfall_resume(engine) == LANDFALL_CLOSED,
      landfall_run_window(engine, 1'000) == LANDFALL_CLOSED,
      landfall_next_window(engine) == LANDFALL_CLOSED,
      landfall_send(nullptr, "{}") == LANDFALL_BAD_ARGUMENT,
  };
  landfall_close(engine);
  return static_cast<int>(std::count(told.begin(), told.end(), false));
}

}  // namespace

TEST_CASE("a directory may have any name that the system takes") {
  const TemporaryDirectory directory;
  for (const char* name : {"B\xc3\xa4ume \xe2\x98\x82 \xe6\x97\xa5\xe6\x9c\xac", "a?b#c%41",
                           "it's \"here\"", "file:x;y&z=1"}) {
    INFO(name);
    const std::string path = directory.path() + "/" + name;
    const std::string id = device_id(path);
    CHECK(device_id(path) == id);
    CHECK(std::filesystem::exists(path + "/device.db"));
  }
  // A config is UTF-8: what is none cannot be said in it.
  const std::string no_text = directory.path() + "/\xff\xfe";
  CHECK(refusal_of("{\"directory\":\"" + no_text + "\"}")["code"] == "json.invalid");
}

TEST_CASE("a path that is too long for the files in it is refused before anything is made") {
  const TemporaryDirectory directory;
  const std::string longest = path_of(directory.path(), landfall::limits::kDirectoryBytesMax);
  REQUIRE(longest.size() == landfall::limits::kDirectoryBytesMax);
  CHECK(device_id(longest).size() == 36);
  for (const std::size_t bytes : {landfall::limits::kDirectoryBytesMax + 1, std::size_t{4'096}}) {
    const TemporaryDirectory other;
    const json error = refusal_of(config_for(path_of(other.path(), bytes)).dump());
    CHECK(error["code"] == "config.value");
    CHECK(error["field"] == "directory");
    CHECK(error["message"].get<std::string>().size() < 256);
    CHECK(std::filesystem::is_empty(other.path()));
  }
}

TEST_CASE("a link or a directory in the place of the database is refused, and stays as it is") {
  const TemporaryDirectory directory;
  const TemporaryDirectory elsewhere;
  const std::string target = elsewhere.path() + "/target";
  std::ofstream(target) << "not yours";
  std::filesystem::create_symlink(target, directory.path() + "/device.db");
  const json link = refusal_of(config_for(directory.path()).dump());
  CHECK(link["code"] == "store.unavailable");
  CHECK(link["class"] == "refused");
  CHECK(std::filesystem::file_size(target) == 9);
  CHECK(std::filesystem::is_symlink(directory.path() + "/device.db"));

  std::filesystem::remove(directory.path() + "/device.db");
  std::filesystem::create_directory(directory.path() + "/device.db");
  CHECK(refusal_of(config_for(directory.path()).dump())["code"] == "store.unavailable");
  // The lock was given back each time.
  std::filesystem::remove(directory.path() + "/device.db");
  CHECK(device_id(directory.path()).size() == 36);
}

TEST_CASE("a forked child has no engine, does not hang, and keeps nobody from the directory") {
  const TemporaryDirectory directory;
  std::array<int, 2> looked{};
  std::array<int, 2> over{};
  REQUIRE(::pipe(looked.data()) == 0);
  REQUIRE(::pipe(over.data()) == 0);
  pid_t child = -1;
  {
    Host host = Host::open(directory.path());
    child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::alarm(60);
      ::close(over[1]);
      const auto wrong = static_cast<char>(look_from_child(host.engine()));
      char byte = 0;
      if (::write(looked[1], &wrong, 1) != 1 || ::read(over[0], &byte, 1) != 0) ::_exit(2);
      ::_exit(0);
    }
    char wrong = 1;
    REQUIRE(::read(looked[0], &wrong, 1) == 1);
    CHECK(wrong == 0);
    // The parent's engine has noticed nothing.
    host.send({{"id", 1}, {"request", "engine.status"}});
    CHECK(host.wait_for_reply(1).contains("result"));
  }
  // The child is alive and shares every descriptor that was open.
  CHECK(device_id(directory.path()).size() == 36);
  for (const int end : {over[0], over[1], looked[0], looked[1]}) ::close(end);
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
