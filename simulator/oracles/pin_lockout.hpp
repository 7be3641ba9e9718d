#pragma once

#include <map>
#include <optional>

#include "engine/base/time.hpp"
#include "engine/profile/unlock_rules.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A8: a wrong PIN is never forgotten, whatever is killed, and the ladder of the profile is
// never climbed faster than it says. What was told counts: a guess whose answer nobody heard may
// have been counted or not.
class PinLockout final : public world::Observer {
 public:
  void on_guess(world::World& world, world::Phone& phone, bool is_right) override;
  void on_guess_answered(world::World& world, world::Phone& phone, bool is_right,
                         const nlohmann::json& result) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;

  // How long the next guess has to wait behind so many failures.
  [[nodiscard]] static Duration wait_of(const nlohmann::json& profile, int failures);

 private:
  struct Owner {
    int failures = 0;  // as last told
    std::optional<Instant> told_at;
    bool may_be_over = false;  // a right guess or a login was under way since
  };

  std::map<const world::Phone*, Owner> owners_;
};

}  // namespace landfall::oracles
