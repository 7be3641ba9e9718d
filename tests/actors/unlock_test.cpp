#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/limits.hpp"
#include "tests/actors/rig.hpp"
#include "tests/engine/unlock/three_apps.hpp"

namespace landfall::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr const char* kPin = "481629";
constexpr const char* kWrong = "481628";
constexpr const char* kBiometric = "/api/mobile/auth/biometric";

Json cheap(Json unlock) {
  if (unlock.contains("pin")) unlock["pin"]["kdf"] = {{"memory_kib", 8}, {"passes", 1}};
  return test::profile_with(unlock);
}

// Somebody who is logged in and has set a PIN.
void set_up(Rig& rig, const Json& unlock, const char* pin = kPin) {
  rig.set_profile(cheap(unlock));
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  if (pin == nullptr) return;
  const Json set = rig.call("unlock.set_pin", {{"pin", pin}});
  INFO(set.dump());
  REQUIRE(set["result"]["pin"]["configured"] == true);
}

void start_anew(Rig& rig) {
  rig.kill();
  rig.boot();
}

Json guess(Rig& rig, const char* pin) { return rig.call("unlock.pin", {{"pin", pin}}); }

Json status(Rig& rig) { return rig.call("unlock.status")["result"]; }

std::string error_of(const Json& reply) {
  return reply.contains("error") ? reply["error"]["code"].get<std::string>() : "";
}

void suspend_for(Rig& rig, Duration span) {
  (void)rig.runtime().suspend(Duration{0});
  rig.settle();
  REQUIRE(rig.engine_state() == "suspended");
  rig.advance(span);
  REQUIRE(rig.runtime().resume());
  rig.settle();
}

TEST_CASE(
    "a locked app reads nothing and enqueues nothing, and sends and shows all the same (P-13)") {
  Rig rig;
  set_up(rig, test::prokure_unlock());
  rig.set_online(false);
  const std::string id = rig.enqueue_requisition();
  start_anew(rig);
  CHECK(rig.session_status() == "locked");
  CHECK(rig.events("session.status").back()["code"] == "session.locked");
  CHECK(rig.engine_state() == "ready");
  CHECK(error_of(rig.call("operations.list")) == "session.locked");
  CHECK(error_of(rig.call("operations.list", {{"with_payload", true}})) == "session.locked");
  CHECK(error_of(rig.call("operations.explain", {{"id", id}})) == "session.locked");
  CHECK(error_of(rig.call("documents.query", {{"type", "pr"}})) == "session.locked");
  CHECK(error_of(rig.call("operations.enqueue", rig.new_requisition())) == "session.locked");
  CHECK(rig.runtime().enqueue(dump_json(rig.new_requisition())) > 0);
  rig.set_online(true);
  rig.advance(Duration{60'000});
  CHECK(rig.backend().ledger().effect_count(id) == 1);

  const Json opened = guess(rig, kPin);
  CHECK(opened["result"]["locked"] == false);
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
  CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
}

TEST_CASE("the count survives a kill behind every guess, and a clock that is set (INV-A8)") {
  Rig rig;
  set_up(rig, test::almafrica_unlock());
  start_anew(rig);
  const std::int64_t waits_s[] = {0, 0, 0, 0, 30, 60, 300, 900, 900};
  for (int failures = 1; failures <= 9; ++failures) {
    INFO(failures);
    const Json wrong = guess(rig, kWrong);
    CHECK(wrong["result"]["code"] == "pin.wrong");
    CHECK(wrong["result"]["message"] == "This PIN is not right.");
    CHECK(wrong["result"]["locked"] == true);
    rig.clock().set_off(failures % 2 == 0 ? hours{48} : -hours{48});
    start_anew(rig);
    CHECK(status(rig)["pin"]["failures"] == failures);
    const Duration wait = std::chrono::seconds{waits_s[failures - 1]};
    if (wait == Duration{0}) continue;
    rig.advance(wait - Duration{1'000});
    CHECK(error_of(guess(rig, kPin)) == "pin.wait");
    rig.advance(Duration{1'000});
  }
  CHECK(guess(rig, kWrong)["result"]["help"] == Json::array({"login"}));
  rig.advance(hours{1});
  CHECK(error_of(guess(rig, kPin)) == "pin.hard_locked");
  REQUIRE(rig.login().contains("result"));
  CHECK(rig.session_status() == "authenticated");
  start_anew(rig);
  CHECK(guess(rig, kPin)["result"]["locked"] == false);
}

TEST_CASE("killed at any message, a guess whose answer was heard is counted (INV-A8)") {
  Rig rig;
  set_up(rig, test::almafrica_unlock());
  start_anew(rig);
  int counted = 0;
  for (int steps = 0; counted < 4; ++steps) {
    REQUIRE(steps < 60);
    const auto id = rig.ask("unlock.pin", {{"pin", kWrong}});
    for (int i = 0; i < steps && rig.runtime().ready() > 0; ++i) {
      rig.step();
      rig.read_messages();
    }
    const bool was_heard = !rig.replies(id).empty();
    start_anew(rig);
    const int now = status(rig)["pin"]["failures"];
    INFO(steps);
    CHECK((now == counted || now == counted + 1));
    if (was_heard) CHECK(now == counted + 1);
    counted = now;
  }
}

TEST_CASE("a key store that is locked or lost costs no try, and a finger is not asked meanwhile") {
  Rig rig;
  set_up(rig, test::prokure_unlock());
  start_anew(rig);
  std::string answer = "locked";
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    if (port != "hardware.hmac") return rig.keychain_answer(port, data);
    if (answer.empty()) return std::nullopt;
    return Json{{"status", answer}};
  });
  CHECK(error_of(guess(rig, kPin)) == "hardware.locked");
  answer = "absent";
  CHECK(error_of(guess(rig, kPin)) == "hardware.lost");
  answer = "value";
  CHECK(error_of(guess(rig, kPin)) == "hardware.invalid");
  CHECK(status(rig)["pin"]["failures"] == 0);
  answer.clear();
  (void)rig.ask("unlock.pin", {{"pin", kPin}});
  rig.settle();
  CHECK(error_of(guess(rig, kPin)) == "unlock.busy");
  rig.advance(Duration{limits::kQuestionTimeoutMs});
  rig.set_port(nullptr);
  CHECK(guess(rig, kPin)["result"]["locked"] == false);
}

TEST_CASE("a PIN is changed by whoever knows it, and forgotten behind a login (A-55)") {
  Rig rig;
  set_up(rig, test::prokure_unlock());
  CHECK(rig.call("unlock.change_pin", {{"pin", kWrong}, {"new_pin", "590372"}})["result"]["code"] ==
        "pin.wrong");
  CHECK(error_of(rig.call("unlock.change_pin", {{"pin", kPin}, {"new_pin", "111111"}})) ==
        "pin.weak");
  CHECK(rig.call("unlock.change_pin", {{"pin", kPin}, {"new_pin", "590372"}}).contains("result"));
  start_anew(rig);
  CHECK(guess(rig, kPin)["result"]["code"] == "pin.wrong");
  CHECK(guess(rig, "590372")["result"]["locked"] == false);
  CHECK(error_of(rig.call("unlock.set_pin", {{"pin", "270518"}})) == "pin.already_set");
  REQUIRE(rig.login().contains("result"));
  CHECK(rig.call("unlock.set_pin", {{"pin", "270518"}}).contains("result"));
  CHECK(rig.call("unlock.remove", {{"what", "pin"}})["result"]["protected"] == false);
  start_anew(rig);
  CHECK(rig.session_status() == "authenticated");
}

TEST_CASE("another user's login opens their app, and each keeps their own PIN (A-52, INV-A13)") {
  Rig rig;
  set_up(rig, test::prokure_unlock());
  start_anew(rig);
  CHECK(error_of(rig.call("unlock.pin", {{"pin", kPin}, {"email", "other@example.com"}})) ==
        "unlock.profile_mismatch");
  REQUIRE(rig.login(1).contains("result"));
  CHECK(rig.session_status() == "authenticated");
  CHECK(status(rig)["pin"]["configured"] == false);
  start_anew(rig);
  CHECK(rig.session_status() == "authenticated");
  CHECK(error_of(guess(rig, kPin)) == "pin.not_configured");
  REQUIRE(rig.login(0).contains("result"));
  start_anew(rig);
  CHECK(guess(rig, kPin)["result"]["locked"] == false);
}

TEST_CASE("a session that has ended is begun anew by a PIN that the server knows (P-14, P-23)") {
  Rig rig;
  set_up(rig, test::prokure_unlock());
  rig.backend().revoke_access_tokens(Rig::user(0).id);
  REQUIRE(rig.backend().revoke_family(Rig::user(0).id,
                                      rig.call("engine.status")["result"]["device_id"],
                                      "administrator", rig.clock().now()));
  const std::string id = rig.enqueue_requisition();
  rig.advance(minutes{1});
  CHECK(rig.session_status() == "reauthRequired");
  start_anew(rig);
  const auto logins = rig.network().sent(kLogin).size();
  CHECK(guess(rig, kWrong)["result"]["code"] == "pin.wrong");
  CHECK(rig.network().sent(kLogin).size() == logins);
  CHECK(guess(rig, kPin)["result"]["locked"] == false);
  CHECK(rig.network().sent(kLogin).size() == logins + 1);
  CHECK(rig.session_status() == "authenticated");
  rig.advance(minutes{5});
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE("what one user began never ends under another: no PIN of theirs is set (INV-A13)") {
  Rig rig;
  set_up(rig, test::prokure_unlock(), nullptr);
  std::vector<std::int64_t> open;
  bool holds = true;
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    if (port == "hardware.hmac" && holds) return std::nullopt;
    return rig.keychain_answer(port, data);
  });
  const auto setting = rig.ask("unlock.set_pin", {{"pin", kPin}});
  rig.settle();
  REQUIRE(rig.replies(setting).empty());
  REQUIRE(rig.login(1).contains("result"));
  holds = false;
  for (const auto& message : rig.messages()) {
    if (message.contains("question") && message["port"] == "hardware.hmac")
      open.push_back(message["question"].get<std::int64_t>());
  }
  REQUIRE(open.size() == 1);
  rig.answer(open.front(),
             rig.keychain_answer("hardware.hmac",
                                 {{"name", "landfall.pin"}, {"data", "AAAA"}, {"make", true}}));
  rig.settle();
  CHECK(error_of(rig.reply(setting)) == "session.busy");
  CHECK(status(rig)["pin"]["configured"] == false);
  CHECK(rig.call("unlock.set_pin", {{"pin", kPin}})["result"]["pin"]["configured"] == true);
}

// --- biometrics

Rig& with_finger(Rig& rig, const Json& unlock, const char* pin) {
  set_up(rig, unlock, pin);
  const Json enrolled = rig.call("unlock.biometric_enrol");
  INFO(enrolled.dump());
  REQUIRE(enrolled["result"]["biometric"]["enrolled"] == true);
  return rig;
}

TEST_CASE(
    "a finger opens what it was enrolled for, also without a network (P-11, P-12, P-58, C-13)") {
  Rig rig;
  with_finger(rig, test::prokure_unlock(), kPin);
  rig.set_online(false);
  start_anew(rig);
  CHECK(rig.session_status() == "biometricPrompt");
  CHECK(rig.call("unlock.biometric")["result"]["locked"] == false);
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.network().sent(kBiometric).empty());
}

TEST_CASE("a session that has ended is begun anew by a finger, with the server's word (P-13)") {
  Rig rig;
  with_finger(rig, test::prokure_unlock(), kPin);
  rig.backend().revoke_access_tokens(Rig::user(0).id);
  REQUIRE(rig.backend().revoke_family(Rig::user(0).id,
                                      rig.call("engine.status")["result"]["device_id"],
                                      "administrator", rig.clock().now()));
  const std::string id = rig.enqueue_requisition();
  rig.advance(minutes{1});
  CHECK(rig.session_status() == "reauthRequired");
  start_anew(rig);
  CHECK(rig.session_status() == "biometricPrompt");
  const Json opened = rig.call("unlock.biometric");
  INFO(opened.dump());
  CHECK(opened["result"]["locked"] == false);
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.network().sent(kBiometric).size() == 1);
  rig.advance(minutes{5});
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE("what a look can find, each by its name, and what is left then (P-14, P-15, C-9, C-10)") {
  Rig rig;
  with_finger(rig, test::prokure_unlock(), kPin);
  start_anew(rig);
  std::string finger;
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    if (port == "biometric.read") return Json{{"status", finger}};
    return rig.keychain_answer(port, data);
  });
  const auto look = [&](const char* found) {
    finger = found;
    return rig.call("unlock.biometric");
  };
  CHECK(look("cancelled")["result"]["code"] == "biometric.cancelled");
  CHECK(rig.session_status() == "biometricPrompt");
  CHECK(error_of(look("unavailable")) == "biometric.unavailable");
  CHECK(error_of(look("not_set_up")) == "biometric.not_set_up");
  CHECK(error_of(look("lockout")) == "biometric.lockout");
  CHECK(error_of(look("nonsense")) == "biometric.answer_invalid");
  CHECK(status(rig)["biometric"]["failures_left"] == 3);
  for (int left = 2; left >= 0; --left) {
    const Json failed = look("failed");
    CHECK(failed["result"]["code"] == "biometric.failed");
    CHECK(failed["result"]["biometric"]["failures_left"] == left);
  }
  CHECK(rig.session_status() == "locked");
  CHECK(error_of(look("failed")) == "biometric.exhausted");
  CHECK(status(rig)["help"] == Json::array({"pin", "login"}));
  CHECK(guess(rig, kPin)["result"]["locked"] == false);
  REQUIRE(rig.call("unlock.lock").contains("result"));
  CHECK(rig.session_status() == "biometricPrompt");
  CHECK(error_of(look("changed")) == "biometric.changed");
  CHECK(status(rig)["biometric"]["enrolled"] == false);
  CHECK(rig.session_status() == "locked");
}

TEST_CASE("biometrics that the server does not take any more are enrolled anew (P-9, P-88)") {
  Rig rig;
  with_finger(rig, test::prokure_unlock(), kPin);
  rig.close();
  rig.advance_clock(hours{169});
  rig.script(kBiometric, answer_with(http::TransportFailure::not_sent));
  rig.boot();
  // Beyond the offline window the server is needed; it cannot be asked, then it can.
  CHECK(error_of(rig.call("unlock.biometric")) == "biometric.server");
  rig.script(kBiometric,
             answer_with(401, R"({"error":{"code":"biometric_expired","message":""}})"));
  CHECK(error_of(rig.call("unlock.biometric")) == "biometric.refused");
  CHECK(status(rig)["biometric"]["enrolled"] == false);
  rig.unscript(kBiometric);
  REQUIRE(rig.login().contains("result"));
  CHECK(rig.call("unlock.biometric_enrol")["result"]["biometric"]["enrolled"] == true);
}

// --- inactivity

TEST_CASE("thirty minutes without a touch lock, also asleep; a touch begins them anew (INV-A11)") {
  Rig rig;
  set_up(rig, test::prokure_unlock());
  const Json opened = rig.call("documents.subscribe", {{"type", "pr"}});
  REQUIRE(opened.contains("result"));
  rig.advance(minutes{29});
  CHECK(rig.call("activity.touch").contains("result"));
  rig.advance(minutes{30} - Duration{1});
  CHECK(rig.session_status() == "authenticated");
  SECTION("awake") { rig.advance(Duration{1}); }
  SECTION("suspended") { suspend_for(rig, minutes{1}); }
  CHECK(rig.session_status() == "locked");
  CHECK(error_of(rig.call("operations.list")) == "session.locked");
  CHECK(rig.events("subscription.ended").size() == 1);
  CHECK(rig.call("activity.touch").contains("result"));
  CHECK(rig.session_status() == "locked");
  CHECK(guess(rig, kPin)["result"]["locked"] == false);
}

TEST_CASE("a short sleep does not lock, a new process does (P-13)") {
  Rig rig;
  set_up(rig, test::prokure_unlock());
  suspend_for(rig, minutes{10});
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.call("operations.list").contains("result"));
  start_anew(rig);
  CHECK(rig.session_status() == "locked");
  suspend_for(rig, minutes{1});
  CHECK(rig.session_status() == "locked");
  CHECK(error_of(rig.call("operations.list")) == "session.locked");
}

TEST_CASE("where the app says so inactivity ends the session, and keeps what waits (I-23, I-24)") {
  Rig rig;
  set_up(rig, test::ims_unlock(), nullptr);
  rig.set_online(false);
  const std::string id = rig.enqueue_requisition();
  SECTION("awake") { rig.advance(minutes{30}); }
  SECTION("asleep") { suspend_for(rig, minutes{31}); }
  SECTION("switched off") {
    rig.close();
    rig.advance_clock(minutes{31});
    rig.boot();
  }
  CHECK(rig.session_status() == "unauthenticated");
  CHECK(rig.events("session.status").back()["code"] == "session.idle");
  rig.set_online(true);
  REQUIRE(rig.login().contains("result"));
  rig.advance(minutes{5});
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE(
    "a finger before the one refresh token: no copy, and the server confirms (I-18, C-8, INV-A5)") {
  Rig rig;
  with_finger(rig, test::ims_unlock(), nullptr);
  rig.advance(minutes{30});
  CHECK(rig.session_status() == "biometricPrompt");
  rig.set_online(false);
  CHECK(error_of(rig.call("unlock.biometric")) == "biometric.server");
  rig.set_online(true);
  CHECK(rig.call("unlock.biometric")["result"]["locked"] == false);
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.network().sent("/auth/me").size() >= 1);
  rig.advance(hours{10});
  for (const auto& refresh : rig.backend().ledger().refreshes()) CHECK(refresh.reason != "reuse");
}

// --- secrets

TEST_CASE("no PIN, no biometric key and no token of theirs is in files, events or errors") {
  Rig rig;
  std::string token;
  rig.script(std::string{kBiometric} + "/register", [&](const ScriptedTransport::Call& call) {
    auto answer = rig.to_backend()(call);
    token = Json::parse(answer->response->body)["biometricToken"];
    return answer;
  });
  with_finger(rig, test::prokure_unlock(), kPin);
  start_anew(rig);
  (void)guess(rig, kWrong);
  (void)rig.call("unlock.pin", {{"pin", "590372"}, {"email", "x@example.com"}});
  (void)rig.call("unlock.set_pin", {{"pin", "270518"}});
  (void)rig.call("unlock.biometric");
  REQUIRE(token.size() == 64);
  std::vector<std::string> secrets = {kPin, kWrong, "590372", "270518", token};
  for (const auto& [name, value] : rig.keychain()) {
    if (name.starts_with("biometric/")) secrets.push_back(value);
  }
  for (const auto& secret : secrets) {
    INFO(secret.size());
    for (const auto& name : rig.disk().list_files()) {
      const auto bytes = rig.disk().read_file(name).value();
      CHECK(std::search(bytes.begin(), bytes.end(), secret.begin(), secret.end(),
                        [](auto a, auto b) { return static_cast<char>(a) == b; }) == bytes.end());
    }
    for (const auto& message : rig.messages()) {
      const bool carries = message.contains("question") && message["port"] == "biometric.write";
      if (!carries) CHECK(dump_json(message).find(secret) == std::string::npos);
    }
  }
}

}  // namespace
}  // namespace landfall::testing
