#pragma once

#include <map>

#include "engine/base/time.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A11: a phone with a PIN that nobody touched for as long as the profile says answers nobody
// before it was opened again: in the foreground, asleep and over restarts.
class IdleLock final : public world::Observer {
 public:
  void on_protected(world::World& world, world::Phone& phone) override;
  // The PIN went with everything else.
  void on_erased(world::World&, world::Phone& phone) override { active_at_.erase(&phone); }
  void on_touch(world::World& world, world::Phone& phone) override;
  void on_guess_answered(world::World& world, world::Phone& phone, bool is_right,
                         const nlohmann::json& result) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;
  void on_view(world::World& world, world::Phone& phone, const nlohmann::json& params,
               const nlohmann::json& result) override;

 private:
  void judge(world::World& world, const world::Phone& phone, const char* what);

  std::map<const world::Phone*, Instant> active_at_;  // of the phones with a PIN
};

}  // namespace landfall::oracles
