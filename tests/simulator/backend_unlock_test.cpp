#include <array>
#include <cstddef>
#include <string>

#include <catch2/catch.hpp>

#include "engine/unlock/biometric_key.hpp"
#include "tests/simulator/backend_client.hpp"

// The server's side of what opens a phone without a password: its PIN and its finger.
namespace landfall::backend {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr const char* kPin = "481629";
constexpr const char* kBiometric = "/api/mobile/auth/biometric";
constexpr const char* kRegister = "/api/mobile/auth/biometric/register";

// Asha's phone, logged in, and what it may try.
struct Owner {
  Owner() { REQUIRE(phone.login().status == 200); }

  void register_pin() {
    const Json body{{"device_id", phone.device_id}, {"pin", kPin}};
    REQUIRE(phone.post("/api/mobile/auth/pin", body).status == 200);
  }
  Reply by_pin(const std::string& pin) { return by_pin(phone, "asha@prokure.example", pin); }
  static Reply by_pin(Client& from, const std::string& email, const std::string& pin) {
    return from.post("/api/auth/login", {{"email", email},
                                         {"password", pin},
                                         {"mode", "PIN"},
                                         {"device_id", from.device_id},
                                         {"platform", "IOS"}});
  }

  void enrol() {
    const Reply reply = phone.post(
        kRegister, {{"device_id", phone.device_id}, {"public_key", finger.public_key()}});
    REQUIRE(reply.status == 200);
    token = reply.body["biometricToken"].get<std::string>();
  }
  // What the phone says behind a good look, signed with that key.
  [[nodiscard]] Json statement(const unlock::BiometricKey& key, Instant at) const {
    return {{"biometric_token", token},
            {"device_id", phone.device_id},
            {"signed_at", format_rfc3339(at)},
            {"signature", key.sign(unlock::login_statement(phone.device_id, token, at))}};
  }
  std::string refusal(const Json& body) {
    const Reply reply = phone.post(kBiometric, body);
    CHECK(reply.status == 401);
    return reply.error_code();
  }

  Server server;
  Client phone{server};
  SeededSecureRandom random{std::array<std::byte, 32>{std::byte{5}}};
  unlock::BiometricKey finger = unlock::BiometricKey::generate(random);
  std::string token;
};

TEST_CASE("P-23 P-24: the server verifies a PIN, and five wrong ones lock it for 15 minutes") {
  Owner asha;
  CHECK(asha.by_pin(kPin).error_code() == "invalid_credentials");
  asha.register_pin();
  CHECK(asha.by_pin(kPin).body.contains("accessToken"));
  for (int i = 0; i < 4; ++i) CHECK(asha.by_pin("481620").status == 401);
  CHECK(asha.by_pin(kPin).status == 200);
  for (int i = 0; i < 5; ++i) CHECK(asha.by_pin("481620").error_code() == "invalid_credentials");
  CHECK(asha.by_pin(kPin).error_code() == "ACCOUNT_LOCKED");
  CHECK(asha.by_pin(kPin).status == 401);
  // The lock bars this way in and nobody else's.
  CHECK(asha.phone.login_without_keeping().status == 200);
  asha.server.now = asha.server.now + minutes{15} - Duration{1};
  CHECK(asha.by_pin(kPin).error_code() == "ACCOUNT_LOCKED");
  asha.server.now = asha.server.now + Duration{1};
  CHECK(asha.by_pin(kPin).status == 200);
}

TEST_CASE("P-23: a PIN opens the device that registered it, and no other") {
  Owner asha;
  asha.register_pin();
  Client other(asha.server, "device-2");
  const Reply elsewhere = Owner::by_pin(other, "asha@prokure.example", kPin);
  CHECK(elsewhere.status == 401);
  CHECK(Owner::by_pin(other, "nobody@prokure.example", kPin).body == elsewhere.body);
  Client ravi(asha.server, "device-3", 1);
  CHECK(Owner::by_pin(ravi, "ravi@prokure.example", kPin).status == 401);
  CHECK(asha.by_pin(kPin).status == 200);
}

TEST_CASE("P-9 P-12 P-88: a finger's token is good for thirty days, and then enrolled anew") {
  Owner asha;
  asha.enrol();
  CHECK(asha.phone.post(kBiometric, asha.statement(asha.finger, asha.server.now)).status == 200);
  asha.server.now = asha.server.now + hours{30 * 24} - Duration{1};
  CHECK(asha.phone.post(kBiometric, asha.statement(asha.finger, asha.server.now)).status == 200);
  asha.server.now = asha.server.now + Duration{1};
  CHECK(asha.refusal(asha.statement(asha.finger, asha.server.now)) == "biometric_expired");
  const std::string before = asha.token;
  REQUIRE(asha.phone.login().status == 200);
  asha.enrol();
  CHECK(asha.token != before);
  CHECK(asha.phone.post(kBiometric, asha.statement(asha.finger, asha.server.now)).status == 200);
}

TEST_CASE("P-12 P-13: a finger's token needs its device and a fresh signature by its key") {
  Owner asha;
  asha.enrol();
  const auto stranger = unlock::BiometricKey::generate(asha.random);
  CHECK(asha.refusal(asha.statement(stranger, asha.server.now)) == "biometric_signature");
  const Instant long_ago = asha.server.now - hours{48};
  CHECK(asha.refusal(asha.statement(asha.finger, long_ago)) == "biometric_signature");
  Json moved = asha.statement(asha.finger, asha.server.now);
  moved["device_id"] = "device-2";
  CHECK(asha.refusal(moved) == "biometric_device");
  Json unknown = asha.statement(asha.finger, asha.server.now);
  unknown["biometric_token"] = std::string(64, '0');
  CHECK(asha.refusal(unknown) == "biometric_unknown");
  Json unsigned_one = asha.statement(asha.finger, asha.server.now);
  unsigned_one.erase("signature");
  CHECK(asha.phone.post(kBiometric, unsigned_one).status == 400);
  for (const Json& wrong :
       {Json{{"device_id", "device-1"}, {"public_key", "no key"}},
        Json{{"device_id", "device-2"}, {"public_key", asha.finger.public_key()}},
        Json{{"device_id", "device-1"}}})
    CHECK(asha.phone.post(kRegister, wrong).status == 400);
}

}  // namespace
}  // namespace landfall::backend
