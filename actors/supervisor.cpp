#include "actors/supervisor.hpp"

#include <algorithm>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/answer.hpp"
#include "actors/background_window.hpp"
#include "actors/handler.hpp"
#include "actors/spawn_scopes.hpp"
#include "actors/tell_damage.hpp"
#include "engine/base/mutant.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = SupervisorSelf;
using Promise = SupervisorState::Promise;
using Ending = SupervisorState::Ending;

void tell_state(Self self, EngineState state, std::string code = {}) {
  const EngineStateChanged changed{state, std::move(code)};
  self->send(self->state.api, changed);
  self->send(self->state.window, changed);
}

// --- opening

void start_device_scope(Self self) {
  LANDFALL_ASSERT(self->state.device_scope.empty());
  spawn_device_scope(self);
  tell_state(self, EngineState::locked);
  self->send(self->state.session, StartSession{});
}

Status open_now(Self self, const OpenPartition& opened) {
  auto& state = self->state;
  const auto before = std::exchange(state.last_opened, opened.user.partition);
  if (before != state.last_opened) state.core->signals->partition().forget_damage();
  auto made = open_partition_store(*state.core, opened);
  if (!made) {
    // What waits in it cannot go out before it is open.
    if (made.error().kind == ErrorClass::storage_full)
      state.core->signals->partition().on_full("session.open_partition");
    return failure(made.error());
  }
  tell_damage(self, made->damage);
  state.partition.emplace(SupervisorState::OpenedPartition{opened, std::move(made->store)});
  spawn_partition_scope(self);
  tell_state(self, EngineState::ready);
  return {};
}

// --- what to do next

void deliver_all(std::vector<Promise>& waiting, const Status& status) {
  for (auto& promise : std::exchange(waiting, {})) promise.deliver(status);
}

Error closing() { return {ErrorClass::busy, "engine.closing", "the engine is closing"}; }

Error failed() {
  return {ErrorClass::internal, "engine.failed", "the engine has stopped after repeated failures"};
}

void fail_engine(Self self, std::string code);
bool may_restart(SupervisorState& state);
void on_device_stopped(Self self);
void resume_now(Self self);
void stop_everything(Self self, Ending ending);

// No socket, no file and no lock is left, in this order (INV-S8).
void give_up_directory(SupervisorState& state) {
  state.core->environment.transport->fall_silent();
  state.directory.lock.reset();
}

void on_suspended(Self self) {
  auto& state = self->state;
  if (state.ending != Ending::suspension) return;  // stopped for good meanwhile
  state.suspended = true;
  give_up_directory(state);
  tell_state(self, EngineState::suspended);
  deliver_all(state.waiting_for_suspend, Status{});
  if (!state.waiting_for_resume.empty()) resume_now(self);
}

void on_shut_down(Self self) {
  auto& state = self->state;
  give_up_directory(state);
  deliver_all(state.waiting_for_suspend, Status{});
  deliver_all(state.waiting_for_resume, Status{failure(closing())});
  self->send_exit(state.window, caf::exit_reason::user_shutdown);
  self->send_exit(state.disk_space, caf::exit_reason::user_shutdown);
  self->send_exit(state.api, caf::exit_reason::user_shutdown);
  deliver_all(state.waiting_for_shutdown, Status{});
  self->quit();
}

// It keeps its directory, so that nobody repairs it behind its back, until it is asked to let go.
void on_failed(SupervisorState& state) {
  if (!state.waiting_for_suspend.empty()) give_up_directory(state);
  deliver_all(state.waiting_for_suspend, Status{});
  deliver_all(state.waiting_for_resume, Status{failure(failed())});
}

// The last one that touches the directory beside the scopes. It is asked once: a second answer
// would come when the engine has resumed, and suspend it with its scopes alive.
void leave_disk(Self self) {
  if (std::exchange(self->state.disk_leaving, true)) return;
  const auto then = [self] {
    self->state.disk_leaving = false;
    on_suspended(self);
  };
  self->request(self->state.disk_space, caf::infinite, LeaveDisk{})
      .then(handler([then](const Status&) { then(); }),
            handler([then](const caf::error&) { then(); }));
}

// What the disk did not do at this instant it may do at the next try. Each is a restart, and there
// are not many of these.
template <class Open>
auto open_again(SupervisorState& state, Open open) {
  auto opened = open();
  while (!opened && opened.error().code == "store.io" && may_restart(state)) opened = open();
  return opened;
}

// People make room within minutes; until then what was accepted waits where it is.
bool has_no_room(const Error& error) { return error.kind == ErrorClass::storage_full; }

void open_later(Self self, const Error& because) {
  auto& state = self->state;
  state.ending = Ending::respawn;
  tell_state(self, EngineState::opening, std::string{because.code});
  state.opening_timer->arm(self, state.core->now() + Duration{limits::kStorageRetryMs});
}

void respawn_device_scope(Self self) {
  auto& state = self->state;
  state.ending = Ending::none;
  auto device = open_again(state, [&] {
    return open_device(state.core->environment, state.core->config.directory,
                       state.core->signals->device());
  });
  if (!device) {
    const Error& error = device.error();
    return has_no_room(error) ? open_later(self, error) : fail_engine(self, error.code);
  }
  tell_damage(self, device->damage);
  state.directory.device = std::move(device->store);
  start_device_scope(self);
}

void on_device_stopped(Self self) {
  auto& state = self->state;
  if (!mutant::is(mutant::Mutant::keep_files_suspended) || state.ending != Ending::suspension)
    state.directory.device.reset();
  switch (state.ending) {
    case Ending::shutdown:
      return on_shut_down(self);
    case Ending::failure:
      return on_failed(state);
    case Ending::suspension:
      return leave_disk(self);
    case Ending::none:
    case Ending::respawn:
      return respawn_device_scope(self);
  }
}

// No partition is open and no call of one can leave any more.
void on_partition_closed(Self self) {
  auto& state = self->state;
  deliver_all(state.waiting_for_close, Status{});
  if (state.ending != Ending::none) {
    deliver_all(state.waiting_for_open, Status{failure(read_interrupted())});
    if (state.device_scope.is_stopping()) return;
    return state.device_scope.stop(self, caf::exit_reason::user_shutdown,
                                   [self] { on_device_stopped(self); });
  }
  if (!state.wanted) return tell_state(self, EngineState::locked);
  const bool is_asked_for = !state.waiting_for_open.empty();
  const auto open = [&] { return open_now(self, *state.wanted); };
  const Status opened = is_asked_for ? open() : open_again(state, open);
  if (!opened) state.wanted.reset();
  deliver_all(state.waiting_for_open, opened);
  if (opened) return;
  // With the device scope the session comes back, which opens the partition as at a start: again
  // and again while the disk has no room for it.
  if (!is_asked_for && has_no_room(opened.error())) return stop_everything(self, Ending::respawn);
  if (!is_asked_for) return fail_engine(self, opened.error().code);
  tell_state(self, EngineState::locked);
}

// Of a drain that makes room for its own partition the calls of its visits alone: a login or a
// refresh may be on its way.
EndSession calls_to_end(const SupervisorState& state) {
  const bool makes_room = !state.partition && state.wanted && state.waiting_for_close.empty() &&
                          state.ending == Ending::none;
  return {makes_room ? EndedCalls::of_visits : EndedCalls::all};
}

template <class Then>
void end_session(Self self, Then then) {
  self->request(self->state.gateway, caf::infinite, calls_to_end(self->state))
      .then(handler([then](const Status&) { then(); }),
            handler([then](const caf::error&) { then(); }));
}

// The files are closed. A call that an actor of the scope made with its last breath may still stand
// in the gateway's mailbox: once the gateway has answered it is dropped, whoever logs in next.
void on_partition_stopped(Self self) {
  auto& state = self->state;
  state.session_ending = true;
  end_session(self, [self] {
    self->state.session_ending = false;
    on_partition_closed(self);
  });
  state.partition.reset();
  state.permissions = nullptr;
  state.realtime = nullptr;
  state.outbox_visits = nullptr;
}

// Stops the scope and ends the session's calls, then does what is wanted by then. `calls`: of a
// session whose partition is not open.
void stop_partition(Self self, OpenCalls calls) {
  auto& state = self->state;
  if (state.partition_scope.is_stopping() || state.session_ending) return;
  if (!state.partition && state.partition_scope.empty())
    return calls == OpenCalls::stay ? on_partition_closed(self) : on_partition_stopped(self);
  self->send(state.api, PartitionClosed{});
  if (state.ending == Ending::none) state.core->windows->clear_partition();
  end_session(self, [] {});
  state.partition_scope.stop(self, caf::exit_reason::user_shutdown,
                             [self] { on_partition_stopped(self); });
}

void stop_everything(Self self, Ending ending) {
  auto& state = self->state;
  state.ending = std::max(state.ending, ending);
  state.wanted.reset();
  // What is on its way goes with the device scope.
  stop_partition(self, OpenCalls::stay);
}

// --- requests

caf::result<Status> open_partition(Self self, const OpenPartition& message) {
  auto& state = self->state;
  if (state.ending != Ending::none) {
    return Status{failure(closing())};
  }
  if (state.partition && !state.partition_scope.is_stopping() &&
      state.partition->opened.user.partition == message.user.partition) {
    if (message.granted && state.permissions)
      self->send(state.permissions, LoginGranted{*message.granted});
    return Status{};
  }
  deliver_all(state.waiting_for_open,
              failure(ErrorClass::busy, "session.busy", "another partition is wanted by now"));
  state.wanted = message;
  auto promise = self->make_response_promise<Status>();
  state.waiting_for_open.push_back(promise);
  stop_partition(self, OpenPartition::kOpenCalls);
  return promise;
}

Status drain_outboxes(Self self, const DrainOutboxes& message) {
  auto& state = self->state;
  if (state.ending != Ending::none) return failure(closing());
  const bool is_free = state.partition_scope.empty() && !state.session_ending && !state.wanted;
  if (is_free) spawn_drain_scope(self, message.user);
  return {};
}

// Whoever waits for the close may have got it from somebody else meanwhile.
void clear_and_stop(Self self) {
  auto& state = self->state;
  if (state.attachments) self->send(state.attachments, ClearKeptFiles{});
  const auto stop = [self] {
    if (!self->state.waiting_for_close.empty()) stop_partition(self, ClosePartition::kOpenCalls);
  };
  self->request(state.delta_pull, caf::infinite, ClearCache{})
      .then(handler([stop](const Result<store::ClearedDocuments>&) { stop(); }),
            handler([stop](const caf::error&) { stop(); }));
}

caf::result<Status> close_partition(Self self, ClosedCache cache) {
  auto& state = self->state;
  deliver_all(state.waiting_for_open,
              failure(ErrorClass::busy, "session.busy", "the partition was closed again"));
  state.wanted.reset();
  auto promise = self->make_response_promise<Status>();
  state.waiting_for_close.push_back(promise);
  const bool is_open = state.partition && !state.partition_scope.is_stopping() &&
                       !state.session_ending && state.ending == Ending::none;
  if (cache == ClosedCache::cleared && is_open) {
    clear_and_stop(self);
  } else {
    stop_partition(self, ClosePartition::kOpenCalls);
  }
  return promise;
}

caf::result<Result<std::int64_t>> count_pending(Self self, const CountPending& question) {
  using Count = Result<std::int64_t>;
  auto& state = self->state;
  if (state.ending != Ending::none || state.partition_scope.is_stopping() || state.session_ending) {
    return Count{failure(ErrorClass::busy, "session.busy", "the partition is being closed")};
  }
  if (state.partition && state.partition->opened.user.partition == question.partition)
    return count_unsettled(*state.partition->store.database);
  if (state.outbox_visits) return self->delegate(state.outbox_visits, question);
  const auto closed = open_closed_partition(*state.core, question.partition);
  return closed ? count_unsettled(**closed) : Count{failure(closed.error())};
}

caf::result<Status> shut_down(Self self) {
  auto& state = self->state;
  auto promise = self->make_response_promise<Status>();
  state.waiting_for_shutdown.push_back(promise);
  const auto stop = [self] { stop_everything(self, Ending::shutdown); };
  self->request(state.api, caf::infinite, CloseApi{})
      .then(handler([stop](const Status&) { stop(); }),
            handler([stop](const caf::error&) { stop(); }));
  return promise;
}

// --- suspend and resume

// What was asked before is still done: it is passed on before the scopes are asked to end, and
// their actors handle what waits in their mailboxes first.
caf::result<Status> suspend(Self self, const Suspend& message) {
  auto& state = self->state;
  if (message.asker == Asker::host) state.host_is_here = false;
  if (state.host_is_here)
    return Status{failure(ErrorClass::busy, "engine.in_use", "the host has come meanwhile")};
  deliver_all(state.waiting_for_resume,
              failure(ErrorClass::busy, "engine.suspended", "the engine was suspended again"));
  if (state.suspended) return Status{};
  auto promise = self->make_response_promise<Status>();
  state.waiting_for_suspend.push_back(promise);
  state.ending = std::max(state.ending, Ending::suspension);
  ++state.suspensions;
  if (message.deadline > Duration{0})
    self->delayed_send(self, message.deadline / 2, HurrySuspension{state.suspensions});
  if (!state.partition_scope.is_stopping()) {
    if (state.partition) self->send(state.sync_queue, PauseQueue{});
    if (state.partition && state.attachments) self->send(state.attachments, PauseTransfers{});
    if (state.outbox_visits) self->send(state.outbox_visits, PauseQueue{});
  }
  const auto stop = [self] {
    if (self->state.ending < Ending::suspension || self->state.suspended) return;
    stop_everything(self, self->state.ending);
  };
  self->request(state.api, caf::infinite, PauseApi{})
      .then(handler([stop](const Status&) { stop(); }),
            handler([stop](const caf::error&) { stop(); }));
  return promise;
}

void hurry_suspension(Self self, const HurrySuspension& message) {
  auto& state = self->state;
  const bool is_on_its_way = state.ending == Ending::suspension && !state.suspended;
  if (!is_on_its_way || message.number != state.suspensions) return;
  if (state.partition_scope.is_stopping()) state.partition_scope.hurry(self);
  if (state.device_scope.is_stopping()) state.device_scope.hurry(self);
}

// The time that passed meanwhile is known before anybody works out a timer.
void resume_now(Self self) {
  auto& state = self->state;
  state.core->environment.clock->catch_up();
  auto opened = open_again(state, [&] { return reopen_directory(*state.core); });
  if (!opened) {
    state.host_is_here = false;
    tell_state(self, EngineState::suspended, opened.error().code);
    return deliver_all(state.waiting_for_resume, Status{failure(opened.error())});
  }
  state.directory = std::move(*opened);
  tell_damage(self, std::exchange(state.directory.damage, {}));
  state.suspended = false;
  state.ending = Ending::none;
  self->send(state.disk_space, UseDisk{});
  tell_state(self, EngineState::opening);
  start_device_scope(self);
  deliver_all(state.waiting_for_resume, Status{});
}

caf::result<Status> resume(Self self, Asker asker) {
  auto& state = self->state;
  if (asker == Asker::host) {
    state.host_is_here = true;
    if (state.realtime) self->send(state.realtime, HostIsHere{true});
  }
  if (state.ending == Ending::shutdown) return Status{failure(closing())};
  if (state.ending == Ending::failure) return Status{failure(failed())};
  if (state.ending != Ending::suspension) return Status{};
  auto promise = self->make_response_promise<Status>();
  state.waiting_for_resume.push_back(promise);
  if (state.suspended) resume_now(self);
  return promise;
}

void on_timer(Self self, const TimerFired& fired) {
  auto& state = self->state;
  if (!state.opening_timer->fires(self, fired)) return;
  // Unless it was opened, suspended or stopped meanwhile.
  if (state.ending == Ending::respawn && !state.directory.device) respawn_device_scope(self);
}

// --- restart

// True when one more restart is allowed now.
bool may_restart(SupervisorState& state) {
  const Instant now = state.core->now();
  auto& restarts = state.restarts;
  while (!restarts.empty() && now - restarts.front() > Duration{limits::kScopeRestartWindowMs}) {
    restarts.pop_front();
  }
  if (restarts.size() >= limits::kScopeRestartsMax) return false;
  restarts.push_back(now);
  return true;
}

void fail_engine(Self self, std::string code) {
  self->send(self->state.api, PartitionClosed{});
  tell_state(self, EngineState::failed, std::move(code));
  stop_everything(self, Ending::failure);
}

void on_down(Self self, const caf::down_msg& down) {
  auto& state = self->state;
  const bool of_partition = state.partition_scope.on_down(down.source);
  const bool of_device = !of_partition && state.device_scope.on_down(down.source);
  // What was asked to end, and what ends together with its scope, is no death of its own.
  const bool expected = state.ending != Ending::none ||
                        (of_partition && state.partition_scope.is_stopping()) ||
                        (!of_partition && !of_device);
  state.partition_scope.finish_if_empty();
  state.device_scope.finish_if_empty();
  if (expected) return;
  if (!may_restart(state)) return fail_engine(self, "engine.restarts_exhausted");
  tell_state(self, EngineState::opening);
  if (of_partition) return stop_partition(self, state.partition ? OpenCalls::stay : OpenCalls::end);
  stop_everything(self, Ending::respawn);
}

// The scope is stopped and its store replaced where it is opened again. An actor that died of the
// damage may have led there already.
void on_store_damaged(Self self) {
  auto& state = self->state;
  auto& signals = *state.core->signals;
  const bool of_partition = signals.partition().is_damaged();
  if (!of_partition && !signals.device().is_damaged()) return;
  const bool is_under_way =
      state.ending != Ending::none || state.partition_scope.is_stopping() || state.session_ending;
  if (is_under_way || (of_partition && !state.partition)) return;
  if (!may_restart(state)) return fail_engine(self, "store.corrupt");
  tell_state(self, EngineState::opening);
  if (of_partition) return stop_partition(self, OpenCalls::stay);
  stop_everything(self, Ending::respawn);
}

// The process dies, as a simulated world plays it: everything goes at once, nothing is tidied.
void on_exit(Self self, const caf::exit_msg& exit) {
  auto& state = self->state;
  constexpr auto kKill = caf::exit_reason::kill;
  for (const auto& actor : state.partition_scope.actors()) self->send_exit(actor, kKill);
  for (const auto& actor : state.device_scope.actors()) self->send_exit(actor, kKill);
  self->send_exit(state.disk_space, kKill);
  self->send_exit(state.window, kKill);
  self->send_exit(state.api, kKill);
  self->quit(exit.reason);
}

}  // namespace

SupervisorActor::behavior_type supervisor(Self self, SharedCore core, ApiActor api,
                                          DiskSpaceActor disk_space, OpenDirectory directory) {
  auto& state = self->state;
  state.core = std::move(core);
  state.core->signals->bind(caf::actor_cast<SupervisorActor>(self));
  state.api = std::move(api);
  state.disk_space = std::move(disk_space);
  state.directory = std::move(directory);
  state.opening_timer.emplace(*state.core->environment.clock);
  state.window =
      self->spawn(background_window, state.core, state.api, caf::actor_cast<SupervisorActor>(self));
  self->set_down_handler([self](caf::down_msg& down) { on_down(self, down); });
  self->set_exit_handler([self](caf::exit_msg& exit) { on_exit(self, exit); });
  tell_damage(self, std::exchange(state.directory.damage, {}));
  start_device_scope(self);
  return {
      [self](const OpenPartition& message) { return open_partition(self, message); },
      [self](const DrainOutboxes& message) { return drain_outboxes(self, message); },
      [self](const ClosePartition& message) { return close_partition(self, message.cache); },
      [self](const Shutdown&) { return shut_down(self); },
      [self](const CountPending& question) { return count_pending(self, question); },
      [self](const StoreDamaged&) { on_store_damaged(self); },
      [self](const DamageTold& told) { on_damage_told(self->state, told); },
      [self](const Suspend& message) { return suspend(self, message); },
      [self](const Resume& message) { return resume(self, message.asker); },
      [self](const HurrySuspension& message) { hurry_suspension(self, message); },
      [self](const RunWindow& message) { self->send(self->state.window, message); },
      [self](const TimerFired& fired) { on_timer(self, fired); },
  };
}

}  // namespace landfall::actors
