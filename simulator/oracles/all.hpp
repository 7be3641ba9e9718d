#pragma once

#include <memory>
#include <vector>

#include "simulator/world/observer.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {

// Every oracle of the house, watching one world.
class All final {
 public:
  All();
  ~All();
  All(const All&) = delete;
  All& operator=(const All&) = delete;

  void join(world::World& world);

 private:
  std::vector<std::unique_ptr<world::Observer>> oracles_;
};

// Whether every running phone's outbox holds nothing that time alone would still move. It asks the
// engines through the host interface, so it lets a little time pass.
[[nodiscard]] bool outboxes_are_at_rest(world::World& world);

}  // namespace landfall::oracles
