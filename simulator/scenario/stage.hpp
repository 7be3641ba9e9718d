#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/oracles/all.hpp"
#include "simulator/scenario/authenticator.hpp"
#include "simulator/scenario/crasher.hpp"
#include "simulator/scenario/match.hpp"
#include "simulator/scenario/names.hpp"
#include "simulator/scenario/recorder.hpp"
#include "simulator/scenario/scenario.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::scenario {

// Whose phone it is, as the backend knows them.
[[nodiscard]] world::Account account_of(const Scenario& scenario, const ScenarioPhone& phone);

// One scenario's world while its steps are played.
class Stage final {
 public:
  // In virtual time. `trace_text` outlives the stage; null for no trace.
  Stage(const Scenario& scenario, std::FILE* trace_text);
  // In a world that has the scenario's phones, switched off.
  Stage(const Scenario& scenario, std::unique_ptr<world::World> world, oracles::Watch watch);

  [[nodiscard]] world::World& world() { return *world_; }
  // Null over real sockets.
  [[nodiscard]] world::VirtualWorld* virtual_world() { return virtual_world_; }
  [[nodiscard]] Crasher* crasher() { return crasher_ ? &*crasher_ : nullptr; }
  [[nodiscard]] Names& names() { return *names_; }
  [[nodiscard]] Recorder& recorder() { return recorder_; }
  // Of the user of the phone with this name.
  [[nodiscard]] Authenticator& authenticator(const std::string& name) {
    return authenticators_[name];
  }
  // What a phone's user proved, by the scenario's name for it.
  [[nodiscard]] nlohmann::json& proof(const std::string& name) { return proofs_[name]; }
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
  std::optional<Crasher> crasher_;
  std::unique_ptr<world::World> world_;
  world::VirtualWorld* virtual_world_ = nullptr;
  std::optional<Names> names_;
  std::map<std::string, Authenticator> authenticators_;
  std::map<std::string, nlohmann::json> proofs_;
};

// Plays one step; what did not come true. Where what happens is seen late (World::lag), an
// expectation is compared again until then.
[[nodiscard]] std::optional<Mismatch> play(Stage& stage, const Action& action);

// Compares what an `expect` step names, as it is now.
[[nodiscard]] std::optional<Mismatch> compare(Stage& stage, const Expect& expect);

}  // namespace landfall::scenario
