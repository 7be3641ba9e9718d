#include "engine/routing/route.hpp"

#include <utility>

#include "engine/routing/dashboards.hpp"

namespace landfall::routing {
namespace {

using profile::RoutingRules;

Decision go(Why why, std::string route) {
  Decision decision;
  decision.why = why;
  decision.route = std::move(route);
  return decision;
}

Decision by_roles(const RoutingRules& rules, const Facts& facts) {
  const auto& roles = *facts.roles;
  if (roles.empty()) return go(Why::no_roles, rules.login);
  if (has_only_web_roles(rules, roles)) {
    Decision decision = go(Why::web_only, rules.login);
    decision.logs_out = true;
    return decision;
  }
  auto dashboards = dashboards_of(rules, roles);
  if (dashboards.empty()) return go(Why::no_dashboard, rules.login);
  const bool is_one = dashboards.size() == 1;
  Decision decision = is_one ? go(Why::one_dashboard, dashboards.front().route)
                             : go(Why::many_dashboards, rules.selection);
  decision.active_role =
      is_one ? dashboards.front().role : role_among(dashboards, facts.active_role);
  decision.dashboards = std::move(dashboards);
  return decision;
}

}  // namespace

std::string_view to_string(Why why) noexcept {
  switch (why) {
    case Why::waiting:
      return "waiting";
    case Why::onboarding:
      return "onboarding";
    case Why::no_session:
      return "no_session";
    case Why::locked:
      return "locked";
    case Why::first_sync:
      return "first_sync";
    case Why::web_only:
      return "web_only";
    case Why::one_dashboard:
      return "one_dashboard";
    case Why::many_dashboards:
      return "many_dashboards";
    case Why::no_dashboard:
      return "no_dashboard";
    case Why::no_roles:
      return "no_roles";
  }
  return "waiting";
}

Decision decide(const RoutingRules& rules, const Facts& facts, Duration waited) {
  const bool may_wait = waited < rules.roles_wait;
  if (!facts.is_onboarded) return go(Why::onboarding, rules.onboarding);
  if (!facts.has_session && may_wait) return go(Why::waiting, {});
  if (!facts.has_session.value_or(false)) return go(Why::no_session, rules.login);
  if (facts.is_locked && !rules.unlock.empty()) return go(Why::locked, rules.unlock);
  if (!facts.is_synced && may_wait) return go(Why::waiting, {});
  if (!facts.is_synced.value_or(true)) return go(Why::first_sync, rules.initial_sync);
  if (!facts.roles && may_wait) return go(Why::waiting, {});
  if (!facts.roles) return go(Why::no_roles, rules.login);
  return by_roles(rules, facts);
}

}  // namespace landfall::routing
