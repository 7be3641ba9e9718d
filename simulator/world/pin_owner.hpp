#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/random.hpp"
#include "simulator/world/observer.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::world {

// The owner's, once it is set.
inline constexpr const char* kOwnersPin = "481629";

// The owner of one phone as far as its lock goes: sets a PIN soon after the first login, touches
// the screen with everything they hand in, leaves the phone alone now and then, and opens the lock
// when it has closed, not always at the first try. When no PIN helps any more they log in. Once all
// is well they keep the app open, so that what is left can be looked at.
class PinOwner final : public Observer {
 public:
  // World and phone outlive it.
  PinOwner(VirtualWorld& world, VirtualPhone& phone);

  void on_event(World& world, Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_intent(World& world, Phone& phone, const Intent& intent) override;
  void on_boot(World& world, Phone& phone) override;
  void on_resume(World& world, Phone& phone) override;
  void on_healed(World& world) override;
  void on_erased(World& world, Phone& phone) override;

 private:
  void set_pin_soon();
  void open_soon(Duration least);
  void start_over();
  void try_to_open();
  void on_tried(bool is_right, const nlohmann::json& message);
  void touch();
  void keep_open();
  [[nodiscard]] bool is_locked() const;

  VirtualWorld& world_;
  VirtualPhone& phone_;
  Random random_;
  bool has_pin_ = false;
  bool is_asking_ = false;
  bool is_healed_ = false;
  std::optional<std::uint64_t> planned_in_;  // the life in which a try is planned
  std::uint64_t tries_ = 0;
  std::uint64_t life_ = 0;  // raised when what was planned is for nothing
};

}  // namespace landfall::world
