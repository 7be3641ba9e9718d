#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/oracles/database_copy.hpp"
#include "simulator/world/memory_disk.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-S4: of a damaged partition what was recovered and what is reported lost is everything that
// waited, and nothing is set aside that was whole. It knows which bit the world has flipped, flips
// it back in a copy of what was set aside, and counts there. Which operations are gone is told to
// the others by its finding (World::observe_lost), so that they allow for these and no more. What
// is told a second time, because a process died in between, says the same and is not counted again.
class DamagedPartition final : public world::Observer {
 public:
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;

  struct Finding {
    std::vector<std::string> problems;
    std::vector<std::string> lost;  // operations that waited in the damaged file and are gone
    std::vector<std::string> gone;  // these, and settled ones of which nothing is listed any more
  };
  // What a store.corrupt with this data is worth, with these files. `directory` is the engine's.
  [[nodiscard]] Finding examine(const world::MemoryDisk& disk, const std::string& directory,
                                const nlohmann::json& data);

 private:
  DatabaseCopy copy_;
  std::map<std::pair<const world::Phone*, std::string>, nlohmann::json> told_;  // by `kept_as`
};

}  // namespace landfall::oracles
