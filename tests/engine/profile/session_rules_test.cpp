#include "engine/profile/session_rules.hpp"

#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

using namespace landfall;
using nlohmann::json;

namespace {

json ims() { return json::parse(schema::profile("ims").value()); }

std::string refused_at(const json& profile) {
  const auto loaded = Profile::load(profile.dump());
  return loaded ? "" : loaded.error().field.value_or("");
}

json with_steps(std::vector<std::string> steps) {
  json profile = ims();
  profile["auth"]["logout"]["steps"] = std::move(steps);
  return profile;
}

}  // namespace

TEST_CASE("I-13 I-15 I-23 C-4 C-7 C-8 C-11 C-14 C-15: the IMS app says what its seed says") {
  const auto loaded = Profile::load(schema::profile("ims").value());
  REQUIRE(loaded.has_value());
  const Profile& profile = *loaded;
  CHECK(profile.auth.refresh.ahead == std::chrono::seconds{60});
  CHECK(profile.auth.refresh.on_rejected == profile::OnRefreshRejected::logout);
  const auto& session = profile.auth.session;
  CHECK(session.login_name == profile::LoginName::email);
  CHECK(session.remember == profile::Remember::email);
  CHECK(session.logout.calls == std::vector<std::string>{"unregister_device", "logout"});
  CHECK(session.logout.clears_cache);
  CHECK(session.on_foreground == profile::OnForeground::check);
  CHECK(session.on_switch == profile::SwitchCache::clear);
  CHECK(profile.unlock.idle.then == profile::OnIdle::logout);
  CHECK(profile.unlock.idle.after == std::chrono::minutes{30});
  CHECK_FALSE(profile.unlock.pin);
  REQUIRE(profile.unlock.biometric);
  CHECK(profile.unlock.biometric->mode == profile::BiometricMode::sealed_refresh);
  CHECK(profile.unlock.biometric->on_failed == profile::OnBiometricFailed::password);
  CHECK(profile.unlock.offline_for == Duration{0});
}

TEST_CASE("I-2 I-6 I-14 I-25 I-26 C-5: the IMS app's calls are those of its seed") {
  const Profile profile = Profile::load(schema::profile("ims").value()).value();
  const auto line = [&](const char* name) {
    const auto* endpoint = profile.endpoint(name);
    REQUIRE(endpoint != nullptr);
    return endpoint->method + " " + endpoint->path;
  };
  CHECK(line("login") == "POST /auth/login");
  CHECK(line("register") == "POST /auth/register");
  CHECK(line("refresh") == "POST /auth/refresh");
  CHECK(line("logout") == "POST /auth/logout");
  CHECK(line("me") == "GET /auth/me");
  CHECK(line("unregister_device") == "DELETE /notifications/unregister-device");
}

TEST_CASE(
    "I-4 I-5 I-8 I-9 I-10 I-15 I-17 I-19 I-23 I-31 I-36: the IMS app's texts are those of its "
    "seed") {
  const Profile profile = Profile::load(schema::profile("ims").value()).value();
  const std::vector<std::pair<const char*, const char*>> texts = {
      {"login.email_missing", "Email is required"},
      {"login.password_missing", "Password is required"},
      {"login.email_invalid", "Enter a valid email address"},
      {"login.invalid_credentials", "Invalid email or password"},
      {"login.no_connection", "No internet connection. Please check your network."},
      {"login.server_error", "Something went wrong. Please try again later."},
      {"session.expired", "Your session has expired. Please log in again."},
      {"session.idle", "You have been logged out due to inactivity."},
      {"unlock.biometric", "Log in to IMS"},
      {"unlock.biometric_enrol", "Enable biometric login for faster access?"},
      {"busy.biometric", "Authenticating..."},
      {"network.offline", "You are offline. Some features may be unavailable."}};
  for (const auto& [key, text] : texts) CHECK(profile.message(key) == text);
  REQUIRE(profile.connectivity.offline_banner);
  CHECK(profile.connectivity.offline_banner->message == "network.offline");
  CHECK(profile.connectivity.offline_banner->background == "#faad14");
}

TEST_CASE("A-13 C-14: no app that ships keeps a password") {
  for (const auto name : schema::profile_names()) {
    INFO(name);
    const auto shipped = Profile::load(schema::profile(name).value());
    REQUIRE(shipped.has_value());
    CHECK(shipped->auth.session.remember == profile::Remember::email);
  }
}

TEST_CASE("C-15: steps of a logout that cannot work are refused when the profile is loaded") {
  CHECK(refused_at(with_steps({"unregister_device", "logout", "clear_tokens"})).empty());
  CHECK(refused_at(with_steps({"clear_cache", "logout", "clear_tokens"})).empty());
  // The order of the seed: the device is unregistered when there is no token for it any more.
  CHECK(refused_at(with_steps({"logout", "clear_tokens", "clear_cache", "unregister_device"})) ==
        "auth.logout.steps");
  // The server takes no access token of a session that has ended.
  CHECK(refused_at(with_steps({"logout", "unregister_device", "clear_tokens"})) ==
        "auth.logout.steps");
  CHECK(refused_at(with_steps({"logout"})) == "auth.logout.steps");
  CHECK(refused_at(with_steps({"login", "clear_tokens"})) == "auth.logout.steps");
  CHECK(refused_at(with_steps({"nothing", "clear_tokens"})) == "auth.logout.steps");
}

TEST_CASE(
    "C-14 C-22: what a profile may not say of sessions, and what follows where it is silent") {
  const std::vector<std::pair<const char*, const char*>> wrong = {
      {"login_name", "auth.login_name"},
      {"remember", "auth.remember"},
      {"on_foreground", "auth.on_foreground"},
      {"switch_cache", "auth.switch_cache"}};
  for (const auto& [key, field] : wrong) {
    json profile = ims();
    profile["auth"][key] = "sometimes";
    CHECK(refused_at(profile) == field);
  }
  json colour = ims();
  colour["connectivity"]["offline_banner"]["background"] = "yellow!";
  CHECK(refused_at(colour) == "connectivity.offline_banner.background");
  json no_me = ims();
  no_me["unlock"].erase("biometric");
  no_me["endpoints"].erase("me");
  CHECK(refused_at(no_me) == "auth.on_foreground");

  const Profile prokure = Profile::load(schema::profile("prokure").value()).value();
  const auto& silent = prokure.auth.session;
  CHECK(silent.login_name == profile::LoginName::any);
  CHECK(silent.remember == profile::Remember::email);
  CHECK(silent.logout.calls == std::vector<std::string>{"logout"});
  CHECK_FALSE(silent.logout.clears_cache);
  CHECK(silent.on_foreground == profile::OnForeground::nothing);
  CHECK(silent.on_switch == profile::SwitchCache::keep);
}
