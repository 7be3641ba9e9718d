#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "simulator/oracles/needles.hpp"
#include "simulator/world/memory_disk.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-X2: once the engine says that everything of a user is forgotten, the keys are gone from the
// secure storage, and the raw medium (removed files that a power cut could bring back, and what was
// written over, included) holds neither them nor the name of a single operation of that user nor
// who they were. An erase that a crash cut short is judged at the end, by its keys: they go first,
// so that where they are gone the rest must be.
class Forgotten final : public world::Observer {
 public:
  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;
  void on_erase(world::World& world, world::Phone& phone) override;
  void on_erased(world::World& world, world::Phone& phone) override;
  void on_end(world::World& world) override;

  struct Past {
    std::set<std::string> operations;  // ids as texts
    std::set<std::string> keys;        // values of the secure storage
    std::set<std::string> names;       // of the user
  };
  // What is still there: a key in `kept`, something on the medium.
  [[nodiscard]] static std::vector<std::string> examine(
      const world::MemoryDisk& disk, const std::map<std::string, std::string>& kept,
      const Past& past);

 private:
  void tell(world::World& world, const world::Phone& phone,
            const std::vector<std::string>& problems);

  std::map<const world::Phone*, std::set<std::string>> acknowledged_;
  std::map<const world::Phone*, Past> asked_;
};

}  // namespace landfall::oracles
