#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/oracles/all.hpp"
#include "simulator/scenario/match.hpp"
#include "simulator/scenario/names.hpp"
#include "simulator/scenario/recorder.hpp"
#include "simulator/scenario/scenario.hpp"
#include "simulator/world/world.hpp"

namespace landfall::scenario {

// One scenario's world while its steps are played.
class Stage final {
 public:
  Stage(const Scenario& scenario, std::FILE* trace_text);

  [[nodiscard]] world::World& world() { return world_; }
  [[nodiscard]] Names& names() { return *names_; }
  [[nodiscard]] Recorder& recorder() { return recorder_; }
  [[nodiscard]] world::Phone& phone(const std::string& name);
  // The path behind an endpoint of the profile.
  [[nodiscard]] const std::string& path_of(const std::string& endpoint) const;
  // A whole reply of the host interface; nothing when none came in time or the phone is off.
  [[nodiscard]] std::optional<nlohmann::json> ask(world::Phone& phone, const std::string& request,
                                                  const nlohmann::json& params, Duration within);

 private:
  std::map<std::string, std::string> paths_;
  // Observers stand before the world that calls them.
  oracles::All oracles_;
  Recorder recorder_;
  world::World world_;
  std::optional<Names> names_;
};

// Plays one step; what did not come true.
[[nodiscard]] std::optional<Mismatch> play(Stage& stage, const Action& action);

// Compares what an `expect` step names.
[[nodiscard]] std::optional<Mismatch> compare(Stage& stage, const Expect& expect);

}  // namespace landfall::scenario
