#include "simulator/net/inspection_routes.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/backend/reply.hpp"

namespace landfall::net {
namespace {

Json clock_json(const glue::DeviceClock& clock) {
  return {{"epoch", clock.pace().epoch.unix_ms},
          {"speed", clock.pace().speed},
          {"now", clock.now().unix_ms}};
}

Json ledger_json(const backend::Ledger& ledger) {
  Json operations = Json::object();
  for (const backend::Effect& effect : ledger.effects()) {
    Json& operation = operations[effect.operation_id];
    const int earlier = operation.is_null() ? 0 : operation["effects"].get<int>();
    operation = {{"effects", earlier + 1},        {"server_seq", effect.server_seq},
                 {"device_id", effect.device_id}, {"entity_type", effect.entity.type},
                 {"entity_id", effect.entity.id}, {"action", effect.action}};
  }
  Json violations = Json::array();
  for (const backend::Violation& violation : ledger.violations()) {
    violations.push_back({{"kind", violation.kind},
                          {"operation_id", violation.operation_id},
                          {"detail", violation.detail}});
  }
  return {{"operations", std::move(operations)},
          {"violations", std::move(violations)},
          {"dropped", ledger.dropped()}};
}

}  // namespace

std::optional<http::Response> answer_inspection(const http::Request& request,
                                                const backend::Backend& backend,
                                                const glue::DeviceClock& clock) {
  const bool is_clock = request.target == "/_sim/clock";
  if (!is_clock && request.target != "/_sim/ledger") return std::nullopt;
  if (request.method != "GET") {
    return backend::error_reply(405, "METHOD_NOT_ALLOWED", "this can only be read");
  }
  return backend::ok_reply(dump_json(is_clock ? clock_json(clock) : ledger_json(backend.ledger())));
}

}  // namespace landfall::net
