#include "simulator/real/real_world.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "engine/base/random.hpp"

namespace landfall::world {
namespace {

using std::chrono::steady_clock;

// The longest that a thread which has something to do waits for a processor, with the sanitizers on
// and other work on the machine.
constexpr Duration kLag{250};
// Whoever waits for an answer of the engine, and not for time to pass, waits as long at least.
constexpr Duration kPatience{15'000};
constexpr Duration kSettleMax{2'000};

std::array<std::byte, 32> backend_seed(std::uint64_t seed) {
  Random random = Random::stream(seed, "backend");
  std::array<std::byte, 32> bytes{};
  for (auto& byte : bytes) byte = static_cast<std::byte>(random.next());
  return bytes;
}

glue::Pace pace_from_now(int speed) { return {speed, glue::DeviceClock::wall_clock()}; }

}  // namespace

RealWorld::RealWorld(RealWorldOptions options, TemporaryFolder folder)
    : World(options.backend.routes, options.profile, options.trace_text),
      options_(std::move(options)),
      folder_(std::move(folder)),
      clock_(pace_from_now(options_.speed)),
      backend_random_(backend_seed(options_.seed)) {}

Result<std::unique_ptr<RealWorld>> RealWorld::open(RealWorldOptions options) {
  LANDFALL_TRY_ASSIGN(auto folder, TemporaryFolder::make());
  options.backend.seed = options.seed;
  std::unique_ptr<RealWorld> world(new RealWorld(std::move(options), std::move(folder)));
  LANDFALL_TRY_ASSIGN(
      world->backend_,
      backend::Backend::open(world->options_.backend, world->backend_random_, world->now()));
  LANDFALL_TRY_ASSIGN(world->server_, net::BackendServer::start(*world->backend_, world->clock_));
  return world;
}

// The phones close first: their proxies need the server, and their threads the mailbox.
RealWorld::~RealWorld() {
  end_watch();
  remove_phones();
}

Status RealWorld::add_phone(std::string name, Account account) {
  LANDFALL_TRY_ASSIGN(auto phone, RealPhone::make(*this, std::move(name), std::move(account)));
  real_phones_.push_back(phone.get());
  add(std::move(phone));
  return {};
}

std::string RealWorld::folder_of(const Phone& phone) const {
  const auto found = std::find(real_phones_.begin(), real_phones_.end(), &phone);
  return folder_.path() / ("phone" + std::to_string(found - real_phones_.begin() + 1));
}

// --- time

Instant RealWorld::now() const { return seen_at_ ? *seen_at_ : clock_.now(); }

Duration RealWorld::lag() const { return engine_time(kLag); }

void RealWorld::open_letters(steady_clock::time_point deadline) {
  auto letters = mailbox_.take_all(deadline);
  for (auto& letter : letters) {
    seen_at_ = letter.at;
    letter.open();
    seen_at_.reset();
  }
}

bool RealWorld::pass(Duration span, const std::function<bool()>& done) {
  const Instant end = clock_.now() + span;
  auto deadline = steady_clock::now();
  while (true) {
    open_letters(deadline);
    while (events().run_one(clock_.now())) {
    }
    if (done()) return true;
    const Instant now = clock_.now();
    if (now >= end) return false;
    const Duration left = std::min(events().next().value_or(end), end) - now;
    const auto real_us = std::max<std::int64_t>(0, left.count()) * 1'000 / options_.speed;
    // Behind it, so that the clock has got there.
    deadline = steady_clock::now() + std::chrono::microseconds{real_us + 100};
  }
}

void RealWorld::run_for(Duration span) {
  (void)pass(span, [] { return false; });
}

bool RealWorld::run_until(Duration span, const std::function<bool()>& done) {
  return pass(std::max(span, engine_time(kPatience)), done);
}

void RealWorld::settle() {
  (void)pass(engine_time(kSettleMax), [this] {
    return std::all_of(real_phones_.begin(), real_phones_.end(),
                       [](const auto* phone) { return phone->is_settled(); });
  });
}

// --- the rest

void RealWorld::heal() {
  if (profile().contains("permissions")) {
    with_backend([](backend::Backend& backend, Instant now) {
      for (const char* right : {"Approve", "Reject"}) backend.grant("approver", right, now);
    });
  }
  for (auto* phone : real_phones_) {
    phone->clear_script();
    if (!phone->is_running()) phone->boot();
    phone->resume();
    phone->set_network(true, true);
  }
  for (Observer* observer : observers()) observer->on_healed(*this);
}

void RealWorld::with_backend(const std::function<void(backend::Backend&, Instant now)>& look) {
  server_->with_backend(look);
}

}  // namespace landfall::world
