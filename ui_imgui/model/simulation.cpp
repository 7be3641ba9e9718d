#include "ui_imgui/model/simulation.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "schema/embedded.hpp"
#include "ui_imgui/model/call_faults.hpp"
#include "ui_imgui/model/life.hpp"

namespace landfall::ui {
namespace {

using faults::Fault;

// A frame that took longer (a window that was dragged, a breakpoint) counts as this long.
constexpr double kFrameMsMax = 100.0;
// A running scenario stays at each step for so long that an eye can follow.
constexpr double kStepEveryMs = 500.0;
constexpr Duration kOpenMax{std::chrono::seconds{10}};
constexpr Duration kWorkMax{std::chrono::seconds{60}};

bool has_session(const world::Phone& phone) {
  return phone.is_ready() && phone.session_status() == "authenticated";
}

std::uint64_t duplicate_effects(const backend::Ledger& ledger) {
  std::map<std::string, std::uint64_t> counts;
  for (const auto& effect : ledger.effects()) ++counts[effect.operation_id];
  return ledger.effects().size() - counts.size();
}

WorldView world_view(world::VirtualWorld& world, world::VirtualPhone& phone) {
  WorldView view;
  view.network_up = phone.network().is_up();
  view.server_down = world.server_is_down();
  for (const Fault fault : kCallFaults) {
    view.faults.push_back({std::string(faults::to_string(fault)), world.plan().chance_of(fault),
                           world.fault_counts().of(fault)});
  }
  view.kills = world.fault_counts().of(Fault::kill);
  view.power_cuts = world.fault_counts().of(Fault::power_cut);
  view.server_effects = world.backend().ledger().effects().size();
  view.duplicate_effects = duplicate_effects(world.backend().ledger());
  return view;
}

}  // namespace

Simulation::Simulation(SimulationOptions options)
    : options_(std::move(options)), codes_(nlohmann::json::parse(schema::api_json())) {
  begin();
}

Simulation::~Simulation() = default;

world::VirtualWorld& Simulation::world() { return life_->universe.world(); }

world::VirtualPhone& Simulation::phone() { return *life_->phone; }

void Simulation::begin() {
  const int speed = life_ ? snapshot_.clock.speed : 10;
  life_.reset();
  screen_use_ = {};
  snapshot_ = {};
  log_shown_ = 0;
  owed_ms_ = until_next_step_ms_ = 0;
  snapshot_.clock.speed = speed;
  if (options_.scenario) {
    life_ = std::make_unique<Life>(*options_.scenario);
    snapshot_.clock.is_paused = true;
  } else {
    life_ = std::make_unique<Life>(options_.seed, options_.profile);
    open_app();
    if (options_.profile == kDefaultProfile) open_for_work();
  }
  show();
}

void Simulation::open_app() {
  phone().boot();
  (void)world().run_until(kOpenMax, [&] { return phone().session_status() == "unauthenticated"; });
}

// Logs in and waits for the first pull, so that there is something to work on.
void Simulation::open_for_work() {
  on(Login{});
  bool pulled = false;
  (void)world().run_until(kWorkMax, [&] {
    const auto& lines = life_->log.lines();
    pulled = pulled || std::any_of(lines.begin(), lines.end(), [](const LogLine& line) {
               return line.what == "pull.completed";
             });
    return pulled && has_session(phone());
  });
}

void Simulation::pass(Duration span) { world().run_for(span); }

void Simulation::touch() {
  life_->user.touch(world(), phone());
  screen_use_.on_touched(world().now().unix_ms);
}

void Simulation::pass_in_use(Duration span) {
  while (span > Duration{0} && screen_use_.is_in_use()) {
    const Duration step = std::min(span, ScreenUse::kTouchEvery);
    pass(step);
    span -= step;
    if (screen_use_.is_touch_due(world().now().unix_ms)) touch();
  }
  if (span > Duration{0}) pass(span);
}

void Simulation::tick(double real_ms) {
  const double frame_ms = std::min(real_ms, kFrameMsMax);
  screen_use_.pass_real(frame_ms);
  if (!snapshot_.clock.is_paused) {
    owed_ms_ += frame_ms * snapshot_.clock.speed;
    const auto whole = static_cast<std::int64_t>(owed_ms_);
    owed_ms_ -= static_cast<double>(whole);
    pass_in_use(Duration{whole});
  }
  if (life_->play && life_->play->is_running()) {
    until_next_step_ms_ -= frame_ms;
    if (until_next_step_ms_ <= 0) play_step();
  }
  world().settle();
  show();
}

void Simulation::play_step() {
  until_next_step_ms_ = kStepEveryMs;
  life_->play->play_step();
}

void Simulation::show_phone() {
  PhoneView view{phone().name(),         phone().account().email,  phone().is_running(),
                 phone().engine_state(), phone().session_status(), phone().connectivity()};
  for (const auto& lane : snapshot_.lanes) {
    for (const auto& operation : lane.operations) {
      if (is_waiting_state(operation.state)) ++view.waiting;
      if (operation.state == "blocked") ++view.blocked;
    }
  }
  view.failed = snapshot_.failed;
  view.open_calls = phone().network().open_calls();
  view.last_refusal = life_->user.last_refusal();
  snapshot_.phone = std::move(view);
  snapshot_.phones.clear();
  for (const auto& each : world().phones()) snapshot_.phones.push_back(each->name());
}

// Thousands of lines are copied only when there is a new one.
void Simulation::show_log() {
  if (log_shown_ == life_->log.revision()) return;
  log_shown_ = life_->log.revision();
  snapshot_.log = life_->log.lines();
  snapshot_.log_lines_dropped = life_->log.dropped();
}

void Simulation::show() {
  life_->mirror.refresh(world(), phone(), snapshot_);
  life_->identity.refresh(world(), phone(), snapshot_);
  snapshot_.clock.now_ms = world().now().unix_ms;
  snapshot_.clock.start_ms = life_->start_ms;
  show_phone();
  show_log();
  snapshot_.world = world_view(world(), phone());
  snapshot_.history = life_->history.of(phone());
  snapshot_.violations.clear();
  for (const auto& violation : world().violations())
    snapshot_.violations.push_back({violation.oracle, violation.detail});
  snapshot_.promises_checked = life_->promises_checked;
  if (life_->play) snapshot_.scenario = life_->play->view();
}

}  // namespace landfall::ui
