#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "engine/base/secure_random.hpp"
#include "simulator/faults/fault_plan.hpp"
#include "simulator/world/file_events.hpp"
#include "simulator/world/virtual_phone.hpp"
#include "simulator/world/world.hpp"
#include "simulator/world/world_clock.hpp"

namespace landfall::world {

struct WorldOptions {
  std::uint64_t seed = 1;
  faults::FaultPlan plan;
  nlohmann::json profile = "prokure";  // as a config names it: a shipped one or a whole profile
  backend::BackendOptions backend;
  std::FILE* trace_text = nullptr;
};

// One seed's universe: the backend, some phones, their networks and disks, in virtual time and on
// one thread. Which actor runs next, how far time jumps and what breaks are drawn from the seed, so
// that the same seed is the same history.
class VirtualWorld final : public World {
 public:
  explicit VirtualWorld(WorldOptions options);
  ~VirtualWorld() override;

  VirtualPhone& add_phone(std::string name, Account account);
  [[nodiscard]] const std::vector<VirtualPhone*>& virtual_phones() const { return phones_; }

  [[nodiscard]] Instant now() const override { return clock_.now(); }
  // Every actor that can run does so before time moves; in which order is drawn.
  void run_for(Duration span) override;
  bool run_until(Duration span, const std::function<bool()>& done) override;
  // Everything that can happen now happens.
  void settle() override;
  [[nodiscard]] Duration lag() const override { return Duration{0}; }

  // Phones crash, lose their network and find their documents changed, by the plan, from now on.
  void start_chaos();
  void heal() override;
  // The same, but disks that are full stay so, and observers are not told yet.
  void heal_all_but_room();
  // Everything was given the time to come to rest on the disks that are full.
  void tell_full_rest();
  [[nodiscard]] bool is_healed() const { return healed_; }
  void crash(VirtualPhone& phone, bool power);
  // Its user ends the app and opens it again after a while. Nothing where processes do not end.
  void end_app(VirtualPhone& phone);

  void with_backend(const std::function<void(backend::Backend&, Instant now)>& look) override;

  // --- for its inhabitants

  [[nodiscard]] WorldClock& clock() { return clock_; }
  [[nodiscard]] backend::Backend& backend() { return *backend_; }
  [[nodiscard]] const faults::FaultPlan& plan() const {
    return healed_ ? no_faults_ : options_.plan;
  }
  void observe_files_changed(VirtualPhone& phone, FileChange change);
  void set_plan(faults::FaultPlan plan) { options_.plan = std::move(plan); }
  [[nodiscard]] const nlohmann::json& profile_config() const { return options_.profile; }
  [[nodiscard]] std::uint64_t seed() const { return options_.seed; }
  [[nodiscard]] bool server_is_down() const { return server_down_; }
  // Down, every call is answered 5xx, until somebody says otherwise or a planned spell ends.
  void set_server_down(bool down) { server_down_ = down; }
  [[nodiscard]] Random& random() { return random_; }
  // Draws whether a fault of the side (not of a call) strikes, and counts it.
  [[nodiscard]] bool strikes(faults::Fault fault);
  // Whether the clock behind timers ran while a phone stood still; it does on some systems.
  [[nodiscard]] bool draws_running_sleep() { return chaos_.chance(0.5); }
  void count(faults::Fault fault) { faults_.add(fault); }
  [[nodiscard]] const faults::FaultCounts& fault_counts() const { return faults_; }

 private:
  void step_all();
  void step_one(VirtualPhone& phone);
  void bury(VirtualPhone& phone);
  void boot_later(VirtualPhone& phone);
  void freeze(VirtualPhone& phone);
  void plan_return(VirtualPhone& phone);
  void plan_window(VirtualPhone& phone);
  void advance(Instant until);
  void schedule_offline(VirtualPhone& phone);
  void schedule_server_down();
  void schedule_crash(VirtualPhone& phone);
  void schedule_full(VirtualPhone& phone);
  void schedule_failed_sync(VirtualPhone& phone);
  void schedule_suspend(VirtualPhone& phone);
  void schedule_edit_by_other();
  void schedule_rights();
  void let_go_of_hub(const backend::HubOutput& output);
  void carry_hub();

  WorldOptions options_;
  faults::FaultPlan no_faults_;
  WorldClock clock_;
  Random schedule_;  // who runs next, how far time jumps
  Random chaos_;     // when crashes and spells begin
  Random random_;    // for whoever lives in the world
  SeededSecureRandom backend_random_;
  std::unique_ptr<backend::Backend> backend_;
  std::vector<VirtualPhone*> phones_;  // the world's, as what they are
  faults::FaultCounts faults_;
  bool healed_ = false;
  bool chaos_on_ = false;
  bool server_down_ = false;
  std::uint64_t chaos_epoch_ = 0;
  FileEvents file_events_{*this};
  std::optional<Instant> hub_wakes_at_;
};

}  // namespace landfall::world
