#include "simulator/world/virtual_world.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"

namespace landfall::world {
namespace {

using faults::Fault;

// Monday morning in Pune: 2026-01-05T03:30:00Z.
constexpr Instant kStart{1'767'583'800'000};
constexpr std::int64_t kQuantumMsMax = 400;
constexpr double kKilledAsleepShare = 0.15;

std::array<std::byte, 32> backend_seed(std::uint64_t seed) {
  Random random = Random::stream(seed, "backend");
  std::array<std::byte, 32> bytes{};
  for (auto& byte : bytes) byte = static_cast<std::byte>(random.next());
  return bytes;
}

}  // namespace

VirtualWorld::VirtualWorld(WorldOptions options)
    : World(options.backend.routes, options.profile, options.trace_text),
      options_(std::move(options)),
      clock_(kStart),
      schedule_(Random::stream(options_.seed, "schedule")),
      chaos_(Random::stream(options_.seed, "chaos")),
      random_(Random::stream(options_.seed, "world")),
      backend_random_(backend_seed(options_.seed)) {
  options_.backend.seed = options_.seed;
  auto backend = backend::Backend::open(options_.backend, backend_random_, now());
  LANDFALL_ASSERT(backend.has_value());
  backend_ = std::move(*backend);
}

VirtualWorld::~VirtualWorld() {
  end_watch();
  for (auto* phone : phones_) {
    if (phone->is_running()) phone->shut_down();
  }
  remove_phones();
}

VirtualPhone& VirtualWorld::add_phone(std::string name, Account account) {
  auto phone =
      std::make_unique<VirtualPhone>(*this, std::move(name), std::move(account), options_.seed);
  phones_.push_back(phone.get());
  add(std::move(phone));
  return *phones_.back();
}

void VirtualWorld::with_backend(const std::function<void(backend::Backend&, Instant now)>& look) {
  look(*backend_, now());
}

// --- time

// The disk died under this phone: its process ends here, and begins again after a while.
void VirtualWorld::bury(VirtualPhone& phone) {
  crash(phone, chaos_.chance(options_.plan.power_share));
  boot_later(phone);
}

void VirtualWorld::end_app(VirtualPhone& phone) {
  if (!chaos_on_ || options_.plan.life_mean.count() == 0) return;
  if (!phone.is_running() || phone.disk().is_dead()) return;
  crash(phone, false);
  boot_later(phone);
}

void VirtualWorld::boot_later(VirtualPhone& phone) {
  const Duration dark{chaos_.between(500, 30'000)};
  after(dark, [this, &phone] {
    file_events_.boot(phone);
    schedule_crash(phone);
  });
}

void VirtualWorld::crash(VirtualPhone& phone, bool power) {
  count(power ? Fault::power_cut : Fault::kill);
  trace(phone, power ? "power cut" : "killed");
  if (!phone.disk().is_dead()) phone.disk().kill();
  if (power) phone.disk().power_cut([this] { return chaos_.next(); });
  // The actors of the dead process still unwind against the dead disk: it revives only behind them.
  phone.die(power);
  phone.disk().revive();
  for (Observer* observer : observers()) observer->on_revived(*this, phone, power);
}

// The engine has let go and has nothing more to do. How long the process stands still is the plan's
// business, or that of whoever asked for it; some are killed before they run again.
void VirtualWorld::freeze(VirtualPhone& phone) {
  trace(phone, "stands still");
  phone.freeze();
  for (Observer* observer : observers()) observer->on_frozen(*this, phone);
  if (!chaos_on_ || options_.plan.asleep_mean.count() == 0) return;
  if (!phone.comes_back_at) plan_return(phone);
  plan_window(phone);
}

void VirtualWorld::plan_return(VirtualPhone& phone) {
  count(Fault::suspended);
  const Duration asleep = faults::draw_around(chaos_, options_.plan.asleep_mean);
  const bool is_killed = options_.plan.life_mean.count() > 0 && chaos_.chance(kKilledAsleepShare);
  phone.comes_back_at = now() + asleep;
  after(asleep, [this, &phone, is_killed, at = *phone.comes_back_at, epoch = chaos_epoch_] {
    if (epoch != chaos_epoch_ || phone.comes_back_at != at || !phone.is_running()) return;
    phone.comes_back_at.reset();
    is_killed ? bury(phone) : phone.resume();
  });
}

// The system gives the engine the window that it asked for, or one at some other time.
void VirtualWorld::plan_window(VirtualPhone& phone) {
  const auto wish = phone.next_window();
  // Its return may be due in this very instant.
  const Duration left = std::max(Duration{0}, *phone.comes_back_at - now());
  Duration in = wish ? *wish - now() : left;
  if (chaos_.chance(0.3)) in = Duration{chaos_.between(0, left.count())};
  const Duration budget{chaos_.between(200, 30'000)};
  if (in >= left || chaos_.chance(0.4)) return;
  after(in, [this, &phone, budget, at = *phone.comes_back_at, epoch = chaos_epoch_] {
    if (epoch == chaos_epoch_ && phone.comes_back_at == at && phone.is_frozen())
      phone.run_window(budget);
  });
}

void VirtualWorld::step_one(VirtualPhone& phone) {
  auto& runtime = phone.runtime();
  const std::size_t ready = runtime.ready();
  const std::size_t pick = ready > 1 ? schedule_.below(ready) : 0;
  const std::string_view actor = runtime.step(pick);
  trace(phone, actor);
  for (Observer* observer : observers()) observer->on_handled(*this, phone);
  if (phone.is_running() && !phone.disk().is_dead()) phone.count_step();
  // A process that died in this step has told its host nothing of it.
  if (!phone.is_running() || phone.disk().is_dead()) return;
  phone.drain();
  for (Observer* observer : observers()) observer->on_step(*this, phone);
}

void VirtualWorld::step_all() {
  while (true) {
    std::vector<VirtualPhone*> busy;
    for (auto* phone : phones_) {
      if (phone->is_running() && phone->disk().is_dead()) bury(*phone);
      if (!phone->is_running() || phone->is_frozen()) continue;
      phone->drain();
      if (phone->is_running() && phone->runtime().ready() > 0) {
        busy.push_back(phone);
      } else if (phone->is_away() && phone->engine_state() == "suspended") {
        freeze(*phone);
      }
    }
    if (busy.empty()) return;
    step_one(*busy[busy.size() > 1 ? schedule_.below(busy.size()) : 0]);
  }
}

// Moves time to the next thing that will happen, and a little further, so that what lies close
// together becomes due together and its order is drawn.
void VirtualWorld::advance(Instant until) {
  Instant next = until;
  if (const auto event = events().next()) next = std::min(next, *event);
  for (auto* phone : phones_) {
    if (!phone->is_running() || phone->is_frozen()) continue;
    if (const auto timer = phone->runtime().next_timer()) next = std::min(next, now() + *timer);
  }
  const Duration quantum{schedule_.between(0, kQuantumMsMax)};
  const Duration by = std::max(Duration{0}, std::min(next + quantum, until) - now());
  clock_.advance(by);
  for (auto* phone : phones_) {
    if (phone->is_running() && !phone->is_frozen()) phone->runtime().advance(by);
  }
}

void VirtualWorld::settle() {
  do {
    step_all();
    carry_hub();
  } while (events().run_one(now()));
}

bool VirtualWorld::run_until(Duration span, const std::function<bool()>& done) {
  const Instant end = now() + span;
  while (true) {
    settle();
    if (done()) return true;
    if (now() >= end) return false;
    advance(end);
  }
}

void VirtualWorld::run_for(Duration span) {
  (void)run_until(span, [] { return false; });
}

// What the hub said since, and when it has to be asked again although nobody called.
void VirtualWorld::carry_hub() {
  for (const auto& output : backend_->take_hub_output(now())) let_go_of_hub(output);
  const auto next = backend_->next_hub_wake();
  if (!next || hub_wakes_at_ == next) return;
  hub_wakes_at_ = next;
  after(std::max(*next - now(), Duration{1}), [] {});
}

void VirtualWorld::let_go_of_hub(const backend::HubOutput& output) {
  for (auto* phone : phones_) {
    if (!phone->sockets().carry(output)) continue;
    if (!output.texts.empty() && strikes(Fault::hub_closed))
      backend_->send_away(phone->user_id(), chaos_.chance(0.7));
    return;
  }
}

// --- chaos

bool VirtualWorld::strikes(Fault fault) {
  const double chance = plan().chance_of(fault);
  if (chance <= 0.0 || !chaos_.chance(chance)) return false;
  count(fault);
  return true;
}

void VirtualWorld::start_chaos() {
  chaos_on_ = true;
  ++chaos_epoch_;
  for (auto* phone : phones_) {
    schedule_offline(*phone);
    schedule_crash(*phone);
    schedule_full(*phone);
    schedule_failed_sync(*phone);
    schedule_suspend(*phone);
  }
  schedule_edit_by_other();
  schedule_server_down();
  schedule_rights();
  file_events_.start();
}

void VirtualWorld::schedule_failed_sync(VirtualPhone& phone) {
  if (options_.plan.sound_mean.count() == 0) return;
  after(faults::draw_around(chaos_, options_.plan.sound_mean),
        [this, &phone, epoch = chaos_epoch_] {
          if (epoch != chaos_epoch_) return;
          count(Fault::failed_sync);
          phone.disk().fail_io(IoKind::sync, FaultMode::one_shot);
          schedule_failed_sync(phone);
        });
}

// Somebody's pictures and films fill the phone, and are thrown away later.
void VirtualWorld::schedule_full(VirtualPhone& phone) {
  if (options_.plan.full_mean.count() == 0) return;
  const Duration roomy = faults::draw_around(chaos_, options_.plan.roomy_mean);
  const Duration full = faults::draw_around(chaos_, options_.plan.full_mean);
  after(roomy, [this, &phone, full, epoch = chaos_epoch_] {
    if (epoch != chaos_epoch_) return;
    count(Fault::disk_full);
    phone.fill_disk();
    after(full, [this, &phone, epoch] {
      if (epoch != chaos_epoch_) return;
      phone.disk().limit(std::nullopt);
      schedule_full(phone);
    });
  });
}

void VirtualWorld::schedule_offline(VirtualPhone& phone) {
  if (options_.plan.offline_mean.count() == 0) return;
  const Duration online = faults::draw_around(chaos_, options_.plan.online_mean);
  const Duration offline = faults::draw_around(chaos_, options_.plan.offline_mean);
  const bool told = chaos_.chance(0.5);
  after(online, [this, &phone, offline, told, epoch = chaos_epoch_] {
    if (epoch != chaos_epoch_) return;
    count(Fault::offline_spell);
    phone.set_network(false, told);
    after(offline, [this, &phone, told, epoch] {
      if (epoch != chaos_epoch_) return;
      phone.set_network(true, told);
      schedule_offline(phone);
    });
  });
}

void VirtualWorld::schedule_server_down() {
  if (options_.plan.down_mean.count() == 0) return;
  const Duration well = faults::draw_around(chaos_, options_.plan.well_mean);
  const Duration down = faults::draw_around(chaos_, options_.plan.down_mean);
  after(well, [this, down, epoch = chaos_epoch_] {
    if (epoch != chaos_epoch_) return;
    count(Fault::server_down);
    server_down_ = true;
    after(down, [this, epoch] {
      if (epoch != chaos_epoch_) return;
      server_down_ = false;
      schedule_server_down();
    });
  });
}

void VirtualWorld::schedule_crash(VirtualPhone& phone) {
  if (!chaos_on_ || options_.plan.life_mean.count() == 0) return;
  const Duration life = faults::draw_around(chaos_, options_.plan.life_mean);
  const std::uint64_t writes = chaos_.below(40);
  after(life, [this, &phone, writes, epoch = chaos_epoch_] {
    if (epoch != chaos_epoch_ || !phone.is_running()) return;
    phone.disk().crash_at(phone.disk().io_operations() + writes);
  });
}

// In the middle of whatever the phone does then, which is why messages are counted and not time.
void VirtualWorld::schedule_suspend(VirtualPhone& phone) {
  if (options_.plan.awake_mean.count() == 0) return;
  const Duration awake = faults::draw_around(chaos_, options_.plan.awake_mean);
  const std::uint64_t steps = chaos_.below(40);
  after(awake, [this, &phone, steps, epoch = chaos_epoch_] {
    if (epoch != chaos_epoch_) return;
    if (phone.is_running() && !phone.is_away()) phone.suspend_after(steps);
    schedule_suspend(phone);
  });
}

void VirtualWorld::schedule_edit_by_other() {
  const double chance = plan().chance_of(Fault::edited_by_other);
  if (chance <= 0.0) return;
  after(Duration{chaos_.between(20'000, 120'000)}, [this, epoch = chaos_epoch_] {
    if (epoch != chaos_epoch_) return;
    const auto documents = backend_->documents();
    const auto& document = documents[chaos_.below(documents.size())];
    const bool editable = document.key.type == "approval" || document.key.type == "pr";
    if (editable && !document.deleted) {
      count(Fault::edited_by_other);
      if (chaos_.chance(0.06)) {
        (void)backend_->delete_as_other(document.key, now());
      } else {
        (void)backend_->edit_as_other(document.key, Json{{"note", "seen by others"}}, now());
      }
    } else if (chaos_.chance(0.3)) {
      count(Fault::edited_by_other);
      (void)backend_->create_approval(now());
    }
    schedule_edit_by_other();
  });
}

// An administrator at work on the roles of those who live here.
void VirtualWorld::schedule_rights() {
  if (plan().chance_of(Fault::rights_changed) <= 0.0 || !options_.profile.is_object() ||
      !options_.profile.contains("permissions"))
    return;
  after(Duration{chaos_.between(60'000, 600'000)}, [this, epoch = chaos_epoch_] {
    if (epoch != chaos_epoch_) return;
    const std::string right = chaos_.chance(0.5) ? "Approve" : "Reject";
    count(Fault::rights_changed);
    if (chaos_.chance(0.5)) {
      backend_->revoke("approver", right, now());
    } else {
      backend_->grant("approver", right, now());
    }
    schedule_rights();
  });
}

void VirtualWorld::heal() {
  heal_all_but_room();
  for (auto* phone : phones_) phone->disk().limit(std::nullopt);
  for (Observer* observer : observers()) observer->on_healed(*this);
}

void VirtualWorld::observe_files_changed(VirtualPhone& phone, FileChange change) {
  for (Observer* observer : observers()) observer->on_files_changed(*this, phone, change);
}

void VirtualWorld::tell_full_rest() {
  for (Observer* observer : observers()) observer->on_full_rest(*this);
}

void VirtualWorld::heal_all_but_room() {
  file_events_.stop();
  healed_ = true;
  chaos_on_ = false;
  server_down_ = false;
  ++chaos_epoch_;
  if (options_.profile.is_object() && options_.profile.contains("permissions")) {
    for (const char* right : {"Approve", "Reject"}) backend_->grant("approver", right, now());
  }
  for (auto* phone : phones_) {
    phone->disk().disarm();
    phone->disk().heal();
    if (phone->is_running() && phone->disk().is_dead()) crash(*phone, false);
    if (!phone->is_running()) phone->boot();
    phone->stay_awake();
    phone->comes_back_at.reset();
    phone->resume();
    phone->set_network(true, true);
  }
}

}  // namespace landfall::world
