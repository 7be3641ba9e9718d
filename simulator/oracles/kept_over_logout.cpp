#include "simulator/oracles/kept_over_logout.hpp"

#include <nlohmann/json.hpp>

#include "simulator/oracles/outbox.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {

void KeptOverLogout::on_intent(world::World&, world::Phone&, const world::Intent& intent) {
  user_of_[intent.id] = intent.user;
}

void KeptOverLogout::on_event(world::World& world, world::Phone& phone, const std::string& event,
                              const nlohmann::json& data) {
  if (event != "session.status") return;
  const auto status = data.value("status", "");
  const bool has_ended =
      status == "unauthenticated" || status == "reauthRequired" || status == "locked";
  if (has_ended) note_waiting(world, phone, status);
}

void KeptOverLogout::note_waiting(world::World& world, const world::Phone& phone,
                                  const std::string& status) {
  for (const auto& [id, operation] : book_.operations()) {
    const bool waits = operation.phone == &phone && operation.seq && operation.verdicts.empty() &&
                       !operation.discarded && !given_up_.contains(id);
    if (waits) waited_[&phone].emplace(id, status + " at " + format_rfc3339(world.now()));
  }
}

void KeptOverLogout::on_discarded(world::World&, world::Phone&, const std::string& operation) {
  given_up_.insert(operation);
}

void KeptOverLogout::on_lost(world::World&, world::Phone&, const std::string& operation) {
  given_up_.insert(operation);
}

// Everything that was accepted so far, also what nobody waited for.
void KeptOverLogout::on_erase(world::World&, world::Phone& phone) {
  for (const auto& [id, operation] : book_.operations()) {
    if (operation.phone == &phone) given_up_.insert(id);
  }
  waited_.erase(&phone);
}

bool KeptOverLogout::is_over(world::World& world, const std::string& id) const {
  const auto* operation = book_.find(id);
  if (given_up_.contains(id) || (operation != nullptr && !operation->verdicts.empty())) return true;
  return world.ask_backend(
      [&](const auto& backend) { return backend.ledger().effect_count(id) > 0; });
}

std::vector<std::pair<std::string, std::string>> KeptOverLogout::lost(
    world::World& world, const world::Phone& phone, const std::set<std::string>& listed) const {
  std::vector<std::pair<std::string, std::string>> gone;
  const auto waited = waited_.find(&phone);
  if (waited == waited_.end()) return gone;
  for (const auto& [id, how] : waited->second) {
    // A colleague's are seen when they come back.
    const auto user = user_of_.find(id);
    const bool is_theirs = user != user_of_.end() && user->second == phone.user_id();
    if (is_theirs && !listed.contains(id) && !is_over(world, id)) gone.emplace_back(id, how);
  }
  return gone;
}

void KeptOverLogout::on_end(world::World& world) {
  for (const auto& phone : world.phones()) {
    if (!waited_.contains(phone.get())) continue;
    const auto outbox = read_outbox(world, *phone);
    if (!outbox) continue;  // INV-Q1 says so
    std::set<std::string> listed;
    for (const auto& row : *outbox) listed.insert(row.value("id", ""));
    for (const auto& [id, how] : lost(world, *phone, listed))
      world.violate("INV-A12", phone->name() + " has lost the operation " + id +
                                   ", which waited when the session became " + how);
  }
}

}  // namespace landfall::oracles
