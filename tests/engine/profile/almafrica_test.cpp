#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/unlock/three_apps.hpp"

using namespace landfall;
using profile::AuthKind;

namespace {

Json shipped() { return Json::parse(*schema::profile("almafrica")); }

const Profile& almafrica() {
  static const Profile profile = Profile::load(*schema::profile("almafrica")).value();
  return profile;
}

std::string refused_at(const Json& changed) {
  const auto loaded = Profile::load(dump_json(changed));
  return loaded ? "it loads" : loaded.error().field.value_or("");
}

std::string refused_with(const char* pointer, const Json& value) {
  Json changed = shipped();
  changed[Json::json_pointer(pointer)] = value;
  return refused_at(changed);
}

}  // namespace

TEST_CASE("A-7 A-21 A-26 A-27 A-58 A-62 C-5 C-27: Almafrica's calls are those of the seed") {
  const std::vector<std::tuple<std::string, std::string, std::string, AuthKind>> calls{
      {"login", "POST", "/api/auth/login", AuthKind::none},
      {"register", "POST", "/api/auth/register", AuthKind::none},
      {"refresh", "POST", "/api/auth/refresh-token", AuthKind::refresh},
      {"logout", "POST", "/api/auth/logout", AuthKind::refresh},
      {"permissions_by_role", "GET", "/api/auth/my-permissions-by-role", AuthKind::jwt},
      {"second_factor_setup", "POST", "/api/user-management/2fa/setup", AuthKind::jwt},
      {"second_factor_verify", "POST", "/api/user-management/2fa/verify", AuthKind::jwt},
      {"second_factor_disable", "POST", "/api/user-management/2fa/disable", AuthKind::jwt},
      {"second_factor_backup_codes", "POST", "/api/user-management/2fa/backup-codes",
       AuthKind::jwt}};
  for (const auto& [name, method, path, kind] : calls) {
    INFO(name);
    const auto* endpoint = almafrica().endpoint(name);
    REQUIRE(endpoint != nullptr);
    CHECK(endpoint->method == method);
    CHECK(endpoint->path == path);
    CHECK(endpoint->auth == kind);
  }
  CHECK(*almafrica().endpoint("login")->body == Json{{"emailOrUsername", "${email}"},
                                                     {"password", "${password}"},
                                                     {"rememberMe", "${remember_me}"}});
  CHECK(*almafrica().endpoint("refresh")->body == Json{{"refreshToken", "${refresh_token}"}});
  CHECK(almafrica().realtime.value().hub == "/hubs/permissions");
}

TEST_CASE("C-7 C-13 C-12: no refresh ahead, no logout for idleness, thirty days without a server") {
  CHECK(almafrica().auth.refresh.ahead == Duration{0});
  CHECK(almafrica().unlock.idle.then == profile::OnIdle::none);
  CHECK(almafrica().unlock.offline_for == std::chrono::hours{30 * 24});
  CHECK_FALSE(almafrica().unlock.biometric.has_value());
}

TEST_CASE("A-51 A-54 C-1 C-2: the PIN's rules are those that the ladder's tests use") {
  CHECK(shipped()["unlock"] == test::almafrica_unlock());
}

TEST_CASE("A-46 C-16: the hub is tried after 1, 2, 4, 8, 16 and 30 s") {
  const auto& backoff = almafrica().realtime.value().backoff;
  const std::vector<Duration> expected{Duration{1'000}, Duration{2'000},  Duration{4'000},
                                       Duration{8'000}, Duration{16'000}, Duration{30'000}};
  CHECK(backoff == expected);
}

TEST_CASE("C-26: one 401 of a login has two meanings, and of other calls none") {
  const auto& errors = almafrica().errors;
  CHECK(errors.mapped("login", 401, "ACCOUNT_LOCKED") == "login.account_locked");
  CHECK(errors.mapped("login", 401, "INVALID_CREDENTIALS") == "login.invalid_credentials");
  CHECK(errors.mapped("login", 403, "INVALID_CREDENTIALS").empty());
  CHECK(errors.mapped("pull", 401, "ACCOUNT_LOCKED").empty());
}

TEST_CASE("A mistake in routing, in the map of errors or in what is passed through is named") {
  CHECK(refused_with("/routing/login", "login") == "routing.login");
  CHECK(refused_with("/routing/dashboards/0/route", "//evil") == "routing.dashboards[0].route");
  CHECK(refused_with("/routing/dashboards/1/role", "FSA") == "routing.dashboards[1].role");
  CHECK(refused_with("/routing/dashboards", Json::array()) == "routing.dashboards");
  CHECK(refused_with("/routing/composites/agent", Json::array({"pilot"})) ==
        "routing.composites.agent");
  CHECK(refused_with("/routing/composites/fsa", Json::array({"csa"})) == "routing.composites.fsa");
  CHECK(refused_with("/routing/web_only", Json::array({"fsa"})) == "routing.web_only");
  CHECK(refused_with("/routing/roles_wait_s", 61) == "routing.roles_wait_s");
  CHECK(refused_with("/routing/surprise", 1) == "routing.surprise");
  CHECK(refused_with("/errors/map/0/endpoint", "nowhere") == "errors.map[0].endpoint");
  CHECK(refused_with("/errors/map/0/status", 200) == "errors.map[0].status");
  CHECK(refused_with("/auth/passthrough_paths", Json::array({"/nowhere"})) ==
        "auth.passthrough_paths[0]");
  Json no_roles = shipped();
  no_roles["endpoints"]["login"]["reply"].erase("roles");
  CHECK(refused_at(no_roles) == "it loads");
  no_roles["auth"]["claims"].erase("roles");
  CHECK(refused_at(no_roles) == "endpoints.login.reply.roles");
}
