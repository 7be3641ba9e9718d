#pragma once

#include <map>
#include <optional>

#include "engine/base/time.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A9: a PIN opens the app for as long behind the last login as the profile says, and no longer,
// by the time as it really is.
class OfflineWindow final : public world::Observer {
 public:
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_guess_answered(world::World& world, world::Phone& phone, bool is_right,
                         const nlohmann::json& result) override;

 private:
  std::map<const world::Phone*, Instant> last_login_;
};

}  // namespace landfall::oracles
