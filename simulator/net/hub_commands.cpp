#include "simulator/net/hub_commands.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/backend/reply.hpp"

namespace landfall::net {
namespace {

constexpr std::size_t kBodyBytesMax = 4'096;

Status change_right(backend::Backend& backend, const Json& body, bool granted, Instant now) {
  LANDFALL_TRY_ASSIGN(const std::string role, string_at(body, "role"));
  LANDFALL_TRY_ASSIGN(const std::string right, string_at(body, "right"));
  granted ? backend.grant(role, right, now) : backend.revoke(role, right, now);
  return {};
}

Status send_away(backend::Backend& backend, const Json& body) {
  LANDFALL_TRY_ASSIGN(const std::string user, string_at(body, "user"));
  LANDFALL_TRY_ASSIGN(const bool allow_reconnect, bool_at(body, "allow_reconnect"));
  backend.send_away(user, allow_reconnect);
  return {};
}

Status obey(backend::Backend& backend, HubServer& hub, const Json& body, Instant now) {
  LANDFALL_TRY_ASSIGN(const std::string command, string_at(body, "do"));
  if (command == "revoke") return change_right(backend, body, false, now);
  if (command == "grant") return change_right(backend, body, true, now);
  if (command == "close") return send_away(backend, body);
  if (command != "cut")
    return failure(
        Error{ErrorClass::invalid, "field.value", "expected revoke, grant, close or cut", "do"});
  hub.cut();
  return {};
}

}  // namespace

std::optional<http::Response> answer_hub_command(const http::Request& request,
                                                 backend::Backend& backend, HubServer& hub,
                                                 Instant now) {
  if (request.target != "/_sim/hub") return std::nullopt;
  if (request.method != "POST")
    return backend::error_reply(405, "METHOD_NOT_ALLOWED", "this is told by POST");
  const auto body = parse_json(request.body, {kBodyBytesMax});
  if (!body) return backend::bad_request(body.error());
  const Status obeyed = obey(backend, hub, *body, now);
  return obeyed ? backend::ok_reply("{}") : backend::bad_request(obeyed.error());
}

}  // namespace landfall::net
