#pragma once

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A15: there is no way around a proof. A PIN that is not the owner's opens nothing, whatever it
// looks like; a backend that was not started with development codes gives no tokens for one, and
// no phone logs in at the gate without a code.
class NoBypass final : public world::Observer {
 public:
  void on_guess_answered(world::World& world, world::Phone& phone, bool is_right,
                         const nlohmann::json& result) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
};

}  // namespace landfall::oracles
