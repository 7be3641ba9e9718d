#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "schema/embedded.hpp"
#include "simulator/net/profile_routes.hpp"
#include "tests/actors/rig.hpp"

// The finger of the IMS app, from the question behind its first login to the switch in its settings
// (I-17 to I-22), and what stands where the seed keeps five entries (I-41).
namespace landfall::testing {
namespace {

using std::chrono::minutes;

constexpr const char* kImsLogin = "/auth/login";
constexpr const char* kImsRefresh = "/auth/refresh";
constexpr const char* kImsMe = "/auth/me";

backend::BackendOptions ims_backend() {
  return net::options_for(Profile::load(schema::profile("ims").value()).value());
}

Json status(Rig& rig) { return rig.call("session.status")["result"]; }

void log_in(Rig& rig) {
  const Json reply =
      rig.call("session.login", {{"email", "lina@ims.example"}, {"password", "lina-pass-1"}});
  INFO(reply.dump());
  REQUIRE(reply["result"]["status"] == "authenticated");
}

void set_up(Rig& rig) {
  rig.set_profile("ims");
  rig.boot();
  log_in(rig);
}

void set_up_with_finger(Rig& rig) {
  set_up(rig);
  REQUIRE(rig.call("unlock.biometric_enrol")["result"]["biometric"]["enrolled"] == true);
}

void start_anew(Rig& rig) {
  rig.kill();
  rig.boot();
}

// What the host was told to show with its last question at this port.
std::string reason_of(const Rig& rig, const std::string& port) {
  std::string reason;
  for (const auto& message : rig.messages()) {
    if (message.value("port", "") == port) reason = message["data"].value("reason", "");
  }
  return reason;
}

// A host whose finger is found to be like that.
void answer_fingers(Rig& rig, const std::string& port, const std::string& found) {
  rig.set_port([&rig, port, found](const std::string& asked, const Json& data) {
    if (asked == port) return std::optional<Json>{Json{{"status", found}}};
    return std::optional<Json>{rig.keychain_answer(asked, data)};
  });
}

bool contains(const std::string& where, const std::string& what) {
  return where.find(what) != std::string::npos;
}

// As it is kept, and what it stands for.
bool carries(const std::string& value, const std::string& secret) {
  const auto bytes = from_base64(value);
  if (!bytes) return contains(value, secret);
  return contains(value, secret) ||
         contains({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, secret);
}

}  // namespace

TEST_CASE(
    "behind a login a finger may be enrolled in the app's words, and no token is copied for it "
    "(I-17, I-18, I-41, INV-A5)") {
  Rig rig(ims_backend());
  std::vector<std::string> tokens;
  rig.script(kImsLogin, [&](const ScriptedTransport::Call& call) {
    auto answer = rig.to_backend()(call);
    const Json body = Json::parse(answer->response->body);
    tokens = {body["accessToken"].get<std::string>(), body["refreshToken"].get<std::string>()};
    return answer;
  });
  set_up(rig);
  CHECK(status(rig)["biometric_enabled"] == false);
  REQUIRE(rig.call("unlock.biometric_enrol")["result"]["biometric"]["enrolled"] == true);
  CHECK(reason_of(rig, "biometric.write") == "Enable biometric login for faster access?");
  CHECK(status(rig)["biometric_enabled"] == true);
  // Access token, refresh token and expiry are one sealed record in a file; the host keeps keys.
  REQUIRE(tokens.size() == 2);
  for (const auto& token : tokens) {
    for (const auto& [name, value] : rig.keychain()) {
      INFO(name);
      CHECK_FALSE(carries(value, token));
    }
    for (const auto& [name, bytes] : rig.disk_media()) {
      INFO(name);
      CHECK_FALSE(contains(std::string(bytes.begin(), bytes.end()), token));
    }
  }
  for (const char* name : {"access_token", "refresh_token", "token_expiry", "biometric_refresh"})
    CHECK_FALSE(rig.keychain().contains(name));
  start_anew(rig);
  CHECK(status(rig)["biometric_enabled"] == true);
}

TEST_CASE(
    "at a start with a finger the server is asked for a new pair, and lets its user in "
    "(I-19, C-8)") {
  Rig rig(ims_backend());
  set_up_with_finger(rig);
  start_anew(rig);
  rig.advance(Duration{10'000});
  CHECK(status(rig)["status"] == "biometricPrompt");
  CHECK(status(rig)["allowed"] == false);
  rig.backend().revoke_access_tokens(
      backend::Backend::seed_users(backend::Dialect::ims).front().id);
  const auto refreshes = rig.network().sent(kImsRefresh).size();
  const auto checks = rig.network().sent(kImsMe).size();
  CHECK(rig.call("unlock.biometric")["result"]["locked"] == false);
  CHECK(reason_of(rig, "biometric.read") == "Log in to IMS");
  CHECK(rig.network().sent(kImsRefresh).size() == refreshes + 1);
  CHECK(rig.network().sent(kImsMe).size() == checks + 2);
  CHECK(status(rig)["status"] == "authenticated");
  CHECK(status(rig)["allowed"] == true);
}

TEST_CASE("a finger that fails leaves the password, which nothing ever bars (I-20, C-9)") {
  Rig rig(ims_backend());
  set_up_with_finger(rig);
  start_anew(rig);
  answer_fingers(rig, "biometric.read", "failed");
  for (int left = 2; left >= 0; --left) {
    const Json failed = rig.call("unlock.biometric")["result"];
    CHECK(failed["code"] == "biometric.failed");
    CHECK(failed["message"] == "This is not the finger or face known here.");
    CHECK(failed["biometric"]["failures_left"] == left);
    CHECK(failed["help"].back() == "login");
  }
  CHECK(rig.call("unlock.biometric")["error"]["code"] == "biometric.exhausted");
  CHECK(rig.call("unlock.status")["result"]["biometric"]["on_failed"] == "password");
  CHECK(rig.call("unlock.status")["result"]["help"] == Json::array({"login"}));
  log_in(rig);
  // The next time the finger is asked for again.
  rig.set_port(nullptr);
  REQUIRE(rig.call("unlock.lock").contains("result"));
  CHECK(status(rig)["status"] == "biometricPrompt");
  CHECK(rig.call("unlock.biometric")["result"]["locked"] == false);
}

TEST_CASE("switched off, a finger is neither asked for nor known any more (I-21)") {
  Rig rig(ims_backend());
  set_up_with_finger(rig);
  CHECK(rig.call("unlock.remove", {{"what", "biometric"}})["result"]["biometric"]["enrolled"] ==
        false);
  CHECK(status(rig)["biometric_enabled"] == false);
  CHECK(rig.call("unlock.biometric")["error"]["code"] == "biometric.not_enrolled");
  start_anew(rig);
  CHECK(status(rig)["status"] == "authenticated");
  CHECK(status(rig)["biometric_enabled"] == false);
  // And the token behind it is left for idleness as without one (I-23).
  rig.advance(minutes{31});
  CHECK(status(rig)["status"] == "unauthenticated");
  CHECK(status(rig)["code"] == "session.idle");
}

TEST_CASE("where a phone has no fingers to look at, none is enrolled or asked for (I-17, I-22)") {
  Rig rig(ims_backend());
  set_up(rig);
  const std::string found = GENERATE("unavailable", "not_set_up", "lockout", "cancelled");
  answer_fingers(rig, "biometric.write", found);
  const Json reply = rig.call("unlock.biometric_enrol");
  INFO(reply.dump());
  if (found == "cancelled") {
    CHECK(reply["result"]["code"] == "biometric.cancelled");
  } else {
    CHECK(reply["error"]["code"] == "biometric." + found);
  }
  CHECK(status(rig)["biometric_enabled"] == false);
  start_anew(rig);
  CHECK(status(rig)["status"] == "authenticated");
  CHECK(rig.call("unlock.status")["result"]["help"] == Json::array({"login"}));
}

}  // namespace landfall::testing
