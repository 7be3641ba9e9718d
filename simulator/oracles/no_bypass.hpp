#pragma once

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A15: a backend that was not started with development codes gives no tokens for one, and no
// phone logs in at the gate without a code.
class NoBypass final : public world::Observer {
 public:
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
};

}  // namespace landfall::oracles
