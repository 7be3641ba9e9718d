#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q5: of the calls that carry operations an organisation's outbox on a phone has at most one
// push or bulk call and four of endpoints in flight, and no lane in two of them. A call is in
// flight until it is answered or its time is over; the end of a process, of a session or of its
// actors ends its calls.
class CallsInFlight final : public world::Observer {
 public:
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_suspended(world::World& world, world::Phone& phone) override {
    on_crash(world, phone, false);
  }

 private:
  struct Call {
    std::string organisation;
    bool is_together = false;
    Instant at;
    std::vector<EntityKey> lanes;
  };
  using Calls = std::map<std::string, Call>;  // by the request's id

  static void judge(world::World& world, const world::Phone& phone, const Calls& calls,
                    const Call& call);

  std::map<const world::Phone*, Calls> phones_;
};

}  // namespace landfall::oracles
