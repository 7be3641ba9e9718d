#include "engine/profile/unlock_rules.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

#include "tests/engine/unlock/three_apps.hpp"

using namespace landfall;
using namespace landfall::test;

namespace {

// The path of the first mistake; empty when there is none.
std::string mistake(const Json& profile) {
  const auto loaded = Profile::load(dump_json(profile));
  return loaded ? "" : loaded.error().field.value_or("?");
}

std::string mistake_with(const char* pointer, const Json& value) {
  Json unlock = prokure_unlock();
  unlock[Json::json_pointer(pointer)] = value;
  return mistake(profile_with(unlock));
}

}  // namespace

TEST_CASE("one form holds the three apps' ways to unlock (C-1, C-2, C-8 to C-13)") {
  const Profile prokure = loaded(profile_with(prokure_unlock()));
  CHECK(prokure.unlock.offline_for == std::chrono::hours{7 * 24});
  CHECK(prokure.unlock.pin->digits_min == 6);
  CHECK(prokure.unlock.biometric->mode == profile::BiometricMode::server_token);
  CHECK(prokure.unlock.biometric->on_failed == profile::OnBiometricFailed::pin);
  CHECK(prokure.unlock.idle.then == profile::OnIdle::lock);
  const Profile ims = loaded(profile_with(ims_unlock()));
  CHECK_FALSE(ims.unlock.pin.has_value());
  CHECK(ims.unlock.offline_for == Duration{0});
  CHECK(ims.unlock.biometric->on_cancelled == profile::OnBiometricCancelled::password);
  CHECK(ims.unlock.idle.then == profile::OnIdle::logout);
  const Profile almafrica = loaded(profile_with(almafrica_unlock()));
  CHECK(almafrica.unlock.offline_for == std::chrono::hours{30 * 24});
  CHECK(almafrica.unlock.pin->steps.size() == 4);
  CHECK_FALSE(almafrica.unlock.biometric.has_value());
  CHECK(almafrica.unlock.idle.then == profile::OnIdle::none);
}

TEST_CASE("an app without a word on it has no lock") {
  Json profile = profile_with(Json());
  profile.erase("unlock");
  const Profile plain = loaded(profile);
  CHECK_FALSE(plain.unlock.pin.has_value());
  CHECK_FALSE(plain.unlock.biometric.has_value());
  CHECK(plain.unlock.idle.then == profile::OnIdle::none);
}

TEST_CASE("what makes no sense of a lock is named by its path") {
  CHECK(mistake_with("/pin/digits_min", 3) == "unlock.pin.digits_min");
  CHECK(mistake_with("/pin/digits_max", 5) == "unlock.pin.digits_max");
  CHECK(mistake_with("/pin/lockout/hard_at", 11) == "unlock.pin.lockout.hard_at");
  CHECK(mistake_with("/pin/lockout/hard_at", 5) == "unlock.pin.lockout.steps[0].at");
  CHECK(mistake_with("/pin/kdf/memory_kib", 1) == "unlock.pin.kdf.memory_kib");
  CHECK(mistake_with("/pin/length", 6) == "unlock.pin.length");
  CHECK(mistake_with("/offline_hours", -1) == "unlock.offline_hours");
  CHECK(mistake_with("/biometric/mode", "copy") == "unlock.biometric.mode");
  CHECK(mistake_with("/idle/after_s", 1) == "unlock.idle.after_s");
  const Json falling = {{{"at", 3}, {"wait_s", 60}}, {{"at", 4}, {"wait_s", 30}}};
  CHECK(mistake_with("/pin/lockout/steps", falling) == "unlock.pin.lockout.steps[1].at");
  Json no_pin = prokure_unlock();
  no_pin.erase("pin");
  CHECK(mistake(profile_with(no_pin)) == "unlock.biometric");
}

TEST_CASE("what an unlock asks the server must be among the endpoints (C-8)") {
  Json profile = profile_with(prokure_unlock());
  profile["endpoints"].erase("biometric");
  CHECK(mistake(profile) == "endpoints.biometric");
  profile = profile_with(ims_unlock());
  profile["endpoints"].erase("me");
  CHECK(mistake(profile) == "endpoints.me");
  profile = profile_with(prokure_unlock());
  profile["endpoints"].erase("pin_register");
  CHECK(mistake(profile) == "endpoints.pin_register");
}
