#include "simulator/oracles/sound_disk.hpp"

#include <string_view>

#include "schema/embedded.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
namespace {

// A long life crashes often: the first ones are all looked at, then every eighth.
constexpr std::uint64_t kAllUpTo = 24;
constexpr std::uint64_t kThenEvery = 8;

std::size_t newest_version(std::string_view name) {
  return name.ends_with("/device.db") ? schema::device_migrations().size()
                                      : schema::partition_migrations().size();
}

// A database without a version is one that nothing was written to yet.
bool is_whole_version(const std::string& version, const std::string& tables, std::size_t newest) {
  if (version == "0") return tables == "0";
  for (std::size_t known = 1; known <= newest; ++known) {
    if (version == std::to_string(known)) return tables != "0";
  }
  return false;
}

}  // namespace

void SoundDisk::on_revived(world::VirtualWorld& world, world::VirtualPhone& phone, bool power) {
  const std::uint64_t crash = ++crashes_;
  if (newer_.contains(&phone)) return;
  if (crash > kAllUpTo && crash % kThenEvery != 0) return;
  for (const auto& problem : examine(phone.disk())) {
    world.violate("INV-S1", phone.name() + " after " + (power ? "a power cut" : "a kill") + " at " +
                                format_rfc3339(world.now()) + ": " + problem);
  }
}

void SoundDisk::on_files_changed(world::VirtualWorld&, world::VirtualPhone& phone,
                                 world::FileChange change) {
  if (change == world::FileChange::newer) newer_.insert(&phone);
  if (change == world::FileChange::as_before) newer_.erase(&phone);
}

std::vector<std::string> SoundDisk::examine(const world::MemoryDisk& disk) {
  std::vector<std::string> problems;
  copy_.for_each(disk, [&](const std::string& name, sqlite3* database, const std::string& error) {
    const std::string problem = database == nullptr ? error : examine_one(name, database);
    if (!problem.empty()) problems.push_back(name + ": " + problem);
  });
  return problems;
}

std::string SoundDisk::examine_one(const std::string& name, sqlite3* database) {
  if (auto sound = first_text(database, "PRAGMA integrity_check"); sound != "ok") return sound;
  if (auto orphan = first_text(database, "PRAGMA foreign_key_check"); !orphan.empty())
    return "foreign key of a row in " + orphan;
  const auto version = first_text(database, "PRAGMA user_version");
  const auto tables = first_text(database, "SELECT count(*) FROM sqlite_schema");
  if (is_whole_version(version, tables, newest_version(name))) return {};
  return "version " + version + " with " + tables + " tables and indexes";
}

}  // namespace landfall::oracles
