#pragma once

#include <cstdint>
#include <functional>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "simulator/faults/fault_plan.hpp"

namespace landfall::net {

// What a plan makes happen in time, whether anybody calls or not: spells without a network, spells
// in which the server is down, and what others do to documents. One thread.
class ProxySpells final {
 public:
  struct Surroundings {
    std::function<void(Duration, std::function<void()>)> after;
    std::function<void(faults::Fault)> begins;   // also a document that is edited
    std::function<void()> changed;               // is_offline or is_server_down
    std::function<void(Random&)> edit_as_other;  // may be empty
  };

  ProxySpells(std::uint64_t seed, Surroundings around);

  // Ends what is under way and draws anew from this plan.
  void follow(const faults::FaultPlan& plan);
  [[nodiscard]] bool is_offline() const { return is_offline_; }
  [[nodiscard]] bool is_server_down() const { return is_server_down_; }

 private:
  void schedule(faults::Fault fault, bool& is_on, Duration well_mean, Duration bad_mean);
  void schedule_edit();

  const Surroundings around_;
  Random spells_;
  Random others_;
  std::uint64_t epoch_ = 0;  // what was drawn from an earlier plan is over
  bool is_offline_ = false;
  bool is_server_down_ = false;
};

}  // namespace landfall::net
