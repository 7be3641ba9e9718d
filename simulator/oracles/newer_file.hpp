#pragma once

#include <map>
#include <string>

#include "simulator/world/memory_disk.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-S6: an app that finds a partition of a newer version refuses it, says so (store.newer), and
// changes nothing in it: until the newer app is back the file stays as it is to the byte, and no
// engine is ready on it.
class NewerFile final : public world::Observer {
 public:
  void on_files_changed(world::VirtualWorld& world, world::VirtualPhone& phone,
                        world::FileChange change) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;

 private:
  struct Found {
    std::string file;
    world::Bytes bytes;
  };

  std::map<const world::Phone*, Found> found_;  // of the phones on which an older app runs
};

}  // namespace landfall::oracles
