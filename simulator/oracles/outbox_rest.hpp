#pragma once

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q10: once everything is healed, whatever is left in an outbox is there for its user to see
// (failed, blocked, conflict, rejected); nothing is still on its way, and nothing waits for a
// session that has come back.
class OutboxRest final : public world::Observer {
 public:
  void on_end(world::World& world) override;
};

}  // namespace landfall::oracles
