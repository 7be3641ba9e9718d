#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <catch2/catch.hpp>

#include "engine/store/page_checksums.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"
#include "tests/mobile_glue/host.hpp"

using landfall::test::config_for;
using landfall::test::Host;
using landfall::test::refusal_of;
using landfall::test::TemporaryDirectory;
using nlohmann::json;

namespace {

void check_refused(const std::function<void(json&)>& change, const std::string& code,
                   const std::string& field) {
  const TemporaryDirectory directory;
  json config = config_for(directory.path() + "/engine");
  change(config);
  const json error = refusal_of(config.dump());
  INFO(error.dump());
  CHECK(error["code"] == code);
  CHECK(error.value("field", "") == field);
  CHECK_FALSE(std::filesystem::exists(directory.path() + "/engine"));
}

json prokure() { return json::parse(landfall::schema::profile("prokure").value()); }

void execute(const std::string& path, const char* sql) {
  const landfall::store::PageChecksums checksums("unix");
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE,
                          checksums.vfs_name().c_str()) == SQLITE_OK);
  CHECK(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_close(database) == SQLITE_OK);
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Ended {
  int status = -1;
  std::string errors;
};

// Runs the smallest host in a process of its own on `directory`.
Ended run_minimal_host(const std::string& directory) {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe[1], STDERR_FILENO);
    ::close(pipe[0]);
    ::execl(LANDFALL_MINIMAL_HOST, LANDFALL_MINIMAL_HOST, directory.c_str(), "http://127.0.0.1:1",
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(pipe[1]);
  REQUIRE(child > 0);
  Ended ended;
  std::array<char, 512> buffer{};
  for (ssize_t got = 0; (got = ::read(pipe[0], buffer.data(), buffer.size())) > 0;) {
    ended.errors.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(pipe[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) ended.status = WEXITSTATUS(status);
  return ended;
}

}  // namespace

TEST_CASE("open names the path of what is wrong in a config and leaves no directory") {
  check_refused([](json& c) { c.erase("directory"); }, "config.missing", "directory");
  check_refused([](json& c) { c.erase("zone"); }, "config.missing", "zone");
  check_refused([](json& c) { c["locale"] = 7; }, "config.value", "locale");
  check_refused([](json& c) { c["colour"] = "red"; }, "config.unknown_key", "colour");
  check_refused([](json& c) { c["directory"] = "relative"; }, "config.value", "directory");
  check_refused([](json& c) { c["profile"] = "nobody"; }, "config.value", "profile");
  check_refused([](json& c) { c["platform"] = "AMIGA"; }, "config.value", "platform");
}

TEST_CASE("open names the path inside the profile") {
  check_refused(
      [](json& c) {
        c["profile"] = prokure();
        c["profile"]["sync"]["retry"]["delays"] = 5;
      },
      "profile.unknown_key", "profile.sync.retry.delays");
  check_refused(
      [](json& c) {
        c["profile"] = prokure();
        c["profile"]["endpoints"]["push"].erase("path");
      },
      "profile.missing", "profile.endpoints.push.path");
}

TEST_CASE("a config that is no JSON names the byte") {
  const json error = refusal_of(R"({"directory": nope})");
  CHECK(error["code"] == "json.invalid");
  CHECK(error["offset"] == 15);
  CHECK(refusal_of("")["code"] == "json.invalid");
  CHECK(refusal_of("[]")["code"] == "config.value");
  CHECK(refusal_of(std::string(65, '['))["code"] == "json.too_deep");
  const std::string large(landfall::limits::kRequestJsonBytesMax + 1, ' ');
  CHECK(refusal_of(large)["code"] == "json.too_large");
}

TEST_CASE("open without a config or without a place for the error is refused quietly") {
  CHECK(landfall_open(nullptr, nullptr) == nullptr);
  CHECK(landfall_open("{", nullptr) == nullptr);
  char* error = nullptr;
  CHECK(landfall_open(nullptr, &error) == nullptr);
  REQUIRE(error != nullptr);
  CHECK(json::parse(error)["code"] == "config.missing");
  landfall_free_text(error);
  landfall_free_text(nullptr);
}

TEST_CASE("a directory that cannot be created or written is refused") {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() + "/file") << "a file, no directory";
  const json below_file = refusal_of(config_for(directory.path() + "/file/engine").dump());
  CHECK(below_file["code"] == "directory.unwritable");
  CHECK(below_file["class"] == "refused");
  CHECK(refusal_of(config_for("/proc/landfall").dump())["code"] == "directory.unwritable");
}

TEST_CASE("a second engine in the same process is refused until the first is closed") {
  const TemporaryDirectory directory;
  {
    const Host first = Host::open(directory.path());
    CHECK(refusal_of(config_for(directory.path()).dump())["code"] == "directory.locked");
    landfall_close(first.engine());
    const Host second = Host::open(directory.path());
  }
  const Host third = Host::open(directory.path());
}

TEST_CASE("a second engine in another process is refused, and opens once this one is closed") {
  const TemporaryDirectory directory;
  {
    const Host first = Host::open(directory.path());
    const Ended refused = run_minimal_host(directory.path());
    CHECK(refused.status == 1);
    CHECK(refused.errors.find("directory.locked") != std::string::npos);
  }
  const Ended opened = run_minimal_host(directory.path());
  INFO(opened.errors);
  CHECK(opened.status == 0);
}

TEST_CASE("a newer database is refused and stays as it is") {
  const TemporaryDirectory directory;
  { const Host host = Host::open(directory.path()); }
  const std::string path = directory.path() + "/device.db";
  execute(path, "PRAGMA user_version=9999");
  const std::string before = bytes_of(path);
  const json error = refusal_of(config_for(directory.path()).dump());
  CHECK(error["code"] == "store.newer");
  CHECK(bytes_of(path) == before);
}

TEST_CASE("a database that is none is refused and stays as it is") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/device.db";
  std::ofstream(path) << std::string(8192, 'x');
  CHECK(refusal_of(config_for(directory.path()).dump())["code"] == "store.corrupt");
  CHECK(bytes_of(path) == std::string(8192, 'x'));
}

TEST_CASE("P-21: an installation keeps its id") {
  const TemporaryDirectory directory;
  const auto id_of = [&] {
    Host host = Host::open(directory.path());
    host.send({{"id", 1}, {"request", "engine.status"}});
    return host.wait_for_reply(1)["result"]["device_id"].get<std::string>();
  };
  const std::string id = id_of();
  CHECK(id.size() == 36);
  CHECK(id_of() == id);
}

TEST_CASE("the version is the project's") {
  CHECK(std::string{landfall_version()} == LANDFALL_PROJECT_VERSION);
}
