#include "actors/outbox_visits.hpp"

#include <functional>
#include <string_view>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/handler.hpp"
#include "actors/key_chain.hpp"
#include "actors/open_store.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = OutboxVisitsSelf;
using store::Durability;
using store::Snapshot;
using store::Transaction;

void look(Self self);
void go_on(Self self);

// --- who hears of it

void tell_progress(Self self) {
  auto& state = self->state;
  state.core->windows->set_visit(state.order->wish());
  if (!state.watcher) return;
  self->send(*state.watcher, VisitProgress{state.order->is_visiting(), state.order->wish(),
                                           std::exchange(state.sent_untold, 0)});
}

void on_watch(Self self, const WatchProgress& message) {
  self->state.watcher = message.watcher;
  if (!message.since_open) self->state.sent_untold = 0;
  tell_progress(self);
}

// --- the end of a visit

void leave(Self self, std::optional<Instant> next_send_at) {
  auto& state = self->state;
  state.visit.reset();
  state.order->on_left(next_send_at, state.core->now());
  look(self);
}

void leave_failed(Self self, const Error& error) {
  auto& state = self->state;
  state.visit.reset();
  state.order->on_failed(error, state.core->now());
  look(self);
}

void leave_as_it_is(Self self) {
  auto& state = self->state;
  const auto next = state.visit->database->read([&](const Snapshot& snapshot) {
    return state.visit->machine->next_send_at(snapshot, state.core->now());
  });
  next ? leave(self, *next) : leave_failed(self, next.error());
}

// --- its steps

void carry_out(Self self, sync::SyncEffects effects);

// False when the step failed, and the visit with it.
template <class Step>
bool run(Self self, std::string_view label, Durability durability, Step step) {
  auto effects = self->state.visit->database->write(label, durability, std::move(step));
  if (!effects) {
    leave_failed(self, effects.error());
    return false;
  }
  carry_out(self, std::move(*effects));
  return true;
}

using Settle =
    std::function<Result<sync::SyncEffects>(sync::SyncQueue&, Transaction&, const http::Answer&)>;

void make_call(Self self, http::ApiCall call, Settle settle) {
  auto& state = self->state;
  ++state.calls_open;
  const auto on_answer = [self, settle = std::move(settle),
                          number = state.visit->number](const http::Answer& answer) {
    auto& here = self->state;
    --here.calls_open;
    if (!here.visit || here.visit->number != number) return look(self);
    const bool is_settled =
        run(self, "outbox_visits.settle", Durability::ordered,
            [&](Transaction& tx) { return settle(*here.visit->machine, tx, answer); });
    if (is_settled) go_on(self);
  };
  self->request(state.peers.gateway, caf::infinite,
                MakeCall{std::move(call), state.visit->outbox.organisation})
      .then(handler([on_answer](const http::Answer& answer) { on_answer(answer); }),
            handler([on_answer](const caf::error&) {
              on_answer(http::Answer{std::nullopt, http::TransportFailure::silent});
            }));
}

void send_push(Self self, sync::PushCall push) {
  self->state.sent_untold += push.operations.size();
  make_call(self, std::move(push.call),
            [self, batch = push.batch](sync::SyncQueue& machine, Transaction& tx,
                                       const http::Answer& answer) {
              return machine.on_push_answer(tx, batch, answer, self->state.core->now());
            });
}

void send_receipts(Self self, sync::ReceiptsCall receipts) {
  auto call = receipts.call;
  make_call(self, std::move(call),
            [self, receipts = std::move(receipts)](sync::SyncQueue& machine, Transaction& tx,
                                                   const http::Answer& answer) {
              return machine.on_receipts_answer(tx, receipts, answer, self->state.core->now());
            });
}

// What the host is told, what becomes documents and what asks for a pull stands in the partition
// too, and comes up when its user opens it.
void carry_out(Self self, sync::SyncEffects effects) {
  self->state.visit->next_call_at = effects.wake_at;
  for (auto& push : effects.pushes) send_push(self, std::move(push));
  if (effects.receipts) send_receipts(self, std::move(*effects.receipts));
}

struct Outlook {
  sync::Outlook queue;
  Instant quiet_until;
};

Result<Outlook> look_ahead(OutboxVisitsState& state) {
  return state.visit->database->read([&](const Snapshot& snapshot) -> Result<Outlook> {
    Outlook outlook;
    LANDFALL_TRY_ASSIGN(outlook.queue,
                        state.visit->machine->look_ahead(snapshot, state.core->now()));
    LANDFALL_TRY_ASSIGN(outlook.quiet_until, sync::SyncQueue::quiet_until(snapshot));
    return outlook;
  });
}

// Sends what can be sent, waits for what is under way or is due soon, and closes the file when
// there is neither. A call in flight is waited for in any case.
void go_on(Self self) {
  auto& state = self->state;
  const auto outlook = look_ahead(state);
  if (!outlook) return leave_failed(self, outlook.error());
  const bool is_asked_to_wait = outlook->quiet_until > state.core->now();
  const bool is_news = is_asked_to_wait && state.order->on_quiet(outlook->quiet_until);
  if (is_news && state.peers.sync_queue)
    self->send(state.peers.sync_queue, AskedToWait{outlook->quiet_until});
  state.visit->next_call_at = outlook->queue.wake_at;
  if (state.order->may_send() && outlook->queue.wants_plan) {
    const bool is_planned =
        run(self, "outbox_visits.plan", Durability::durable,
            [&](Transaction& tx) { return state.visit->machine->plan(tx, state.core->now()); });
    if (!is_planned) return;
    // Nobody waits for an acknowledgement of this partition.
    if (state.visit->database->has_long_log(state.core->signals->disk_is_low()))
      (void)state.visit->database->checkpoint(store::CheckpointMode::passive);
  }
  tell_progress(self);
  const auto next = state.visit->next_call_at;
  const bool stays = state.order->should_stay(next, state.core->now());
  state.timer->arm(self, stays ? next : std::nullopt);
  if (!stays && state.calls_open == 0) leave_as_it_is(self);
}

// --- its beginning

bool tell_connectivity(Self self, bool edge) {
  auto& state = self->state;
  if (!state.visit->machine->wants_connectivity(state.reachable, edge)) return true;
  return run(self, "outbox_visits.connectivity", Durability::ordered, [&](Transaction& tx) {
    return state.visit->machine->on_connectivity(tx, state.reachable, edge, state.core->now());
  });
}

bool tell_auth(Self self) {
  auto& state = self->state;
  if (!state.visit->machine->wants_auth(state.authenticated)) return true;
  return run(self, "outbox_visits.auth", Durability::ordered, [&](Transaction& tx) {
    return state.visit->machine->on_auth(tx, state.authenticated, state.core->now());
  });
}

void open(Self self, std::shared_ptr<store::Sealer> key) {
  auto& state = self->state;
  auto& visit = *state.visit;
  if (!state.order->may_send()) return leave(self, state.core->now());
  auto opened = open_visited_partition(*state.core, visit.outbox.partition, *key);
  if (!opened) return leave_failed(self, opened.error());
  visit.key = std::move(key);
  visit.database = std::move(*opened);
  visit.machine.emplace(sync::SyncQueue::Parts{
      state.core->profile(), *visit.key, *state.core->environment.secure_random,
      state.core->environment.jitter_seed, state.core->device_id,
      sync::DocumentOwner{state.user_id, visit.outbox.organisation}, *state.pace});
  const bool is_open = run(self, "outbox_visits.open", Durability::durable, [&](Transaction& tx) {
    return state.visit->machine->on_open(tx, state.core->now());
  });
  if (is_open && tell_connectivity(self, state.order->is_behind_edge()) && tell_auth(self))
    go_on(self);
}

void begin(Self self, const sync::ClosedOutbox& outbox) {
  auto& state = self->state;
  state.timer->arm(self, std::nullopt);
  state.visit.emplace(OutboxVisitsState::Visit{++state.visits, outbox});
  const auth::ActiveUser user{state.user_id, outbox.organisation, {}, outbox.partition};
  const auto done = [self](Result<Keys> keys) {
    keys ? open(self, keys->outbox) : leave_failed(self, keys.error());
  };
  std::make_shared<KeyChain<Self>>(self, state.peers.api, state.core, user,
                                   KeyRules{false, false, true}, done)
      ->start();
}

// Nothing waits any more: the active queue need not look for it behind every step.
void stop_watching(Self self) {
  auto& state = self->state;
  state.timer->arm(self, std::nullopt);
  if (std::exchange(state.is_watching, false)) self->send(state.peers.sync_queue, WatchOutbox{});
}

// Between two visits.
void look(Self self) {
  auto& state = self->state;
  tell_progress(self);
  if (state.order->is_visiting() || state.calls_open > 0) return;
  if (state.order->is_done()) return stop_watching(self);
  if (const auto outbox = state.order->begin(state.core->now())) return begin(self, *outbox);
  state.timer->arm(self, state.order->next_visit_at());
}

// --- what it is told

// Something may stand in the way of the visit that is under way, or no longer of the next one.
void look_again(Self self) {
  auto& visit = self->state.visit;
  if (!visit) return look(self);
  if (visit->machine) go_on(self);
}

void on_connectivity(Self self, const ConnectivityChanged& changed) {
  auto& state = self->state;
  state.reachable = changed.reachable;
  state.order->on_connectivity(changed.reachable, changed.edge, state.core->now());
  if (state.visit && state.visit->machine && !tell_connectivity(self, changed.edge)) return;
  look_again(self);
}

void on_auth(Self self, const AuthChanged& changed) {
  auto& state = self->state;
  state.authenticated = auth::may_call(changed.state);
  state.order->on_auth(state.authenticated, changed.state == auth::TokenState::reauth_required);
  if (state.visit && state.visit->machine && !tell_auth(self)) return;
  look_again(self);
}

// An outbox that is not open stands in nobody's way.
void watch_active(Self self) {
  auto& state = self->state;
  if (!state.peers.sync_queue) return state.order->on_active_outbox(false, {});
  state.is_watching = true;
  self->send(state.peers.sync_queue, WatchOutbox{caf::actor_cast<OutboxWatcher>(self)});
}

// Those with something in their outbox. One that cannot be asked now is looked at in its turn.
std::vector<sync::ClosedOutbox> not_empty(const Core& core,
                                          std::vector<sync::ClosedOutbox> others) {
  std::erase_if(others, [&](const sync::ClosedOutbox& each) {
    const auto partition = open_closed_partition(core, each.partition);
    const auto count = partition ? count_unsettled(**partition) : failure(partition.error());
    return count && *count == 0;
  });
  return others;
}

// Here, because nobody else opens a file that a visit may have open.
Result<std::int64_t> count_pending(Self self, const CountPending& question) {
  const auto& visit = self->state.visit;
  if (visit && visit->database && visit->outbox.partition == question.partition)
    return count_unsettled(*visit->database);
  LANDFALL_TRY_ASSIGN(const auto closed,
                      open_closed_partition(*self->state.core, question.partition));
  return count_unsettled(*closed);
}

}  // namespace

OutboxVisitsActor::behavior_type outbox_visits(Self self, SharedCore core, std::string user_id,
                                               std::vector<sync::ClosedOutbox> others,
                                               OutboxVisitsPeers peers) {
  auto& state = self->state;
  state.core = std::move(core);
  state.pace.emplace(*state.core->repeats);
  state.peers = std::move(peers);
  state.user_id = std::move(user_id);
  state.timer.emplace(*state.core->environment.clock);
  state.order.emplace(not_empty(*state.core, std::move(others)), state.core->now());
  tell_progress(self);
  if (!state.order->is_done()) {
    self->send(state.peers.connectivity,
               SubscribeConnectivity{caf::actor_cast<ConnectivitySubscriber>(self)});
    self->send(state.peers.auth_token, SubscribeAuth{caf::actor_cast<AuthSubscriber>(self)});
    watch_active(self);
  }
  return {
      [self](const CountPending& question) { return count_pending(self, question); },
      [self](const OutboxTold& told) {
        self->state.order->on_active_outbox(told.has_work, told.quiet_until);
        look_again(self);
      },
      [self](const PauseQueue&) {
        self->state.order->on_paused();
        look_again(self);
      },
      [self](const WatchProgress& message) { on_watch(self, message); },
      [self](const ConnectivityChanged& changed) { on_connectivity(self, changed); },
      [self](const AuthChanged& changed) { on_auth(self, changed); },
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired)) look_again(self);
      },
  };
}

}  // namespace landfall::actors
