#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "tests/actors/rig.hpp"

// Registration, updates and trust through the host's interface, with every actor between.
namespace landfall::testing {
namespace {

constexpr const char* kRegister = "/api/mobile/device/register";

Json last_body(Rig& rig) {
  const auto sent = rig.network().sent(kRegister);
  REQUIRE_FALSE(sent.empty());
  return Json::parse(sent.back().request.body);
}

std::string device_state(Rig& rig) {
  return rig.call("device.status")["result"]["state"].get<std::string>();
}

std::string registered_at_server(Rig& rig, std::size_t user = 0) {
  const Json status = rig.call("device.status");
  return rig.backend()
      .device_details(Rig::user(user).id, status["result"]["device_id"].get<std::string>())
      .value_or("");
}

}  // namespace

TEST_CASE("P-19 P-21 P-90: a login registers the phone, with what the host said before it") {
  Rig rig;
  rig.boot();
  CHECK(device_state(rig) == "none");
  CHECK(rig.call("device.update",
                 {{"push_token", "fcm-1"}, {"biometric_capable", true}, {"biometric_type", "FACE"}})
            .contains("result"));
  CHECK(rig.network().sent(kRegister).empty());
  (void)rig.login();
  CHECK(rig.network().sent(kRegister).size() == 1);
  CHECK(last_body(rig)["fcm_token"] == "fcm-1");
  CHECK(last_body(rig)["device_name"] == "rig");
  CHECK(device_state(rig) == "registered");
  CHECK(Json::parse(registered_at_server(rig)) == last_body(rig));
}

TEST_CASE("P-21: a new push token is told at once, the same one never again") {
  Rig rig;
  rig.boot();
  (void)rig.login();
  (void)rig.call("device.update", {{"push_token", "fcm-2"}});
  CHECK(last_body(rig)["fcm_token"] == "fcm-2");
  const auto count = rig.network().sent(kRegister).size();
  (void)rig.call("device.update", {{"push_token", "fcm-2"}});
  rig.kill();
  rig.boot();
  rig.advance(Duration{600'000});
  CHECK(rig.network().sent(kRegister).size() == count);
  CHECK(device_state(rig) == "registered");
}

TEST_CASE("P-90: what the server did not hear is told by the next process") {
  Rig rig;
  rig.script(kRegister, answer_with(http::TransportFailure::silent));
  rig.boot();
  (void)rig.login();
  (void)rig.call("device.update", {{"push_token", "fcm-3"}});
  CHECK(device_state(rig) == "waiting");
  rig.kill();
  rig.unscript(kRegister);
  rig.boot();
  rig.advance(Duration{60'000});
  CHECK(device_state(rig) == "registered");
  CHECK(Json::parse(registered_at_server(rig))["fcm_token"] == "fcm-3");
}

TEST_CASE("P-19 C-17: a phone too many is told why, where the server refuses the registration") {
  Rig rig;
  rig.script(kRegister,
             answer_with(403, R"({"error":{"code":"DEVICE_LIMIT","message":"Three at most."}})"));
  rig.boot();
  CHECK(rig.login().contains("result"));
  const Json status = rig.call("device.status")["result"];
  CHECK(status["state"] == "refused");
  CHECK(status["code"] == "device.limit");
  CHECK(status["message"] == "Three at most.");
  CHECK(status["max"] == 3);
  REQUIRE_FALSE(rig.events("device.changed").empty());
  CHECK(rig.events("device.changed").back()["code"] == "device.limit");
  CHECK(rig.session_status() == "authenticated");
  rig.advance(Duration{3'600'000});
  CHECK(rig.network().sent(kRegister).size() == 1);
}

TEST_CASE("P-19 C-17: and where it refuses the login itself") {
  Rig rig;
  rig.script(kLogin, answer_with(403, R"({"error":{"code":"DEVICE_LIMIT","message":"No more."}})"));
  rig.boot();
  const Json reply = rig.login();
  REQUIRE(reply.contains("error"));
  CHECK(reply["error"]["code"] == "device.limit");
  CHECK(reply["error"]["message"] == "No more.");
  CHECK(rig.call("session.status")["result"]["message_key"] == "device.limit");
  CHECK(rig.session_status() == "unauthenticated");
}

TEST_CASE("P-21: the next user's server hears of the same phone, and a logout ends it") {
  Rig rig;
  rig.boot();
  (void)rig.login(0);
  (void)rig.call("device.update", {{"push_token", "fcm-4"}});
  (void)rig.call("session.logout");
  rig.settle();
  CHECK(device_state(rig) == "none");
  const auto count = rig.network().sent(kRegister).size();
  (void)rig.call("device.update", {{"push_token", "fcm-5"}});
  CHECK(rig.network().sent(kRegister).size() == count);
  (void)rig.login(1);
  CHECK(Json::parse(registered_at_server(rig, 1))["fcm_token"] == "fcm-5");
}

TEST_CASE("P-101: a login that is refused with 426 says so with the server's words") {
  Rig rig;
  rig.backend().set_minimum_app_version("2.0.0");
  rig.boot();
  const Json reply = rig.login();
  REQUIRE(reply.contains("error"));
  CHECK(reply["error"]["code"] == "login.update_required");
  const Json update = rig.call("engine.status")["result"]["update"];
  CHECK(update["kind"] == "force");
  CHECK(update["minimum_version"] == "2.0.0");
  CHECK(rig.events("update.changed").back() == update);
}

TEST_CASE("P-101 INV-Q1: force keeps what waits, is known offline, and ends by itself") {
  Rig rig;
  rig.boot();
  (void)rig.login();
  rig.backend().set_minimum_app_version("2.0.0");
  (void)rig.enqueue_requisition();
  rig.advance(Duration{600'000});
  CHECK(rig.states() == std::map<std::string, int>{{"blocked", 1}});
  rig.kill();
  rig.boot();
  CHECK(rig.call("engine.status")["result"]["update"]["kind"] == "force");
  rig.advance(Duration{600'000});
  CHECK(rig.states() == std::map<std::string, int>{{"blocked", 1}});
  rig.backend().set_minimum_app_version("");
  rig.advance(Duration{600'000});
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
  CHECK(rig.call("engine.status")["result"]["update"]["kind"] == "none");
}

TEST_CASE("P-101: a recommended version is told and blocks nothing") {
  Rig rig;
  rig.backend().set_recommended_app_version("1.4.0");
  rig.boot();
  (void)rig.login();
  (void)rig.enqueue_requisition();
  rig.advance(Duration{60'000});
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
  REQUIRE(rig.events("update.changed").size() == 1);
  CHECK(rig.events("update.changed").back()["kind"] == "soft");
  CHECK(rig.events("update.changed").back()["recommended_version"] == "1.4.0");
}

TEST_CASE("NETWORK-1: the host judges a chain, and everything but its yes is a no") {
  Rig rig;
  Json word{{"trusted", true}};
  std::optional<Json> asked;
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    if (port != "tls.verify") return rig.keychain_answer(port, data);
    asked = data;
    return word;
  });
  rig.boot();
  rig.network().trust_port().judge_chain(1, "api.example.com", {"own", "above"});
  rig.settle();
  CHECK(asked == Json{{"host", "api.example.com"}, {"chain", {"b3du", "YWJvdmU="}}});
  REQUIRE(rig.network().judged().size() == 1);
  CHECK(rig.network().judged().back() == std::pair<std::uint64_t, bool>{1, true});
  std::uint64_t question = 1;
  for (const Json& no : {Json{{"trusted", false}}, Json{{"trusted", "true"}}, Json::object(),
                         Json{{"trusted", 1}}}) {
    word = no;
    rig.network().trust_port().judge_chain(++question, "api.example.com", {"own"});
    rig.settle();
    CHECK(rig.network().judged().back() == std::pair<std::uint64_t, bool>{question, false});
  }
}

TEST_CASE("NETWORK-2: a server with foreign keys is told, and logs nobody out") {
  Rig rig;
  rig.boot();
  (void)rig.login();
  rig.network().trust_port().tell({"api.example.com", "pins.mismatch"});
  rig.settle();
  CHECK(rig.events("network.trust") ==
        std::vector<Json>{{{"host", "api.example.com"}, {"code", "pins.mismatch"}}});
  CHECK(rig.session_status() == "authenticated");
}

}  // namespace landfall::testing
