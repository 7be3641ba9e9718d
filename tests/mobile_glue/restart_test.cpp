#include <map>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "mobile_glue/embed.hpp"
#include "schema/limits.hpp"
#include "tests/engine/store/fault_vfs.hpp"
#include "tests/mobile_glue/host.hpp"
#include "tests/mobile_glue/stepped_desk.hpp"

using namespace landfall;
using landfall::test::FaultVfs;
using landfall::test::Host;
using landfall::test::SteppedDesk;
using landfall::test::TemporaryDirectory;
using nlohmann::json;

namespace {

using Messages = std::vector<json>;

// What stands at `pointer`; null when nothing does.
json at(const json& message, const char* pointer) {
  const json::json_pointer path{pointer};
  return message.contains(path) ? message[path] : json{};
}

// A phone in virtual time whose disk fails on demand, with a keychain that answers.
class Phone final {
 public:
  Phone() : host_(open()) {}

  // Runs until nothing happens any more, answering for secrets; returns what the host heard.
  Messages settle() {
    Messages heard;
    while (true) {
      test::run_all(*glue::stepped_of(host_.engine()));
      const Messages messages = host_.drain();
      if (messages.empty()) return heard;
      for (const json& message : messages) {
        if (message.contains("question")) answer(message);
        heard.push_back(message);
      }
    }
  }

  // The result or error of one request, once everything has come to rest.
  json ask(const std::string& request, const json& params = json::object()) {
    const int id = ++last_id_;
    host_.send({{"id", id}, {"request", request}, {"params", params}});
    std::optional<json> reply;
    for (const json& message : settle()) {
      if (message.value("reply", 0) != id) continue;
      CHECK_FALSE(reply.has_value());
      reply = message;
    }
    REQUIRE(reply.has_value());
    return *reply;
  }

  void log_in() {
    (void)settle();
    const int id = ++last_id_;
    host_.send({{"id", id},
                {"request", "session.login"},
                {"params", {{"email", "asha@example.com"}, {"password", "correct horse"}}}});
    (void)settle();
    REQUIRE(desk_.transport().answer("/api/auth/login", 200, test::login_body("u1")));
    (void)settle();
    REQUIRE(at(ask("engine.status"), "/result/state") == "ready");
  }

  json enqueue(int number) {
    const std::string digits = std::to_string(1'000 + number);
    return ask("operations.enqueue", {{"id", "0190a5b0-7e4c-7c3a-9d1e-2f3a4b5c" + digits},
                                      {"entity_type", "approval"},
                                      {"entity_id", "A-" + digits},
                                      {"action", "approve"},
                                      {"attestation", {{"biometric_verified", true}}},
                                      {"base_version", 1},
                                      {"payload", json::object()}});
  }

  // The next change of a file fails, once or from then on.
  void fail_once() {
    vfs_.fail_at_change = vfs_.changes + 1;
    vfs_.fail_count = 1;
  }
  void break_disk() {
    vfs_.fail_at_change = 0;
    vfs_.fail_count = -1;
  }
  [[nodiscard]] SteppedDesk& desk() { return desk_; }
  [[nodiscard]] Host& host() { return host_; }

 private:
  landfall_engine* open() {
    actors::Environment environment = desk_.environment();
    environment.disk.vfs = vfs_.name();
    const std::string config = test::config_for(directory_.path()).dump();
    return glue::open_embedded(config.c_str(), std::move(environment), nullptr);
  }

  void answer(const json& question) {
    const std::string name = question["data"]["name"];
    json result = json::object();
    if (question["port"] == "secret.write") {
      keychain_[name] = question["data"]["value"];
    } else if (keychain_.contains(name)) {
      result = {{"status", "value"}, {"value", keychain_[name]}};
    } else {
      result = {{"status", "absent"}};
    }
    host_.send({{"answer", question["question"]}, {"result", result}});
  }

  TemporaryDirectory directory_;
  FaultVfs vfs_;
  SteppedDesk desk_;
  std::map<std::string, std::string> keychain_;
  int last_id_ = 0;
  Host host_;
};

}  // namespace

TEST_CASE(
    "a write that the disk refuses is indeterminate, the scope restarts and nothing is lost") {
  Phone phone;
  phone.log_in();
  const json first = phone.enqueue(1);
  INFO(first.dump());
  CHECK(at(first, "/result/state") == "queued");

  phone.fail_once();
  const json broken = phone.enqueue(2);
  INFO(broken.dump());
  CHECK(at(broken, "/error/class") == "indeterminate");

  CHECK(at(phone.ask("engine.status"), "/result/state") == "ready");
  const json again = phone.enqueue(2);
  CHECK(at(again, "/result/state") == "queued");
  CHECK(at(phone.enqueue(1), "/result/repeated") == true);
  CHECK(at(phone.ask("operations.list"), "/result/operations").size() == 2);
}

TEST_CASE(
    "a disk that stays broken ends in engine.failed; requests are told, and close still works") {
  Phone phone;
  phone.log_in();
  phone.break_disk();
  for (std::size_t i = 0; i <= limits::kScopeRestartsMax + 1; ++i) {
    CHECK(phone.enqueue(static_cast<int>(i)).contains("error"));
  }
  CHECK(at(phone.ask("engine.status"), "/result/state") == "failed");
  CHECK(at(phone.enqueue(9), "/error/code") == "engine.failed");
  CHECK(at(phone.ask("session.status"), "/error/code") == "engine.failed");
  landfall_close(phone.host().engine());
  CHECK(landfall_send(phone.host().engine(), "{}") == LANDFALL_CLOSED);
}

TEST_CASE("one restart more than the bound within its window is engine.failed") {
  Phone phone;
  phone.log_in();
  for (std::size_t i = 0; i < limits::kScopeRestartsMax; ++i) {
    phone.fail_once();
    CHECK(phone.enqueue(static_cast<int>(i)).contains("error"));
    CHECK(at(phone.ask("engine.status"), "/result/state") == "ready");
  }
  phone.fail_once();
  CHECK(phone.enqueue(9).contains("error"));
  CHECK(at(phone.ask("engine.status"), "/result/state") == "failed");
}

TEST_CASE("restarts that lie far apart are allowed for ever") {
  Phone phone;
  phone.log_in();
  for (int round = 0; round < 6; ++round) {
    phone.fail_once();
    CHECK(phone.enqueue(round).contains("error"));
    phone.desk().clock().advance(Duration{limits::kScopeRestartWindowMs + 1});
    (void)phone.settle();
    CHECK(at(phone.enqueue(round), "/result/state") == "queued");
  }
}

TEST_CASE(
    "a logout locks the engine and loses nothing: the operations are there after the next login") {
  Phone phone;
  phone.log_in();
  CHECK(at(phone.enqueue(1), "/result/state") == "queued");
  CHECK(at(phone.ask("session.status"), "/result/status") == "authenticated");
  const json logged_out = phone.ask("session.logout");
  CHECK(at(logged_out, "/result/status") == "unauthenticated");
  CHECK(at(phone.enqueue(2), "/error/code") == "engine.locked");
  phone.log_in();
  CHECK(at(phone.ask("operations.list"), "/result/operations").size() == 1);
}
