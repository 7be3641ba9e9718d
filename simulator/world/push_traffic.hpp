#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::world {

// The pushes that reach one phone: all types of ProKure's profile, and what a push service gets
// wrong: the same one twice, one for somebody else, one that is too old, one that makes no sense.
// It also carries the phone to places where quiet hours begin or end soon.
class PushTraffic final {
 public:
  PushTraffic(VirtualWorld& world, Phone& phone, Duration pause_mean);

  void start();
  void stop() { running_ = false; }

 private:
  void schedule_next();
  void act();
  [[nodiscard]] nlohmann::json draw_push();

  VirtualWorld& world_;
  Phone& phone_;
  Random random_;
  Duration pause_mean_;
  bool running_ = false;
  std::uint64_t pushes_ = 0;
  std::vector<nlohmann::json> sent_;
};

}  // namespace landfall::world
