#include "actors/supervisor.hpp"

#include <algorithm>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/answer.hpp"
#include "actors/auth_token.hpp"
#include "actors/background_window.hpp"
#include "actors/cache.hpp"
#include "actors/connectivity.hpp"
#include "actors/delta_pull.hpp"
#include "actors/gateway.hpp"
#include "actors/notifications.hpp"
#include "actors/permissions.hpp"
#include "actors/realtime.hpp"
#include "actors/session.hpp"
#include "actors/sync_queue.hpp"
#include "actors/transport.hpp"
#include "engine/base/mutant.hpp"
#include "engine/notify/stored_settings.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = SupervisorActor::stateful_pointer<SupervisorState>;
using Promise = SupervisorState::Promise;
using Ending = SupervisorState::Ending;

void tell_state(Self self, EngineState state, std::string code = {}) {
  const EngineStateChanged changed{state, std::move(code)};
  self->send(self->state.api, changed);
  self->send(self->state.window, changed);
}

// --- device scope

template <class Handle, class... Arguments>
auto spawn_into(Self self, Scope& scope, Handle function, Arguments... arguments) {
  auto actor = self->spawn(function, std::move(arguments)...);
  scope.add(self, actor);
  return actor;
}

void spawn_device_scope(Self self) {
  auto& state = self->state;
  auto& scope = state.device_scope;
  const auto transport_actor = spawn_into(self, scope, transport, state.core);
  state.connectivity =
      spawn_into(self, scope, connectivity, state.core, transport_actor, state.api);
  state.auth_token = spawn_into(self, scope, auth_token, state.core, state.directory.device,
                                transport_actor, state.connectivity, state.api);
  state.gateway = spawn_into(self, scope, gateway, state.core, transport_actor, state.auth_token,
                             state.connectivity);
  state.session = spawn_into(self, scope, session, state.core, state.directory.device,
                             SessionPeers{state.api, state.auth_token, state.gateway,
                                          caf::actor_cast<SupervisorActor>(self), state.window});
  self->send(state.api, DeviceOpened{state.connectivity, state.session});
  tell_state(self, EngineState::locked);
  self->send(state.session, StartSession{});
}

// --- partition scope

Result<PartitionStore> open_partition_store(const SupervisorState& state,
                                            const OpenPartition& opened) {
  PartitionStore store;
  LANDFALL_TRY_ASSIGN(store.database, open_partition_file(*state.core, opened.user.partition));
  store.outbox_key = opened.outbox_key;
  store.documents_key = opened.documents_key;
  return store;
}

PermissionsActor spawn_permissions(Self self, const PartitionStore& store) {
  auto& state = self->state;
  if (!state.core->profile().permissions) return {};
  // What the login said is for this opening, not for one after a restart of the scope.
  auto granted = std::exchange(state.partition->opened.granted, nullptr);
  return spawn_into(self, state.partition_scope, permissions, state.core, store,
                    state.partition->opened.user.user_id, std::move(granted),
                    PermissionsPeers{state.api, state.auth_token, state.connectivity, state.gateway,
                                     state.session});
}

RealtimeActor spawn_realtime(Self self, const DeltaPullActor& pull) {
  auto& state = self->state;
  if (!state.core->profile().realtime || state.core->environment.sockets == nullptr) return {};
  return spawn_into(self, state.partition_scope, realtime, state.core, state.host_is_here,
                    RealtimePeers{state.api, state.auth_token, state.connectivity, state.gateway,
                                  pull, state.permissions});
}

void spawn_partition_scope(Self self) {
  auto& state = self->state;
  auto& scope = state.partition_scope;
  const PartitionStore& store = state.partition->store;
  const auto& user = state.partition->opened.user;
  const auto centre = spawn_into(self, scope, notifications, state.core, store,
                                 notify::Recipient{user.user_id, user.organisation}, state.api);
  const auto subscribers = std::make_shared<std::atomic<std::size_t>>(0);
  const auto views = spawn_into(self, scope, cache, state.core, store, subscribers);
  const ViewWatch watch{notify::settings_document(state.core->profile(), user.user_id), centre,
                        views, subscribers};
  const auto pull = spawn_into(
      self, scope, delta_pull, state.core, store,
      DeltaPullPeers{state.api, state.auth_token, state.connectivity, state.gateway, watch});
  state.permissions = spawn_permissions(self, store);
  const auto enqueues = std::make_shared<EnqueueBox>();
  state.sync_queue = spawn_into(self, scope, sync_queue, state.core, store,
                                SyncQueuePeers{state.api, state.auth_token, state.connectivity,
                                               state.gateway, pull, watch, state.permissions},
                                enqueues);
  state.realtime = spawn_realtime(self, pull);
  self->send(views, DocumentsComeFrom{pull});
  self->send(state.api,
             PartitionOpened{{state.sync_queue, enqueues}, pull, views, centre, state.permissions});
  self->send(state.window, PartitionReady{state.sync_queue, pull, state.connectivity});
  tell_state(self, EngineState::ready);
}

Status open_now(Self self, const OpenPartition& opened) {
  auto& state = self->state;
  auto store = open_partition_store(state, opened);
  if (!store) return failure(store.error());
  state.partition.emplace(SupervisorState::OpenedPartition{opened, std::move(*store)});
  spawn_partition_scope(self);
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
void resume_now(Self self);

// No socket, no file and no lock is left, in this order (INV-S8).
void give_up_directory(SupervisorState& state) {
  state.core->environment.transport->fall_silent();
  state.directory.lock.reset();
}

void on_suspended(Self self) {
  auto& state = self->state;
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

void respawn_device_scope(Self self) {
  auto& state = self->state;
  state.ending = Ending::none;
  auto device = open_device(state.core->environment, state.core->config.directory);
  if (!device) return fail_engine(self, device.error().code);
  state.directory.device = std::move(*device);
  spawn_device_scope(self);
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
      return on_suspended(self);
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
  const Status opened = open_now(self, *state.wanted);
  if (!opened) state.wanted.reset();
  deliver_all(state.waiting_for_open, opened);
  if (opened) return;
  if (!is_asked_for) return fail_engine(self, opened.error().code);
  tell_state(self, EngineState::locked);
}

template <class Then>
void end_session(Self self, Then then) {
  self->request(self->state.gateway, caf::infinite, EndSession{})
      .then([then](const Status&) { then(); }, [then](const caf::error&) { then(); });
}

// The files are closed. A call that an actor of the scope made with its last breath may still stand
// in the gateway's mailbox: once the gateway has answered it is dropped, whoever logs in next.
void on_partition_stopped(Self self) {
  auto& state = self->state;
  state.partition.reset();
  state.permissions = nullptr;
  state.realtime = nullptr;
  state.session_ending = true;
  end_session(self, [self] {
    self->state.session_ending = false;
    on_partition_closed(self);
  });
}

// Stops the scope and ends the session's calls, then does what is wanted by then.
void stop_partition(Self self) {
  auto& state = self->state;
  if (state.partition_scope.is_stopping() || state.session_ending) return;
  if (!state.partition) return on_partition_closed(self);
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
  stop_partition(self);
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
  stop_partition(self);
  return promise;
}

caf::result<Status> close_partition(Self self) {
  auto& state = self->state;
  deliver_all(state.waiting_for_open,
              failure(ErrorClass::busy, "session.busy", "the partition was closed again"));
  state.wanted.reset();
  auto promise = self->make_response_promise<Status>();
  state.waiting_for_close.push_back(promise);
  stop_partition(self);
  return promise;
}

caf::result<Status> shut_down(Self self) {
  auto& state = self->state;
  auto promise = self->make_response_promise<Status>();
  state.waiting_for_shutdown.push_back(promise);
  const auto stop = [self] { stop_everything(self, Ending::shutdown); };
  self->request(state.api, caf::infinite, CloseApi{})
      .then([stop](const Status&) { stop(); }, [stop](const caf::error&) { stop(); });
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
  if (state.partition && !state.partition_scope.is_stopping())
    self->send(state.sync_queue, PauseQueue{});
  const auto stop = [self] {
    if (self->state.ending < Ending::suspension || self->state.suspended) return;
    stop_everything(self, self->state.ending);
  };
  self->request(state.api, caf::infinite, PauseApi{})
      .then([stop](const Status&) { stop(); }, [stop](const caf::error&) { stop(); });
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
  auto opened = reopen_directory(*state.core);
  if (!opened) {
    state.host_is_here = false;
    tell_state(self, EngineState::suspended, opened.error().code);
    return deliver_all(state.waiting_for_resume, Status{failure(opened.error())});
  }
  state.directory = std::move(*opened);
  state.suspended = false;
  state.ending = Ending::none;
  tell_state(self, EngineState::opening);
  spawn_device_scope(self);
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
  if (of_partition) return stop_partition(self);
  stop_everything(self, Ending::respawn);
}

// The process dies, as a simulated world plays it: everything goes at once, nothing is tidied.
void on_exit(Self self, const caf::exit_msg& exit) {
  auto& state = self->state;
  constexpr auto kKill = caf::exit_reason::kill;
  for (const auto& actor : state.partition_scope.actors()) self->send_exit(actor, kKill);
  for (const auto& actor : state.device_scope.actors()) self->send_exit(actor, kKill);
  self->send_exit(state.window, kKill);
  self->send_exit(state.api, kKill);
  self->quit(exit.reason);
}

}  // namespace

SupervisorActor::behavior_type supervisor(Self self, SharedCore core, ApiActor api,
                                          OpenDirectory directory) {
  auto& state = self->state;
  state.core = std::move(core);
  state.api = std::move(api);
  state.directory = std::move(directory);
  state.window =
      self->spawn(background_window, state.core, state.api, caf::actor_cast<SupervisorActor>(self));
  self->set_down_handler([self](caf::down_msg& down) { on_down(self, down); });
  self->set_exit_handler([self](caf::exit_msg& exit) { on_exit(self, exit); });
  spawn_device_scope(self);
  return {
      [self](const OpenPartition& message) { return open_partition(self, message); },
      [self](const ClosePartition&) { return close_partition(self); },
      [self](const Shutdown&) { return shut_down(self); },
      [self](const Suspend& message) { return suspend(self, message); },
      [self](const Resume& message) { return resume(self, message.asker); },
      [self](const HurrySuspension& message) { hurry_suspension(self, message); },
      [self](const RunWindow& message) { self->send(self->state.window, message); },
  };
}

}  // namespace landfall::actors
