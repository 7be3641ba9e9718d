#include "simulator/oracles/honest_refusal.hpp"

#include <nlohmann/json.hpp>

#include "simulator/oracles/outbox.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {

void HonestRefusal::on_intent(world::World&, world::Phone& phone, const world::Intent& intent) {
  phones_[&phone].asked.insert(intent.id);
}

void HonestRefusal::on_acknowledged(world::World&, world::Phone& phone, const world::Intent& intent,
                                    const nlohmann::json&) {
  Known& known = phones_[&phone];
  known.asked.erase(intent.id);
  known.indeterminate.insert(intent.id);
}

void HonestRefusal::on_refused(world::World&, world::Phone& phone, const world::Intent& intent,
                               const std::string& code) {
  Known& known = phones_[&phone];
  known.asked.erase(intent.id);
  if (code == "engine.restarted") {
    known.indeterminate.insert(intent.id);
  } else {
    known.refused[intent.id] = code;
  }
}

void HonestRefusal::on_crash(world::World&, world::Phone& phone, bool) {
  Known& known = phones_[&phone];
  known.indeterminate.merge(known.asked);
  known.asked.clear();
}

void HonestRefusal::on_end(world::World& world) {
  for (const auto& phone : world.phones()) {
    const auto operations = read_outbox(world, *phone);
    if (!operations) continue;  // INV-Q1 says so
    std::set<std::string> outbox;
    for (const auto& operation : *operations) outbox.insert(operation["id"].get<std::string>());
    std::set<std::string> effects;
    world.with_backend([&](const auto& backend, Instant) {
      for (const auto& [id, code] : phones_[phone.get()].refused)
        if (backend.ledger().effect_count(id) > 0) effects.insert(id);
    });
    judge(world, *phone, outbox, effects);
  }
}

void HonestRefusal::judge(world::World& world, const world::Phone& phone,
                          const std::set<std::string>& outbox,
                          const std::set<std::string>& effects) {
  const Known& known = phones_[&phone];
  for (const auto& [id, code] : known.refused) {
    if (known.indeterminate.contains(id)) continue;
    if (!outbox.contains(id) && !effects.contains(id)) continue;
    world.violate("INV-Q3",
                  phone.name() + " refused " + id + " with " + code + ", and " +
                      (effects.contains(id) ? "the server did it" : "it is in the outbox"));
  }
}

}  // namespace landfall::oracles
