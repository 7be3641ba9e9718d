#include "simulator/world/world.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "simulator/world/observed_push.hpp"

namespace landfall::world {
namespace {

using faults::Fault;

// Monday morning in Pune: 2026-01-05T03:30:00Z.
constexpr Instant kStart{1'767'583'800'000};
constexpr std::int64_t kQuantumMsMax = 400;

std::array<std::byte, 32> backend_seed(std::uint64_t seed) {
  Random random = Random::stream(seed, "backend");
  std::array<std::byte, 32> bytes{};
  for (auto& byte : bytes) byte = static_cast<std::byte>(random.next());
  return bytes;
}

}  // namespace

World::World(WorldOptions options)
    : options_(std::move(options)),
      clock_(kStart),
      schedule_(Random::stream(options_.seed, "schedule")),
      chaos_(Random::stream(options_.seed, "chaos")),
      random_(Random::stream(options_.seed, "world")),
      backend_random_(backend_seed(options_.seed)),
      trace_(options_.trace_text) {
  options_.backend.seed = options_.seed;
  auto backend = backend::Backend::open(options_.backend, backend_random_, now());
  LANDFALL_ASSERT(backend.has_value());
  backend_ = std::move(*backend);
}

World::~World() {
  for (auto& phone : phones_) {
    if (phone->is_running()) phone->shut_down();
  }
}

Phone& World::add_phone(std::string name, Account account) {
  phones_.push_back(
      std::make_unique<Phone>(*this, std::move(name), std::move(account), options_.seed));
  return *phones_.back();
}

// --- time

// The disk died under this phone: its process ends here, and begins again after a while.
void World::bury(Phone& phone) {
  const bool power = chaos_.chance(options_.plan.power_share);
  crash(phone, power);
  const Duration dark{chaos_.between(500, 30'000)};
  after(dark, [this, &phone] {
    if (!phone.is_running()) phone.boot();
    if (phone.is_running()) schedule_crash(phone);
  });
}

void World::crash(Phone& phone, bool power) {
  count(power ? Fault::power_cut : Fault::kill);
  trace(phone, power ? "power cut" : "killed");
  if (!phone.disk().is_dead()) phone.disk().kill();
  if (power) phone.disk().power_cut([this] { return chaos_.next(); });
  // The actors of the dead process still unwind against the dead disk: it revives only behind them.
  phone.die(power);
  phone.disk().revive();
  for (Observer* observer : observers_) observer->on_revived(*this, phone, power);
}

void World::step_one(Phone& phone) {
  auto& runtime = phone.runtime();
  const std::size_t ready = runtime.ready();
  const std::size_t pick = ready > 1 ? schedule_.below(ready) : 0;
  const std::string_view actor = runtime.step(pick);
  trace(phone, actor);
  phone.drain();
  for (Observer* observer : observers_) observer->on_step(*this, phone);
}

void World::step_all() {
  while (true) {
    std::vector<Phone*> busy;
    for (auto& phone : phones_) {
      if (phone->is_running() && phone->disk().is_dead()) bury(*phone);
      if (phone->is_running()) phone->drain();
      if (phone->is_running() && phone->runtime().ready() > 0) busy.push_back(phone.get());
    }
    if (busy.empty()) return;
    step_one(*busy[busy.size() > 1 ? schedule_.below(busy.size()) : 0]);
  }
}

// Moves time to the next thing that will happen, and a little further, so that what lies close
// together becomes due together and its order is drawn.
void World::advance(Instant until) {
  Instant next = until;
  if (const auto event = events_.next()) next = std::min(next, *event);
  for (auto& phone : phones_) {
    if (!phone->is_running()) continue;
    if (const auto timer = phone->runtime().next_timer()) next = std::min(next, now() + *timer);
  }
  const Duration quantum{schedule_.between(0, kQuantumMsMax)};
  const Duration by = std::max(Duration{0}, std::min(next + quantum, until) - now());
  clock_.advance(by);
  for (auto& phone : phones_) {
    if (phone->is_running()) phone->runtime().advance(by);
  }
}

void World::settle() {
  do {
    step_all();
  } while (events_.run_one(now()));
}

bool World::run_until(Duration span, const std::function<bool()>& done) {
  const Instant end = now() + span;
  while (true) {
    settle();
    if (done()) return true;
    if (now() >= end) return false;
    advance(end);
  }
}

void World::run_for(Duration span) {
  (void)run_until(span, [] { return false; });
}

// --- chaos

bool World::strikes(Fault fault) {
  const double chance = plan().chance_of(fault);
  if (chance <= 0.0 || !chaos_.chance(chance)) return false;
  count(fault);
  return true;
}

void World::start_chaos() {
  chaos_on_ = true;
  ++chaos_epoch_;
  for (auto& phone : phones_) {
    schedule_offline(*phone);
    schedule_crash(*phone);
  }
  schedule_edit_by_other();
  schedule_server_down();
}

void World::schedule_offline(Phone& phone) {
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

void World::schedule_server_down() {
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

void World::schedule_crash(Phone& phone) {
  if (!chaos_on_ || options_.plan.life_mean.count() == 0) return;
  const Duration life = faults::draw_around(chaos_, options_.plan.life_mean);
  const std::uint64_t writes = chaos_.below(40);
  after(life, [this, &phone, writes, epoch = chaos_epoch_] {
    if (epoch != chaos_epoch_ || !phone.is_running()) return;
    phone.disk().crash_at(phone.disk().io_operations() + writes);
  });
}

void World::schedule_edit_by_other() {
  const double chance = plan().chance_of(Fault::edited_by_other);
  if (chance <= 0.0) return;
  after(Duration{chaos_.between(20'000, 120'000)}, [this, epoch = chaos_epoch_] {
    if (epoch != chaos_epoch_) return;
    const auto documents = backend_->documents();
    const auto& document = documents[chaos_.below(documents.size())];
    const bool editable = document.key.type == "approval" || document.key.type == "pr";
    if (editable && !document.deleted) {
      count(Fault::edited_by_other);
      (void)backend_->edit_as_other(document.key, Json{{"note", "seen by others"}}, now());
    } else if (chaos_.chance(0.3)) {
      count(Fault::edited_by_other);
      (void)backend_->create_approval(now());
    }
    schedule_edit_by_other();
  });
}

void World::heal() {
  healed_ = true;
  chaos_on_ = false;
  server_down_ = false;
  ++chaos_epoch_;
  for (auto& phone : phones_) {
    phone->disk().disarm();
    phone->disk().heal();
    if (phone->is_running() && phone->disk().is_dead()) crash(*phone, false);
    if (!phone->is_running()) phone->boot();
    phone->set_network(true, true);
  }
  for (Observer* observer : observers_) observer->on_healed(*this);
}

void World::end() {
  for (Observer* observer : observers_) observer->on_end(*this);
}

// --- what happened

void World::trace(const Phone& phone, std::string_view what, std::string_view detail) {
  trace_.line(now(), phone.name(), what, detail);
}

void World::violate(std::string oracle, std::string detail) {
  violations_.push_back({std::move(oracle), std::move(detail), trace_.lines()});
}

void World::observe_intent(Phone& phone, const Intent& intent) {
  trace(phone, "enqueues", intent.id + " " + intent.entity.type + " " + intent.action);
  for (Observer* observer : observers_) observer->on_intent(*this, phone, intent);
}

void World::observe_acknowledged(Phone& phone, const Intent& intent, const nlohmann::json& result) {
  trace(phone, "acknowledged", intent.id);
  ++acknowledged_;
  for (Observer* observer : observers_) observer->on_acknowledged(*this, phone, intent, result);
}

void World::observe_refused(Phone& phone, const Intent& intent, const std::string& code) {
  trace(phone, "refused", intent.id + " " + code);
  for (Observer* observer : observers_) observer->on_refused(*this, phone, intent, code);
}

void World::observe_discarded(Phone& phone, const std::string& operation) {
  trace(phone, "discarded", operation);
  for (Observer* observer : observers_) observer->on_discarded(*this, phone, operation);
}

void World::observe_retried(Phone& phone, const std::string& operation) {
  trace(phone, "retried", operation);
  for (Observer* observer : observers_) observer->on_retried(*this, phone, operation);
}

void World::observe_view(Phone& phone, const nlohmann::json& params, const nlohmann::json& result) {
  for (Observer* observer : observers_) observer->on_view(*this, phone, params, result);
}

void World::observe_event(Phone& phone, const std::string& event, const nlohmann::json& data) {
  for (Observer* observer : observers_) observer->on_event(*this, phone, event, data);
}

void World::observe_request(Phone& phone, const http::Request& request) {
  const auto operations = operations_of_push(request, options_.backend.routes.push);
  for (const auto& operation : operations) trace(phone, "pushes", operation.id);
  for (Observer* observer : observers_) observer->on_request(*this, phone, request, operations);
}

void World::observe_answer(Phone& phone, const http::Request& request, const http::Answer& answer) {
  for (Observer* observer : observers_) observer->on_answer(*this, phone, request, answer);
}

void World::observe_network(Phone& phone, bool up) {
  trace(phone, up ? "network up" : "network down");
  for (Observer* observer : observers_) observer->on_network(*this, phone, up);
}

void World::observe_crash(Phone& phone, bool power) {
  for (Observer* observer : observers_) observer->on_crash(*this, phone, power);
}

void World::observe_boot(Phone& phone) {
  trace(phone, "boots");
  for (Observer* observer : observers_) observer->on_boot(*this, phone);
}

}  // namespace landfall::world
