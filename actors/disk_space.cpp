#include "actors/disk_space.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/store_signals.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = DiskSpaceSelf;
using Action = store::Ballast::Action;

std::string ballast_path(const Core& core) { return store::ballast_path(core.config.directory); }

void arm(Self self, std::int64_t delay_ms) {
  auto& state = self->state;
  if (state.ballast->is_missing()) state.timer->arm(self, state.core->now() + Duration{delay_ms});
}

// Those that act on it see it before the host hears of it.
void publish(Self self) {
  auto& state = self->state;
  const bool low = state.ballast->is_low();
  if (state.core->signals->disk_is_low() == low) return;
  state.core->signals->set_disk_low(low);
  self->send(state.api, EmitEvent{"storage.low", "storage.low",
                                  std::make_shared<const Json>(Json{{"low", low}})});
}

void carry_out(Self self, Action action) {
  auto& state = self->state;
  auto& files = state.core->files();
  const std::string path = ballast_path(*state.core);
  // A ballast that cannot be removed is still there, and its room not free: the next step that is
  // refused comes back here no more, and what it waits for is room that its user makes.
  if (action == Action::release) (void)files.remove(path);
  if (action == Action::make) {
    const bool made = files.fill(path, state.ballast->bytes()).has_value();
    state.ballast->on_made(made);
  }
  publish(self);
}

void on_full(Self self, const DiskFull& full) {
  if (self->state.has_left) return;
  carry_out(self, self->state.ballast->on_full(full.label));
  arm(self, limits::kStorageRetryMs);
}

Status leave(Self self) {
  self->state.has_left = true;
  self->state.timer->arm(self, std::nullopt);
  return {};
}

// Not on the way of the first answer.
void use(Self self) {
  self->state.has_left = false;
  arm(self, limits::kBallastDelayMs);
}

void on_timer(Self self, const TimerFired& fired) {
  auto& state = self->state;
  if (!state.timer->fires(self, fired)) return;
  carry_out(self,
            state.ballast->on_wake(state.core->files().free_bytes(state.core->config.directory)));
  arm(self, limits::kStorageRetryMs);
}

}  // namespace

DiskSpaceActor::behavior_type disk_space(Self self, SharedCore core, ApiActor api) {
  auto& state = self->state;
  state.core = std::move(core);
  state.api = std::move(api);
  state.timer.emplace(*state.core->environment.clock);
  state.ballast.emplace(limits::kBallastBytes);
  state.core->signals->bind(caf::actor_cast<DiskSpaceActor>(self));
  (void)state.ballast->on_open(state.core->files().size_of(ballast_path(*state.core)));
  use(self);
  return {
      [self](const DiskFull& full) { on_full(self, full); },
      [self](const LeaveDisk&) { return leave(self); },
      [self](const UseDisk&) { use(self); },
      [self](const TimerFired& fired) { on_timer(self, fired); },
  };
}

}  // namespace landfall::actors
