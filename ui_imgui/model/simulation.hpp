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
#include "ui_imgui/model/code_book.hpp"
#include "ui_imgui/model/screen_use.hpp"
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
  std::string profile = "prokure";  // of a world of its own: the name of a shipped one
};

// Owns the world behind the window: lets its time pass, carries out what a person asks for, and
// keeps the snapshot of it. Everything happens on the caller's thread; nothing here draws.
//
// A world of its own begins with a phone that is booted and, in ProKure's, logged in; a scenario's
// with what its steps do, and its time stands still between them until somebody lets it run.
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
  void open_app();
  void open_for_work();
  void pass(Duration span);
  // The same, while somebody may have their hands on the phone.
  void pass_in_use(Duration span);
  void touch();
  void play_step();
  void ask(const std::string& request, nlohmann::json params);
  // The same, for what a screen shows the answer to.
  void ask_on_screen(const std::string& request, nlohmann::json params);
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
  void on(const UseScreen& command);
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
  void on(const SubmitLogin& command);
  void on(const LoginRemembered& command);
  void on(const OpenRegistration& command);
  void on(const SubmitRegistration& command);
  void on(const UsePassword& command);
  void on(const SubmitCode& command);
  void on(const SendCode& command);
  void on(const ChooseOrganisation& command);
  void on(const SwitchOrganisation& command);
  void on(const UnlockByPin& command);
  void on(const UnlockByBiometric& command);
  void on(const LockApp& command);
  void on(const SetPin& command);
  void on(const ChangePin& command);
  void on(const RemoveProof& command);
  void on(const EnrolBiometric& command);
  void on(const DeclineBiometric& command);
  void on(const SetFinger& command);
  void on(const SetUpSecondFactor& command);
  void on(const VerifySecondFactor& command);
  void on(const NewBackupCodes& command);
  void on(const DisableSecondFactor& command);
  void on(const FinishOnboarding& command);
  void on(const ChooseRole& command);
  void on(const LeaveDashboard& command);
  void on(const ResolveConflict& command);
  void on(const ReopenConflict& command);
  void on(const SelectOperation& command);
  void on(const RetryOperation& command);
  void on(const CancelOperation& command);
  void on(const DiscardOperation& command);
  void on(const SupersedeOperation& command);
  void on(const ExplainCode& command);
  void on(const CloseCode& command);
  void on(const PlayStep& command);
  void on(const PlayScenario& command);
  void on(const Restart& command);

  SimulationOptions options_;
  std::unique_ptr<Life> life_;
  ScreenUse screen_use_;  // of the phone that is shown
  CodeBook codes_;
  Snapshot snapshot_;
  std::uint64_t log_shown_ = 0;  // its revision
  double owed_ms_ = 0;           // virtual time that has not passed yet: less than a millisecond
  double until_next_step_ms_ = 0;
};

}  // namespace landfall::ui
