#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "engine/base/secure_random.hpp"
#include "simulator/backend/backend.hpp"
#include "simulator/faults/fault_plan.hpp"
#include "simulator/world/event_queue.hpp"
#include "simulator/world/observer.hpp"
#include "simulator/world/phone.hpp"
#include "simulator/world/trace.hpp"
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
class World final {
 public:
  explicit World(WorldOptions options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Phone& add_phone(std::string name, Account account);
  // The world does not own observers that it is given by reference; they outlive it.
  void add_observer(Observer& observer) { observers_.push_back(&observer); }

  // Lets time pass. Every actor that can run does so before time moves; in which order is drawn.
  void run_for(Duration span);
  // The same, until `done` or the end of `span`; true when it was done.
  bool run_until(Duration span, const std::function<bool()>& done);
  // No time passes: everything that can happen now happens.
  void settle();

  // Phones crash, lose their network and find their documents changed, by the plan, from now on.
  void start_chaos();
  // Everything is in order from now on: network up, disks healthy, dead phones booted.
  void heal();
  [[nodiscard]] bool is_healed() const { return healed_; }
  void crash(Phone& phone, bool power);
  void end();

  // --- for its inhabitants

  [[nodiscard]] Instant now() const { return clock_.now(); }
  [[nodiscard]] WorldClock& clock() { return clock_; }
  [[nodiscard]] backend::Backend& backend() { return *backend_; }
  [[nodiscard]] const faults::FaultPlan& plan() const {
    return healed_ ? no_faults_ : options_.plan;
  }
  void set_plan(faults::FaultPlan plan) { options_.plan = std::move(plan); }
  [[nodiscard]] const nlohmann::json& profile_config() const { return options_.profile; }
  [[nodiscard]] std::vector<std::unique_ptr<Phone>>& phones() { return phones_; }
  [[nodiscard]] std::uint64_t seed() const { return options_.seed; }
  [[nodiscard]] bool server_is_down() const { return server_down_; }
  [[nodiscard]] Random& random() { return random_; }
  void after(Duration delay, EventQueue::Event event) {
    events_.at(now() + delay, std::move(event));
  }
  // Draws whether a fault of the side (not of a call) strikes, and counts it.
  [[nodiscard]] bool strikes(faults::Fault fault);
  void count(faults::Fault fault) { faults_.add(fault); }

  // --- what happened

  void trace(const Phone& phone, std::string_view what, std::string_view detail = {});
  void violate(std::string oracle, std::string detail);
  [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }
  [[nodiscard]] const faults::FaultCounts& fault_counts() const { return faults_; }
  [[nodiscard]] const Trace& trace() const { return trace_; }
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }

  void observe_intent(Phone& phone, const Intent& intent);
  void observe_acknowledged(Phone& phone, const Intent& intent, const nlohmann::json& result);
  void observe_refused(Phone& phone, const Intent& intent, const std::string& code);
  void observe_discarded(Phone& phone, const std::string& operation);
  void observe_retried(Phone& phone, const std::string& operation);
  void observe_view(Phone& phone, const nlohmann::json& params, const nlohmann::json& result);
  void observe_event(Phone& phone, const std::string& event, const nlohmann::json& data);
  void observe_request(Phone& phone, const http::Request& request);
  void observe_answer(Phone& phone, const http::Request& request, const http::Answer& answer);
  void observe_network(Phone& phone, bool up);
  void observe_crash(Phone& phone, bool power);
  void observe_boot(Phone& phone);

 private:
  void step_all();
  void step_one(Phone& phone);
  void bury(Phone& phone);
  void advance(Instant until);
  void schedule_offline(Phone& phone);
  void schedule_server_down();
  void schedule_crash(Phone& phone);
  void schedule_edit_by_other();

  WorldOptions options_;
  faults::FaultPlan no_faults_;
  WorldClock clock_;
  EventQueue events_;
  Random schedule_;  // who runs next, how far time jumps
  Random chaos_;     // when crashes and spells begin
  Random random_;    // for whoever lives in the world
  SeededSecureRandom backend_random_;
  std::unique_ptr<backend::Backend> backend_;
  std::vector<std::unique_ptr<Phone>> phones_;
  std::vector<Observer*> observers_;
  std::vector<Violation> violations_;
  faults::FaultCounts faults_;
  Trace trace_;
  bool healed_ = false;
  bool chaos_on_ = false;
  bool server_down_ = false;
  std::uint64_t chaos_epoch_ = 0;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace landfall::world
