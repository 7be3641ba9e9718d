#include "engine/routing/route.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/host/routing_json.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

using namespace landfall;
using routing::Decision;
using routing::Facts;
using routing::Why;

namespace {

using Roles = std::vector<std::string>;

constexpr Duration kBound{3'000};

const Profile& almafrica() {
  static const Profile profile = Profile::load(schema::profile("almafrica").value()).value();
  return profile;
}

// Somebody who was through all that comes before roles.
Facts somebody(std::optional<Roles> roles) {
  Facts facts;
  facts.is_onboarded = true;
  facts.has_session = true;
  facts.is_synced = true;
  facts.roles = std::move(roles);
  return facts;
}

Decision decide(const Facts& facts, Duration waited = Duration{0}) {
  return routing::decide(almafrica().routing.value(), facts, waited);
}

Decision decide_for(Roles roles) { return decide(somebody(std::move(roles))); }

Roles roles_of(const Decision& decision) {
  Roles roles;
  for (const auto& dashboard : decision.dashboards) roles.push_back(dashboard.role);
  return roles;
}

}  // namespace

TEST_CASE("A-33: onboarding comes first, then a login, then the first sync, then the roles") {
  Facts facts;
  facts.has_session = false;
  CHECK(decide(facts).route == "/onboarding");
  facts.is_onboarded = true;
  CHECK(decide(facts).route == "/login");
  CHECK(decide(facts).why == Why::no_session);
  facts.has_session = true;
  facts.is_synced = false;
  facts.roles = Roles{"fsa"};
  CHECK(decide(facts).route == "/initial-sync");
  facts.is_synced = true;
  CHECK(decide(facts).route == "/fsa-home");
}

TEST_CASE(
    "A-33 A-39: what is not known is waited for, at most three seconds, and then gone without") {
  Facts facts;
  facts.is_onboarded = true;
  for (const auto waited : {Duration{0}, kBound - Duration{1}}) {
    CHECK(decide(facts, waited).why == Why::waiting);
    CHECK(decide(facts, waited).route.empty());
  }
  CHECK(decide(facts, kBound).why == Why::no_session);
  CHECK(decide(facts, kBound).route == "/login");

  const Facts no_roles = somebody(std::nullopt);
  CHECK(decide(no_roles, kBound - Duration{1}).why == Why::waiting);
  CHECK(decide(no_roles, kBound).why == Why::no_roles);
  CHECK(decide(no_roles, kBound).route == "/login");
  CHECK_FALSE(decide(no_roles, kBound).logs_out);

  Facts no_sync = somebody(Roles{"csa"});
  no_sync.is_synced.reset();
  CHECK(decide(no_sync, kBound - Duration{1}).why == Why::waiting);
  CHECK(decide(no_sync, kBound).route == "/csa-home");
}

TEST_CASE("A-33: nothing is waited for where all is known") {
  CHECK(decide_for({"fsa"}).why == Why::one_dashboard);
}

TEST_CASE("A-34: roles that work on the web alone are logged out, beside another they are not") {
  for (const Roles& roles : {Roles{"admin"}, Roles{"manager"}, Roles{"Manager", "ADMIN"}}) {
    const auto decision = decide_for(roles);
    CHECK(decision.why == Why::web_only);
    CHECK(decision.route == "/login");
    CHECK(decision.logs_out);
    CHECK(decision.dashboards.empty());
  }
  const auto mixed = decide_for({"manager", "fsa"});
  CHECK(mixed.route == "/fsa-home");
  CHECK_FALSE(mixed.logs_out);
  CHECK(roles_of(mixed) == Roles{"fsa"});
}

TEST_CASE("A-34: who is logged out for their role is told why") {
  const Json json = host::routing_json(almafrica(), decide_for({"admin"}));
  CHECK(json["message"] == "Your role works in the web application.");
  CHECK_FALSE(host::routing_json(almafrica(), decide_for({"fsa"})).contains("message"));
}

TEST_CASE("A-35: with more than one dashboard the user chooses, whichever was chosen before") {
  Facts facts = somebody(Roles{"fsa", "dataAgent"});
  facts.active_role = "dataAgent";
  const auto decision = decide(facts);
  CHECK(decision.why == Why::many_dashboards);
  CHECK(decision.route == "/role-selection");
  CHECK(roles_of(decision) == Roles{"fsa", "dataAgent"});
  CHECK(decision.active_role == "dataAgent");
}

TEST_CASE("A-36: each single role has its screen, and becomes the active one") {
  const std::vector<std::pair<std::string, std::string>> screens{
      {"warehouseManager", "/warehouse-home"},
      {"warehouseOperator", "/warehouse-home"},
      {"fsa", "/fsa-home"},
      {"csa", "/csa-home"},
      {"dataAgent", "/data-agent-home"}};
  for (const auto& [role, route] : screens) {
    INFO(role);
    const auto decision = decide_for({role});
    CHECK(decision.why == Why::one_dashboard);
    CHECK(decision.route == route);
    CHECK(decision.active_role == role);
  }
}

TEST_CASE("A-36: an unknown role falls back to one that has a screen, and to the login with none") {
  CHECK(decide_for({"auditor", "csa"}).route == "/csa-home");
  const auto nowhere = decide_for({"auditor"});
  CHECK(nowhere.why == Why::no_dashboard);
  CHECK(nowhere.route == "/login");
  CHECK_FALSE(nowhere.logs_out);
  const auto nobody = decide_for({});
  CHECK(nobody.why == Why::no_roles);
  CHECK(nobody.route == "/login");
  CHECK_FALSE(nobody.logs_out);
}

TEST_CASE("A-36 A-37: an agent works as FSA and CSA, a super agent in the field's data as well") {
  CHECK(roles_of(decide_for({"agent"})) == Roles{"fsa", "csa"});
  CHECK(decide_for({"agent"}).route == "/role-selection");
  CHECK(roles_of(decide_for({"superAgent"})) == Roles{"fsa", "csa", "dataAgent"});
  CHECK(roles_of(decide_for({"SUPERAGENT"})) == Roles{"fsa", "csa", "dataAgent"});
}

TEST_CASE("A-37: each route is offered once, but for the two roles of the warehouse") {
  CHECK(roles_of(decide_for({"fsa", "agent", "superAgent"})) == Roles{"fsa", "csa", "dataAgent"});
  const auto warehouse = decide_for({"warehouseManager", "warehouseOperator"});
  CHECK(roles_of(warehouse) == Roles{"warehouseManager", "warehouseOperator"});
  CHECK(warehouse.dashboards.front().route == warehouse.dashboards.back().route);
  CHECK(warehouse.route == "/role-selection");

  profile::RoutingRules rules = almafrica().routing.value();
  for (auto& dashboard : rules.dashboards) dashboard.is_distinct = false;
  const auto one =
      routing::decide(rules, somebody(Roles{"warehouseManager", "warehouseOperator"}), Duration{0});
  CHECK(roles_of(one) == Roles{"warehouseManager"});
  CHECK(one.route == "/warehouse-home");
}

TEST_CASE("A-38: a role that is not the user's any more is not the active one") {
  Facts facts = somebody(Roles{"fsa", "csa"});
  facts.active_role = "dataAgent";
  CHECK(decide(facts).active_role.empty());
  facts.active_role = "CSA";
  CHECK(decide(facts).active_role == "csa");
}

TEST_CASE("A-38: a card has what it shows") {
  const Json json = host::routing_json(almafrica(), decide_for({"fsa"}));
  const Json expected{{"role", "fsa"},
                      {"route", "/fsa-home"},
                      {"name", "Field Support"},
                      {"description", "Register farmers and visit them"},
                      {"icon", "farmers"}};
  CHECK(json["dashboards"] == Json::array({expected}));
  CHECK(json["why"] == "one_dashboard");
  CHECK(json["active_role"] == "fsa");
}

TEST_CASE("A-51: a locked app asks for the PIN before it shows what its user may do") {
  Facts facts = somebody(Roles{"agent"});
  facts.is_locked = true;
  const auto decision = decide(facts);
  CHECK(decision.why == Why::locked);
  CHECK(decision.route == "/offline-pin");
  CHECK(decision.dashboards.empty());
  facts.has_session = false;
  CHECK(decide(facts).route == "/login");
}
