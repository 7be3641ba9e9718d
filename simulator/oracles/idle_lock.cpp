#include "simulator/oracles/idle_lock.hpp"

#include <nlohmann/json.hpp>

#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

// An answer that was given in time may be heard a little later; a login is a while on its way.
constexpr Duration kHearing{60'000};

Duration idle_of(const nlohmann::json& profile) {
  return std::chrono::seconds{profile["unlock"]["idle"]["after_s"].get<std::int64_t>()};
}

}  // namespace

void IdleLock::on_protected(world::World& world, world::Phone& phone) {
  active_at_[&phone] = world.now();
}

// Too late, a touch opens nothing.
void IdleLock::on_touch(world::World& world, world::Phone& phone) {
  const auto known = active_at_.find(&phone);
  if (known == active_at_.end()) return;
  if (world.now() - known->second < idle_of(world.profile())) known->second = world.now();
}

void IdleLock::on_guess_answered(world::World& world, world::Phone& phone, bool,
                                 const nlohmann::json& result) {
  const auto known = active_at_.find(&phone);
  if (known != active_at_.end() && !result.value("locked", true)) known->second = world.now();
}

void IdleLock::on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                         const http::Answer& answer) {
  const auto known = active_at_.find(&phone);
  if (known == active_at_.end() || !answer.response || answer.response->status != 200) return;
  if (request.target == world.routes().login) known->second = world.now();
}

void IdleLock::on_acknowledged(world::World& world, world::Phone& phone, const world::Intent&,
                               const nlohmann::json&) {
  judge(world, phone, "took an operation");
}

void IdleLock::on_view(world::World& world, world::Phone& phone, const nlohmann::json&,
                       const nlohmann::json&) {
  judge(world, phone, "showed documents");
}

void IdleLock::judge(world::World& world, const world::Phone& phone, const char* what) {
  const auto known = active_at_.find(&phone);
  if (known == active_at_.end()) return;
  if (world.now() - known->second <= idle_of(world.profile()) + kHearing) return;
  world.violate("INV-A11", phone.name() + " " + what + " at " + format_rfc3339(world.now()) +
                               ", untouched since " + format_rfc3339(known->second));
}

}  // namespace landfall::oracles
