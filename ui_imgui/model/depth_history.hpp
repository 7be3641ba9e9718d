#pragma once

#include <map>
#include <string>
#include <vector>

#include "simulator/world/observer.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// How many operations of each phone were unsettled, over time, and the spells and crashes that
// explain it. It counts what the engine tells (acknowledgements and operation.changed), so that a
// long jump in time has its curve too. Bounded: the older half loses every second sample.
class DepthHistory final : public world::Observer {
 public:
  static constexpr std::size_t kSamplesMax = 4'000;
  static constexpr std::size_t kSpellsMax = 400;

  [[nodiscard]] const HistoryView& of(const world::Phone& phone) { return tracks_[&phone].shown; }

  // The switch is the window's own: no phone hears of it.
  void set_server_down(world::World& world, bool down);

  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_network(world::World& world, world::Phone& phone, bool up) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_boot(world::World& world, world::Phone& phone) override;

 private:
  struct Track {
    std::map<std::string, std::string> unsettled;  // operation -> state
    HistoryView shown;
  };

  void sample(const world::World& world, Track& track);
  void begin(const world::World& world, Track& track, SpellKind kind);
  void end(const world::World& world, Track& track, SpellKind kind);

  std::map<const world::Phone*, Track> tracks_;
};

// The words of operations.list: an operation in such a state waits for its turn or an answer.
[[nodiscard]] bool is_waiting_state(const std::string& state);
// It waits for its user, or for something that time alone does not bring.
[[nodiscard]] bool is_stuck_state(const std::string& state);

}  // namespace landfall::ui
