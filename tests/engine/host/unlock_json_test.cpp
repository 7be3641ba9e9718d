#include "engine/host/unlock_json.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"

using namespace landfall;

namespace {

Profile shipped(const char* name) { return Profile::load(*schema::profile(name)).value(); }

Json told(const Profile& profile, const char* code) {
  return host::unlock_json(profile, unlock::UnlockStatus{}, code);
}

}  // namespace

TEST_CASE("A-54 I-20: a try that opened nothing is said in the profile's words, or by its code") {
  CHECK(told(shipped("almafrica"), "pin.wrong")["message"] == "This PIN is not right.");
  CHECK(told(shipped("prokure"), "pin.wrong")["message"] == "This PIN is not right.");
  for (const char* name : {"prokure", "ims"}) {
    const Profile profile = shipped(name);
    CHECK(told(profile, "biometric.failed")["message"] ==
          "This is not the finger or face known here.");
    CHECK(told(profile, "biometric.cancelled")["message"] == "No finger or face was shown.");
  }
  // Almafrica has no biometrics, and no text for them.
  const Json unsaid = told(shipped("almafrica"), "biometric.failed");
  CHECK(unsaid["code"] == "biometric.failed");
  CHECK(unsaid["message"] == "biometric.failed");
}

TEST_CASE("A-56: what opened it, or was not tried, is told without a code or words") {
  const Json status = told(shipped("prokure"), "");
  CHECK_FALSE(status.contains("code"));
  CHECK_FALSE(status.contains("message"));
  CHECK(status["idle_s"] == 1'800);
}
