#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "simulator/oracles/database_copy.hpp"
#include "simulator/world/memory_disk.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-S1: after any crash, before the next process begins, every database of the phone opens, is
// sound (the checksum of each page, integrity_check, foreign_key_check) and has a whole version:
// none yet, or one of the migrations'. One that was set aside is what it is. It looks at a copy, so
// that the next process finds the disk as the crash left it.
class SoundDisk final : public world::Observer {
 public:
  void on_revived(world::VirtualWorld& world, world::VirtualPhone& phone, bool power) override;
  void on_files_changed(world::VirtualWorld& world, world::VirtualPhone& phone,
                        world::FileChange change) override;

  // What is wrong with the databases among these files; empty when nothing is.
  [[nodiscard]] std::vector<std::string> examine(const world::MemoryDisk& disk);

 private:
  [[nodiscard]] static std::string examine_one(const std::string& name, sqlite3* database);

  DatabaseCopy copy_;
  std::uint64_t crashes_ = 0;
  std::set<const world::VirtualPhone*> newer_;  // whose files are ahead of the app (INV-S6)
};

}  // namespace landfall::oracles
