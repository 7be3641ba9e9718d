#include "simulator/oracles/damaged_partition.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
namespace {

constexpr const char* kDirectory = "/phone";

// As texts of ids.
constexpr const char* kAll =
    "SELECT lower(substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-' || substr(h, 13, 4) || '-' || "
    "substr(h, 17, 4) || '-' || substr(h, 21)) FROM (SELECT hex(id) AS h, state FROM operations)";
const std::string kWaiting = std::string(kAll) + " WHERE state IN (0, 1, 2, 3, 7)";

struct Operations {
  std::set<std::string> all;
  std::set<std::string> waiting;  // those that have no verdict yet
};

std::optional<Operations> operations_in(sqlite3* database) {
  if (database == nullptr) return std::nullopt;
  const auto all = all_texts(database, kAll);
  const auto waiting = all_texts(database, kWaiting.c_str());
  if (!all || !waiting) return std::nullopt;
  return Operations{{all->begin(), all->end()}, {waiting->begin(), waiting->end()}};
}

// "quarantine/<partition>-<time>.db" -> "<directory>/partitions/<partition>.db"
std::string partition_of(const std::string& directory, const std::string& kept_as) {
  const std::string name = kept_as.substr(kept_as.rfind('/') + 1);
  return directory + "/partitions/" + name.substr(0, name.rfind('-')) + ".db";
}

world::Bytes repaired(world::Bytes bytes, const std::vector<std::size_t>& flipped) {
  for (const std::size_t bit : flipped) {
    if (bit / 8 < bytes.size()) bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
  return bytes;
}

}  // namespace

void DamagedPartition::on_event(world::World& world, world::Phone& phone, const std::string& event,
                                const nlohmann::json& data) {
  auto* simulated = dynamic_cast<world::VirtualPhone*>(&phone);
  if (event != "store.corrupt" || simulated == nullptr) return;
  const auto [first, is_new] = told_.emplace(std::pair{&phone, data.value("kept_as", "")}, data);
  if (!is_new && first->second == data) return;
  const Finding finding = examine(simulated->disk(), kDirectory, data);
  for (const auto& problem : finding.problems)
    world.violate("INV-S4", phone.name() + " at " + format_rfc3339(world.now()) + ": " + problem);
  for (const auto& id : finding.gone) world.observe_lost(phone, id);
}

DamagedPartition::Finding DamagedPartition::examine(const world::MemoryDisk& disk,
                                                    const std::string& directory,
                                                    const nlohmann::json& data) {
  Finding finding;
  const std::string said = data.dump();
  const std::string kept = directory + "/" + data.value("kept_as", "");
  const auto damaged = disk.read_file(kept);
  if (!damaged) {
    finding.problems.push_back("what was set aside is not there: " + said);
    return finding;
  }
  const auto flipped = disk.flipped_bits(kept);
  if (flipped.empty()) {
    finding.problems.push_back("nobody has damaged what was set aside: " + said);
    return finding;
  }
  const auto log = disk.read_file(kept + "-wal").value_or(world::Bytes{});
  std::optional<Operations> before;
  // A page that was written again since is whole as it is.
  for (const auto& bytes : {*damaged, repaired(*damaged, flipped)}) {
    if (before) break;
    copy_.look_into(bytes, log, [&](sqlite3* database) {
      if (database != nullptr && first_text(database, "PRAGMA integrity_check") == "ok")
        before = operations_in(database);
    });
  }
  if (!before) {
    finding.problems.push_back("beside the damage of the world there is another: " + said);
    return finding;
  }
  const std::string partition = partition_of(directory, data.value("kept_as", ""));
  std::optional<Operations> after;
  copy_.look_into(disk.read_file(partition).value_or(world::Bytes{}),
                  disk.read_file(partition + "-wal").value_or(world::Bytes{}),
                  [&](sqlite3* database) { after = operations_in(database); });
  if (!after) {
    finding.problems.push_back("what took its place does not open: " + said);
    return finding;
  }
  std::ranges::set_difference(before->waiting, after->waiting, std::back_inserter(finding.lost));
  std::ranges::set_difference(before->all, after->all, std::back_inserter(finding.gone));
  const auto lost = static_cast<std::int64_t>(finding.lost.size());
  const auto recovered = static_cast<std::int64_t>(before->waiting.size()) - lost;
  const bool knows_lost = data.contains("lost") && data["lost"].is_number_integer();
  if (data.value("recovered", std::int64_t{-1}) != recovered ||
      (knows_lost && data["lost"].get<std::int64_t>() != lost)) {
    finding.problems.push_back("of " + std::to_string(before->waiting.size()) + " that waited " +
                               std::to_string(recovered) + " are there and " +
                               std::to_string(lost) + " are lost, and it said " + said);
  }
  return finding;
}

}  // namespace landfall::oracles
