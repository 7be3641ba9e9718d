#include "simulator/world/sent_operations.hpp"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"

namespace landfall::world {
namespace {

using backend::RouteId;

std::vector<SentOperation> listed(const Json& body) {
  std::vector<SentOperation> operations;
  if (!body.is_object() || !body.contains("operations")) return operations;
  for (const auto& operation : body["operations"]) {
    operations.push_back({operation.value("id", ""),
                          {operation.value("entity_type", ""), operation.value("entity_id", "")},
                          dump_json(operation.value("payload", Json::object()))});
  }
  return operations;
}

// The body of such a call is the payload, with the attestation beside it.
SentOperation by_endpoint(const http::Request& request, EntityKey entity, Json body) {
  if (body.is_object()) body.erase("attestation");
  return {http::header_text(request.headers, "Idempotency-Key"), std::move(entity),
          dump_json(body)};
}

}  // namespace

std::vector<SentOperation> sent_operations(const http::Request& request,
                                           const backend::RouteMatch& match) {
  if (match.route == nullptr) return {};
  const RouteId route = match.route->id;
  const bool is_listed = route == RouteId::push || route == RouteId::bulk;
  const bool is_decision = route == RouteId::approve || route == RouteId::reject;
  if (!is_listed && !is_decision && route != RouteId::update_pr) return {};
  const Json body = Json::parse(request.body, nullptr, false);
  if (is_listed) return listed(body);
  return {by_endpoint(request, {is_decision ? "approval" : "pr", match.id}, body)};
}

}  // namespace landfall::world
