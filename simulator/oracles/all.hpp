#pragma once

#include <memory>
#include <vector>

#include "simulator/world/observer.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {

class OperationBook;

// Which oracles watch.
enum class Watch {
  all,
  // In a world that loses data by notice or by its user's word (FaultPlan::loses_data): without
  // those that remember what stood in a lane, an inbox, a cache or among the notifications (INV-Q4,
  // INV-Q6 to INV-Q8, INV-Q12, INV-Q14, INV-Q16, INV-S2, INV-T2).
  lossy_world,
  // Over real sockets: without those that look into the simulated disk (INV-S1 to INV-S7, the
  // INV-X) or that compare instants which real observers see too late (INV-Q5; INV-Q7 and INV-Q8,
  // where a scenario's `sends` allow for that; INV-A4, INV-A5, INV-A10, INV-A14 and the replays of
  // INV-A2).
  real_world,
  // Where a phone has several users, one after the other: those that know whose something is, or
  // that look at tokens and bytes. The others take everything on a phone for its owner's.
  shared_phone
};

// Every oracle of the house, watching one world.
class All final {
 public:
  explicit All(Watch watch = Watch::all);
  ~All();
  All(const All&) = delete;
  All& operator=(const All&) = delete;

  void join(world::World& world);

 private:
  void add_memories(const OperationBook& read);
  void add_disk_watchers();
  void add_all(Watch watch, const OperationBook& read);
  void add_for_shared_phone(const OperationBook& read);
  void add_session_watchers(const OperationBook& read, bool is_virtual);

  std::vector<std::unique_ptr<world::Observer>> oracles_;
};

// Whether every running phone's outbox holds nothing that time alone would still move. It asks the
// engines through the host interface, so it lets a little time pass.
[[nodiscard]] bool outboxes_are_at_rest(world::World& world);

}  // namespace landfall::oracles
