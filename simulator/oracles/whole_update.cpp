#include "simulator/oracles/whole_update.hpp"

#include <nlohmann/json.hpp>

#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
namespace {

constexpr const char* kOperations =
    "SELECT hex(id) || ' ' || seq || ' ' || entity_type || '/' || entity_id || ' ' || action || "
    "' ' || hex(hash) || ' ' || hex(payload) FROM operations";
constexpr const char* kWaiting = " WHERE state IN (0, 1, 2, 3, 7)";

std::string lower_id(const std::string& hex) {
  std::string text;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    text += static_cast<char>(hex[i] >= 'A' ? hex[i] - 'A' + 'a' : hex[i]);
  }
  return text;
}

}  // namespace

void WholeUpdate::on_files_changed(world::VirtualWorld&, world::VirtualPhone& phone,
                                   world::FileChange change) {
  if (change == world::FileChange::older) before_[&phone] = read(phone.disk(), false);
  // From here on it is the damage's business (INV-S4).
  if (change == world::FileChange::page_damaged) before_.erase(&phone);
}

void WholeUpdate::on_erase(world::World&, world::Phone& phone) { before_.erase(&phone); }

void WholeUpdate::on_lost(world::World&, world::Phone& phone, const std::string& operation) {
  const auto found = before_.find(&phone);
  if (found != before_.end()) found->second.erase(operation);
}

// Nothing has been sent by then, and nothing thrown away.
void WholeUpdate::on_event(world::World& world, world::Phone& phone, const std::string& event,
                           const nlohmann::json& data) {
  if (event != "engine.state" || data.value("state", "") != "ready") return;
  auto* simulated = dynamic_cast<world::VirtualPhone*>(&phone);
  const auto found = before_.find(&phone);
  if (simulated == nullptr || found == before_.end()) return;
  const auto gone = missing(found->second, read(simulated->disk(), true));
  if (!gone.empty()) {
    world.violate("INV-S7", phone.name() + "'s update lost or changed " +
                                std::to_string(gone.size()) + " of " +
                                std::to_string(found->second.size()) + " operations, " +
                                gone.front() + " among them, by " + format_rfc3339(world.now()));
  }
  before_.erase(found);
}

std::vector<std::string> WholeUpdate::missing(const Outbox& before, const Outbox& after) {
  std::vector<std::string> missing;
  for (const auto& [id, row] : before) {
    const auto found = after.find(id);
    if (found == after.end() || found->second != row) missing.push_back(id);
  }
  return missing;
}

WholeUpdate::Outbox WholeUpdate::read(const world::MemoryDisk& disk, bool with_settled) {
  Outbox outbox;
  const std::string sql = std::string(kOperations) + (with_settled ? "" : kWaiting);
  copy_.for_each(disk, [&](const std::string& name, sqlite3* database, const std::string&) {
    if (database == nullptr || name.find("/partitions/") == std::string::npos) return;
    for (const auto& row : all_texts(database, sql.c_str()).value_or(std::vector<std::string>{})) {
      const std::size_t space = row.find(' ');
      outbox[lower_id(row.substr(0, space))] = row.substr(space + 1);
    }
  });
  return outbox;
}

}  // namespace landfall::oracles
