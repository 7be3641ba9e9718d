#pragma once

#include <map>
#include <string>
#include <vector>

#include "simulator/oracles/database_copy.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-S7: whatever an update of the app finds in an outbox stands there when the update has come to
// its end, however often a crash cut it short: every operation without a verdict, with the bytes of
// its payload, its lane, its action and its place in the order. That it is pushed rightly then is
// what the other oracles see. It looks after each crash and when the engine is ready.
class WholeUpdate final : public world::Observer {
 public:
  // The waiting operations of one file: "order entity action payload" by id.
  using Outbox = std::map<std::string, std::string>;

  void on_files_changed(world::VirtualWorld& world, world::VirtualPhone& phone,
                        world::FileChange change) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_erase(world::World& world, world::Phone& phone) override;
  void on_lost(world::World& world, world::Phone& phone, const std::string& operation) override;

  // Those of `before` that `after` does not have as they were; settled ones may be gone.
  [[nodiscard]] static std::vector<std::string> missing(const Outbox& before, const Outbox& after);
  [[nodiscard]] Outbox read(const world::MemoryDisk& disk, bool with_settled);

 private:
  DatabaseCopy copy_;
  std::map<const world::Phone*, Outbox> before_;  // of the phones whose update is under way
};

}  // namespace landfall::oracles
