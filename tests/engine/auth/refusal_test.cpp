#include "engine/auth/refusal.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

using namespace landfall;
using auth::After401;
using auth::AfterRefusal;
using profile::OnRefreshRejected;

namespace {

Profile shipped(const std::string& name) { return Profile::load(*schema::profile(name)).value(); }

}  // namespace

TEST_CASE("A-19: neither a login nor a registration nor a refresh begins a refresh with its 401") {
  const Profile profile = shipped("almafrica");
  for (const char* name : {"login", "register", "refresh", "logout", "probe"}) {
    INFO(name);
    CHECK(auth::after_401(profile, *profile.endpoint(name), false) == After401::pass);
  }
  CHECK(auth::after_401(profile, *profile.endpoint("pull"), false) == After401::replay);
}

TEST_CASE("A-19 C-6: a path that is passed through is so with an access token too") {
  Profile profile = shipped("almafrica");
  const auto& verify = *profile.endpoint("second_factor_verify");
  CHECK(auth::after_401(profile, verify, false) == After401::replay);
  profile.auth.passthrough_paths.push_back(verify.path);
  CHECK(auth::after_401(profile, verify, false) == After401::pass);
}

TEST_CASE("A-23 C-6: a call is replayed once, and what may not be repeated never") {
  Profile profile = shipped("almafrica");
  auto& push = profile.endpoints.at("push");
  CHECK(auth::after_401(profile, push, false) == After401::replay);
  CHECK(auth::after_401(profile, push, true) == After401::refresh);
  push.replay = false;
  CHECK(auth::after_401(profile, push, false) == After401::refresh);
}

TEST_CASE("C-4 A-25: a refused refresh changes nothing before somebody needs the server") {
  const auto rule = shipped("almafrica").auth.refresh.on_rejected;
  CHECK(rule == OnRefreshRejected::keep);
  CHECK(auth::after_refusal(rule, false) == AfterRefusal::stays);
  CHECK(auth::after_refusal(rule, true) == AfterRefusal::asks);
}

TEST_CASE("C-4: a refused refresh logs out, or asks at once, where the profile says so") {
  for (const bool is_needed : {false, true}) {
    CHECK(auth::after_refusal(OnRefreshRejected::logout, is_needed) == AfterRefusal::ends);
    CHECK(auth::after_refusal(OnRefreshRejected::ask, is_needed) == AfterRefusal::asks);
  }
  CHECK(shipped("prokure").auth.refresh.on_rejected == OnRefreshRejected::ask);
}

TEST_CASE("A-20 A-24: a call whose 401 no refresh cured gets it where the session is kept") {
  CHECK(auth::gets_its_401(shipped("almafrica").auth));
  CHECK_FALSE(auth::gets_its_401(shipped("prokure").auth));
}
