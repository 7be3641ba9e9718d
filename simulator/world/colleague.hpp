#pragma once

#include "engine/base/random.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::world {

// A colleague who borrows a phone now and then: logs in over its owner's session or behind a
// logout, looks at everything there is, hands nothing in, and gives it back. What the colleague is
// shown is told to the observers like any view. The owner's own work waits meanwhile.
class Colleague final {
 public:
  // World and phone outlive it.
  Colleague(VirtualWorld& world, Phone& phone, Account account);

  void start();
  // No more visits; one that is under way ends.
  void stop();

 private:
  void schedule_visit();
  void arrive();
  void log_in();
  void look_around();
  void look(const char* request, const nlohmann::json& params);
  void give_back();

  VirtualWorld& world_;
  Phone& phone_;
  const Account account_;
  Random random_;
  bool is_running_ = false;
};

}  // namespace landfall::world
