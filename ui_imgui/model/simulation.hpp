#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "simulator/scenario/scenario.hpp"
#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::world {
class VirtualPhone;
class VirtualWorld;
}  // namespace landfall::world

namespace landfall::ui {

struct Life;

struct SimulationOptions {
  std::uint64_t seed = 1;  // of a world of its own; a scenario names its own
  std::optional<scenario::Scenario> scenario = std::nullopt;
};

// Owns the world behind the window: lets its time pass, carries out what a person asks for, and
// keeps the snapshot of it. Everything happens on the caller's thread; nothing here draws.
//
// A world of its own begins with a phone that is booted and logged in; a scenario's with what its
// steps do, and its time stands still between them until somebody lets it run.
class Simulation final {
 public:
  explicit Simulation(SimulationOptions options);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  void execute(const Command& command);

  // One frame of so much real time: virtual time passes unless it is paused, a running scenario
  // goes on, and the phone is read again.
  void tick(double real_ms);

  // As of the last tick.
  [[nodiscard]] const Snapshot& snapshot() const { return snapshot_; }

 private:
  void begin();
  [[nodiscard]] world::VirtualWorld& world();
  [[nodiscard]] world::VirtualPhone& phone();
  void show();
  void show_phone();
  void show_log();
  void open_for_work();
  void pass(Duration span);
  void play_step();
  void ask(const std::string& request, nlohmann::json params);
  void enqueue(EntityKey entity, std::string action, nlohmann::json payload);

  void on(const SetPaused& command);
  void on(const SetSpeed& command);
  void on(const PassTime& command);
  void on(const SetNetwork& command);
  void on(const SetServerDown& command);
  void on(const SetFault& command);
  void on(const ClearFaults& command);
  void on(const KillProcess& command);
  void on(const CutPower& command);
  void on(const BootPhone& command);
  void on(const OtherApproves& command);
  void on(const OtherEdits& command);
  void on(const OtherAsks& command);
  void on(const HealAndCheck& command);
  void on(const SelectPhone& command);
  void on(const Login& command);
  void on(const Logout& command);
  void on(const SyncNow& command);
  void on(const Approve& command);
  void on(const Reject& command);
  void on(const CreateRequisition& command);
  void on(const EditRequisition& command);
  void on(const SubmitRequisition& command);
  void on(const DeleteRequisition& command);
  void on(const FetchRequisitions& command);
  void on(const SeeNotices& command);
  void on(const SelectOperation& command);
  void on(const RetryOperation& command);
  void on(const CancelOperation& command);
  void on(const DiscardOperation& command);
  void on(const SupersedeOperation& command);
  void on(const PlayStep& command);
  void on(const PlayScenario& command);
  void on(const Restart& command);

  SimulationOptions options_;
  std::unique_ptr<Life> life_;
  Snapshot snapshot_;
  std::uint64_t log_shown_ = 0;  // its revision
  double owed_ms_ = 0;           // virtual time that has not passed yet: less than a millisecond
  double until_next_step_ms_ = 0;
};

}  // namespace landfall::ui
