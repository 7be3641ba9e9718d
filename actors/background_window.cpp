#include "actors/background_window.hpp"

#include <algorithm>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = BackgroundWindowSelf;
using background::Facts;
using background::Why;

// --- its end

void tell_watch(Self self, const WatchProgress& message) {
  const auto& partition = self->state.partition;
  if (!partition) return;
  if (partition->sync_queue) self->send(partition->sync_queue, message);
  if (partition->delta_pull) self->send(partition->delta_pull, message);
  if (partition->attachments) self->send(partition->attachments, message);
  if (!partition->outbox_visits) return;
  self->state.facts.visits_unknown = message.watcher.has_value();
  self->send(partition->outbox_visits, message);
}

void watch(Self self, bool since_open) {
  tell_watch(self, {caf::actor_cast<ProgressWatcher>(self), since_open});
}

void stop_watching(Self self) { tell_watch(self, {}); }

void ask_pull(Self self) {
  const auto& partition = self->state.partition;
  if (partition && partition->delta_pull) self->send(partition->delta_pull, RequestPull{});
}

bool has_pulled(const BackgroundWindowState& state) {
  return state.run->scopes_completed >= state.core->profile().sync.scopes.size();
}

Json report_of(const BackgroundWindowState& state, Why why, const std::string& code) {
  Json data{{"why", background::to_string(why)},
            {"sent", state.run->sent},
            {"left", nullptr},
            {"pulled", state.run->scopes_completed > 0 && has_pulled(state)}};
  if (state.run->left) data["left"] = *state.run->left;
  if (!code.empty()) data["code"] = code;
  return data;
}

void finish(Self self, Why why, const std::string& code) {
  auto& state = self->state;
  state.core->windows->end_window(state.core->now());
  self->send(state.api, EmitEvent{"window.finished", "window.finished",
                                  std::make_shared<const Json>(report_of(state, why, code))});
  state.run.reset();
}

// The engine sleeps again behind it, unless its host has come meanwhile: the supervisor knows.
void wind_up(Self self, Why why, const std::string& code = {}) {
  auto& state = self->state;
  if (std::exchange(state.run->is_over, true)) return;
  state.timer->arm(self, std::nullopt);
  stop_watching(self);
  self->request(state.supervisor, caf::infinite,
                Suspend{Asker::window, Duration{limits::kWindowReserveMs}})
      .then(handler([self, why, code](const Status&) { finish(self, why, code); }),
            handler([self, why, code](const caf::error&) { finish(self, why, code); }));
}

// --- its course

// Who asks the host to show something, or for a zone, has not ended yet.
void wind_up_unless_asking(Self self) {
  self->request(self->state.api, caf::infinite, CountQuestions{})
      .then(handler([self](std::size_t open) {
              auto& state = self->state;
              if (!state.run || state.run->is_over) return;
              if (open == 0) return wind_up(self, Why::done);
              const Instant later = state.core->now() + Duration{limits::kWindowQuestionMs};
              state.timer->arm(self, std::min(later, state.run->machine.ends_at()));
            }),
            handler([self](const caf::error&) { wind_up(self, Why::done); }));
}

void note_transfers(Facts& facts, const TransferProgress& progress) {
  facts.moving_files = progress.moving;
  facts.next_transfer_at = progress.next_call_at;
}

// An operation that was just applied may have set a photograph free, of which nobody told yet.
void wind_up_unless_moving(Self self) {
  const auto& partition = self->state.partition;
  if (!partition || !partition->attachments) return wind_up_unless_asking(self);
  self->request(partition->attachments, caf::infinite, CheckTransfers{})
      .then(handler([self](const TransferProgress& progress) {
              auto& state = self->state;
              if (!state.run || state.run->is_over) return;
              note_transfers(state.facts, progress);
              if (state.run->machine.verdict(state.facts, state.core->now()) == Why::done)
                wind_up_unless_asking(self);
            }),
            handler([self](const caf::error&) { wind_up_unless_asking(self); }));
}

void judge(Self self) {
  auto& state = self->state;
  if (!state.run || state.run->is_over || !state.run->is_resumed) return;
  const Instant now = state.core->now();
  const auto why = state.run->machine.verdict(state.facts, now);
  if (why == Why::done) return wind_up_unless_moving(self);
  if (why) return wind_up(self, *why);
  state.timer->arm(self, state.run->machine.look_again_at(state.facts, now));
}

// From here on it counts.
void go(Self self, bool since_open) {
  auto& state = self->state;
  state.run->is_resumed = true;
  state.facts.unreachable_since = state.core->now();
  watch(self, since_open);
  ask_pull(self);
  judge(self);
}

void forget_progress(Facts& facts) {
  facts.queue_known = facts.sending = false;
  facts.next_send_at.reset();
  facts.pulling = facts.pulled = facts.pull_failed = false;
  facts.moving_files = false;
  facts.next_transfer_at.reset();
  facts.visits_unknown = facts.visiting = false;
  facts.next_visit_at.reset();
}

void resume_for(Self self) {
  self->state.facts.session = auth::AuthStatus::initial;
  self->request(self->state.supervisor, caf::infinite, Resume{Asker::window})
      .then(handler([self](const Status& resumed) {
              if (!self->state.run || self->state.run->is_over) return;
              resumed ? go(self, true) : wind_up(self, Why::refused, resumed.error().code);
            }),
            handler([self](const caf::error&) { wind_up(self, Why::failed); }));
}

void begin(Self self, const RunWindow& message) {
  auto& state = self->state;
  const Instant now = state.core->now();
  state.run.emplace(BackgroundWindowState::Run{background::Window{now, message.budget}});
  forget_progress(state.facts);
  state.facts.wants_pull = !state.core->profile().sync.scopes.empty();
  state.timer->arm(self, state.run->machine.ends_at());
  if (!state.is_suspended) return go(self, false);
  // Nothing is opened for nothing.
  if (!background::is_due(state.core->windows->wishes(), now)) return wind_up(self, Why::done);
  resume_for(self);
}

// --- what it is told

void on_engine_state(Self self, const EngineStateChanged& changed) {
  auto& state = self->state;
  state.is_suspended = changed.state == EngineState::suspended;
  if (changed.state == EngineState::failed) state.facts.engine = Facts::Engine::failed;
  if (changed.state == EngineState::ready) state.facts.engine = Facts::Engine::open;
  if (changed.state == EngineState::opening || changed.state == EngineState::locked) {
    state.facts.engine = Facts::Engine::opening;
    state.partition.reset();
    forget_progress(state.facts);
  }
  if (changed.state == EngineState::opening) {
    state.facts.session = auth::AuthStatus::initial;
    state.facts.reachable = false;
    state.facts.unreachable_since = state.core->now();
  }
  if (!state.is_suspended) return judge(self);
  state.partition.reset();
  if (state.run && state.run->is_resumed) wind_up(self, Why::suspended);
}

void on_partition(Self self, const PartitionReady& ready) {
  auto& state = self->state;
  forget_progress(state.facts);
  state.partition = ready;
  if (!ready.sync_queue) state.facts.engine = Facts::Engine::outboxes;
  self->send(ready.connectivity,
             SubscribeConnectivity{caf::actor_cast<ConnectivitySubscriber>(self)});
  if (!state.run || state.run->is_over) return;
  watch(self, true);
  ask_pull(self);
}

void on_queue(Self self, const QueueProgress& progress) {
  auto& state = self->state;
  if (!state.run || state.run->is_over) return;
  state.run->sent += progress.sent;
  state.run->left = progress.left;
  state.facts.queue_known = true;
  state.facts.sending = progress.sending;
  state.facts.next_send_at = progress.next_send_at;
  judge(self);
}

void on_pull(Self self, const PullProgress& progress) {
  auto& state = self->state;
  if (!state.run || state.run->is_over) return;
  state.run->scopes_completed += progress.scopes_completed;
  state.facts.pulling = progress.pulling;
  state.facts.pulled = has_pulled(state);
  state.facts.pull_failed = progress.failed;
  judge(self);
}

void on_transfers(Self self, const TransferProgress& progress) {
  auto& state = self->state;
  if (!state.run || state.run->is_over) return;
  note_transfers(state.facts, progress);
  judge(self);
}

void on_visits(Self self, const VisitProgress& progress) {
  auto& state = self->state;
  if (!state.run || state.run->is_over) return;
  state.run->sent += progress.sent;
  state.facts.visits_unknown = false;
  state.facts.visiting = progress.visiting;
  state.facts.next_visit_at = progress.next_visit_at;
  judge(self);
}

void on_connectivity(Self self, const ConnectivityChanged& changed) {
  auto& facts = self->state.facts;
  if (facts.reachable && !changed.reachable) facts.unreachable_since = self->state.core->now();
  facts.reachable = changed.reachable;
  judge(self);
}

}  // namespace

BackgroundWindowActor::behavior_type background_window(Self self, SharedCore core, ApiActor api,
                                                       SupervisorActor supervisor) {
  auto& state = self->state;
  state.core = std::move(core);
  state.api = std::move(api);
  state.supervisor = std::move(supervisor);
  state.timer.emplace(*state.core->environment.clock);
  return {
      [self](const RunWindow& message) { begin(self, message); },
      [self](const SessionTold& told) {
        self->state.facts.session = told.status;
        judge(self);
      },
      [self](const PartitionReady& ready) { on_partition(self, ready); },
      [self](const EngineStateChanged& changed) { on_engine_state(self, changed); },
      [self](const QueueProgress& progress) { on_queue(self, progress); },
      [self](const PullProgress& progress) { on_pull(self, progress); },
      [self](const TransferProgress& progress) { on_transfers(self, progress); },
      [self](const VisitProgress& progress) { on_visits(self, progress); },
      [self](const ConnectivityChanged& changed) { on_connectivity(self, changed); },
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired)) judge(self);
      },
  };
}

}  // namespace landfall::actors
