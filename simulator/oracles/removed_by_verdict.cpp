#include "simulator/oracles/removed_by_verdict.hpp"

#include <nlohmann/json.hpp>

#include "simulator/oracles/outbox.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

bool comes_from_a_server(const std::string& state) {
  return state == "applied" || state == "rejected" || state == "conflict";
}

}  // namespace

void RemovedByVerdict::on_acknowledged(world::World&, world::Phone& phone,
                                       const world::Intent& intent, const nlohmann::json&) {
  acknowledged_[&phone].insert(intent.id);
}

void RemovedByVerdict::on_boot(world::World&, world::Phone& phone) { asked_.erase(&phone); }

void RemovedByVerdict::on_event(world::World& world, world::Phone& phone, const std::string& event,
                                const nlohmann::json& data) {
  if (event == "operation.changed") {
    judge_state(world, phone, data.value("id", ""), data.value("state", ""));
  }
  const bool opened = event == "session.status" && data.value("status", "") == "authenticated";
  if (!opened || !asked_.insert(&phone).second) return;
  // What is acknowledged while the list is on its way need not be in it.
  ask_outbox(phone, [this, &world, &phone, expected = acknowledged_[&phone]](const auto& outbox) {
    if (outbox) judge_outbox(world, phone, expected, *outbox);
  });
}

void RemovedByVerdict::on_end(world::World& world) {
  for (const auto& phone : world.phones()) {
    const auto outbox = read_outbox(world, *phone);
    if (outbox) judge_outbox(world, *phone, acknowledged_[phone.get()], *outbox);
  }
}

void RemovedByVerdict::judge_outbox(world::World& world, const world::Phone& phone,
                                    const std::set<std::string>& expected,
                                    const std::vector<nlohmann::json>& operations) {
  std::set<std::string> listed;
  for (const auto& operation : operations) {
    const auto id = operation["id"].get<std::string>();
    listed.insert(id);
    judge_state(world, phone, id, operation["state"].get<std::string>());
  }
  for (const auto& id : expected) {
    const auto* operation = book_.find(id);
    // Every organisation has an outbox of its own.
    if (operation != nullptr && book_.is_elsewhere(*operation)) continue;
    if (listed.contains(id) || !missing_.insert(id).second) continue;
    world.violate("INV-Q6", phone.name() + "'s outbox lost " + id + " at " +
                                format_rfc3339(world.now()) + "; no answer and no user ended it");
  }
}

void RemovedByVerdict::judge_state(world::World& world, const world::Phone& phone,
                                   const std::string& id, const std::string& state) {
  const auto* operation = book_.find(id);
  if (operation == nullptr) return;
  const bool wrong = (comes_from_a_server(state) && !operation->verdicts.contains(state)) ||
                     (state == "discarded" && !operation->discarded);
  if (!wrong || !settled_by_nobody_.insert(id).second) return;
  world.violate("INV-Q6", describe(phone, *operation) + " is " + state + " at " +
                              format_rfc3339(world.now()) + ", but nobody said so");
}

}  // namespace landfall::oracles
