#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/backend/parts.hpp"
#include "simulator/backend/reply.hpp"
#include "simulator/backend/seed_data.hpp"

// The hub and the rights of a backend.
namespace landfall::backend {
namespace {

constexpr std::size_t kBodyBytesMax = 4U * 1024U * 1024U;

// The value of one key of a query, as it stands there: what is asked for needs no escapes.
std::string value_in(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    if (part.size() > key.size() && part.starts_with(key) && part[key.size()] == '=')
      return std::string{part.substr(key.size() + 1)};
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

// "entity_type/action" of each operation that a push carries.
std::vector<std::string> pushed_actions(std::string_view body) {
  const auto json = parse_json(body, {kBodyBytesMax});
  if (!json || !json->is_object()) return {};
  const auto operations = json->find("operations");
  if (operations == json->end() || !operations->is_array()) return {};
  std::vector<std::string> actions;
  for (const Json& operation : *operations) {
    if (!operation.is_object()) continue;
    const auto type = string_at(operation, "entity_type");
    const auto action = string_at(operation, "action");
    if (type && action) actions.push_back(*type + "/" + *action);
  }
  return actions;
}

std::string bulk_action(std::string_view body) {
  const auto json = parse_json(body, {kBodyBytesMax});
  const bool rejects = json && json->is_object() && json->value("action", Json()) == "REJECT";
  return rejects ? "approval/reject" : "approval/approve";
}

// The same of each operation that a call carries.
std::vector<std::string> actions_in(const RouteMatch& match, std::string_view body) {
  switch (match.route->id) {
    case RouteId::approve:
      return {"approval/approve"};
    case RouteId::reject:
      return {"approval/reject"};
    case RouteId::update_pr:
      return {"pr/update"};
    case RouteId::bulk:
      return {bulk_action(body)};
    case RouteId::push:
      return pushed_actions(body);
    default:
      return {};
  }
}

}  // namespace

http::Response Backend::Parts::permissions_by_role(const Caller& caller) {
  const auto user = accounts.find(caller.user_id);
  if (!user) return error_reply(401, "UNAUTHORIZED", "There is no such user.");
  return ok_reply(dump_json(Json{{"rolePermissions", roles.by_role(user->roles)}}));
}

http::Response Backend::Parts::negotiate(const Call& call, const Caller& caller) {
  const int version = value_in(call.match.query, "negotiateVersion") == "1" ? 1 : 0;
  http::Response reply = ok_reply(hub.negotiate(caller.user_id, version));
  if (options.hub_text_plain)
    http::set_header(reply.headers, "Content-Type", "text/plain; charset=utf-8");
  return reply;
}

// A push with one operation that its user may not send is refused whole (wire.md, 403).
std::optional<http::Response> Backend::Parts::refuse_rights(const Call& call,
                                                            const Caller& caller) {
  if (options.rights.empty()) return std::nullopt;
  const auto user = accounts.find(caller.user_id);
  const auto held = roles.rights_of(user ? user->roles : std::vector<std::string>{});
  for (const auto& action : actions_in(call.match, call.request.body)) {
    const auto needed = options.rights.find(action);
    if (needed == options.rights.end()) continue;
    if (std::find(held.begin(), held.end(), needed->second) != held.end()) continue;
    return error_reply(403, "FORBIDDEN", "This needs the right " + needed->second + ".");
  }
  return std::nullopt;
}

HubOpening Backend::Parts::open_hub(const http::Request& upgrade, Instant now) {
  const std::size_t question = std::min(upgrade.target.find('?'), upgrade.target.size());
  const std::string query = upgrade.target.substr(std::min(question + 1, upgrade.target.size()));
  if (upgrade.target.substr(0, question) != options.routes.hub)
    return {std::nullopt, error_reply(404, "NOT_FOUND", "There is no hub at this path.")};
  http::Request stamped = upgrade;
  const std::string token = value_in(query, "access_token");
  if (!http::find_header(stamped.headers, "Authorization") && !token.empty())
    http::set_header(stamped.headers, "Authorization", "Bearer " + token);
  AccessCheck check = in_transaction([&] { return tokens.check(stamped, now); });
  if (!check.caller) return {std::nullopt, std::move(check.refusal)};
  const auto connection = hub.open(check.caller->user_id, value_in(query, "id"), now);
  if (!connection)
    return {std::nullopt, error_reply(404, "NO_CONNECTION", "There is no such connection.")};
  return {connection, {}};
}

// Whoever may see a document hears that it changed.
void Backend::Parts::tell_written() {
  const auto written = documents.take_written();
  if (written.empty()) return;
  const auto users = hub.users();
  for (const Document& document : written) {
    const Json changed{{"entity_type", document.key.type},
                       {"entity_id", document.key.id},
                       {"row_version", document.row_version}};
    for (const auto& user : users) {
      if (is_visible(document, user)) hub.say(user, "DataChanged", changed, document.updated_at);
    }
  }
}

void Backend::Parts::change_role(const std::string& role, const std::string& right, bool granted,
                                 Instant now) {
  in_transaction([&] {
    granted ? roles.grant(role, right) : roles.revoke(role, right);
    return true;
  });
  for (const auto& user_id : hub.users()) {
    const auto user = accounts.find(user_id);
    if (!user) continue;
    hub.say(user_id, "PermissionsUpdated",
            {{"UserId", user_id},
             {"Permissions", roles.rights_of(user->roles)},
             {"Timestamp", format_rfc3339(now)}},
            now);
  }
}

}  // namespace landfall::backend
