#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "simulator/scenario/scenario.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::scenario {

// Crashes a phone of a virtual world at the moment that a scenario asked for.
class Crasher final : public world::Observer {
 public:
  // The world outlives it.
  explicit Crasher(world::VirtualWorld& world) : world_(world) {}

  void crash_now(const world::Phone& phone, bool power);
  // At most one crash is armed at a time; it fires once.
  void arm(const world::Phone& phone, const Crash& crash);
  [[nodiscard]] bool is_armed() const { return armed_.has_value(); }
  // The disk is full from now on, or has room again.
  void fill_disk(const world::Phone& phone, bool full);
  // False when the phone's partition has no such table.
  [[nodiscard]] bool damage(const world::Phone& phone, const std::string& table);
  // A disk that dies while the engine opens leaves a phone that was never on. True when it did.
  bool finish_opening(const world::Phone& phone);

  void on_handled(world::VirtualWorld& world, world::VirtualPhone& phone) override;

 private:
  struct Armed {
    world::VirtualPhone* phone;
    bool power;
    CrashAt at;
    std::uint64_t syncs;  // of its disk when it was armed
  };

  [[nodiscard]] world::VirtualPhone& find(const world::Phone& phone) const;

  world::VirtualWorld& world_;
  std::optional<Armed> armed_;
};

}  // namespace landfall::scenario
