#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/time.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q9: a phone repeats what failed at most thirty times a minute, all its calls and probes
// together, whatever the network and the server do. A call repeats a failed one when it goes to the
// same place and the last answer from there was none, or no 2xx; each reconnect to the hub repeats
// one. What carries nothing but operations that leave for the first time repeats none: it comes as
// often as users act.
class RetryStorm final : public world::Observer {
 public:
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_suspended(world::World& world, world::Phone& phone) override {
    on_crash(world, phone, false);
  }

 private:
  struct PhoneCalls {
    std::map<std::string, bool> failed;  // by target: the last answer
    std::deque<Instant> repeats;         // of the last minute
    bool negotiated = false;             // with the hub, once at least
    bool told = false;                   // of the storm that is going on
    std::set<std::string> sent;          // operations that left once, also from an earlier process
  };

  [[nodiscard]] static bool carries_only_new(PhoneCalls& calls,
                                             const std::vector<world::SentOperation>& operations);

  std::map<const world::Phone*, PhoneCalls> phones_;
};

}  // namespace landfall::oracles
