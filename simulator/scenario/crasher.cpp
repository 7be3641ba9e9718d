#include "simulator/scenario/crasher.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"
#include "simulator/scenario/damage.hpp"

namespace landfall::scenario {

world::VirtualPhone& Crasher::find(const world::Phone& phone) const {
  const auto& phones = world_.virtual_phones();
  const auto found = std::find_if(phones.begin(), phones.end(),
                                  [&](const auto* candidate) { return candidate == &phone; });
  LANDFALL_ASSERT(found != phones.end());
  return **found;
}

void Crasher::crash_now(const world::Phone& phone, bool power) { world_.crash(find(phone), power); }

void Crasher::arm(const world::Phone& phone, const Crash& crash) {
  LANDFALL_ASSERT(!armed_);
  auto& target = find(phone);
  armed_ = Armed{&target, crash.power, crash.at, target.disk().syncs()};
  if (!crash.label.empty()) return target.disk().crash_in(crash.label, crash.io);
  if (crash.at == CrashAt::io) target.disk().crash_at(target.disk().io_operations() + crash.io);
}

void Crasher::fill_disk(const world::Phone& phone, bool full) {
  auto& filled = find(phone);
  if (full) return filled.fill_disk();
  filled.disk().limit(std::nullopt);
}

bool Crasher::damage(const world::Phone& phone, const std::string& table) {
  return damage_table(find(phone).disk(), table);
}

bool Crasher::finish_opening(const world::Phone& phone) {
  auto& opened = find(phone);
  if (!opened.disk().is_dead()) return false;
  const auto armed = std::exchange(armed_, std::nullopt);
  world_.crash(opened, armed && armed->power);
  return true;
}

// A step of an actor ends here, and what it says to others and to the host is still on its way: a
// phone that dies now has committed and told nobody.
void Crasher::on_handled(world::VirtualWorld& world, world::VirtualPhone& phone) {
  if (!armed_ || armed_->phone != &phone) return;
  const bool due =
      armed_->at == CrashAt::io ? phone.disk().is_dead() : phone.disk().syncs() > armed_->syncs;
  if (!due) return;
  const bool power = armed_->power;
  armed_.reset();
  world.crash(phone, power);
}

}  // namespace landfall::scenario
