#include "simulator/oracles/outbox_rest.hpp"

#include <algorithm>
#include <string>

#include "simulator/oracles/all.hpp"
#include "simulator/oracles/outbox.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

// Whether time alone would still move this operation.
bool is_moving(const nlohmann::json& operation) {
  const auto& state = operation["state"];
  if (state == "queued" || state == "sending" || state == "unknown") return true;
  return state == "blocked" && operation.value("block_reason", "") == "auth";
}

}  // namespace

bool outboxes_are_at_rest(world::World& world) {
  return std::all_of(world.phones().begin(), world.phones().end(), [&](const auto& phone) {
    const auto outbox = read_outbox(world, *phone);
    return outbox && std::none_of(outbox->begin(), outbox->end(), is_moving);
  });
}

void OutboxRest::on_end(world::World& world) {
  for (const auto& phone : world.phones()) {
    const auto outbox = read_outbox(world, *phone);
    if (!outbox) continue;  // INV-Q1 says so
    for (const auto& operation : *outbox) {
      if (is_moving(operation)) {
        world.violate("INV-Q10", phone->name() + " never settled " +
                                     operation["id"].get<std::string>() + ": " + operation.dump());
      }
    }
  }
}

}  // namespace landfall::oracles
