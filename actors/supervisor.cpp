#include "actors/supervisor.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/auth_token.hpp"
#include "actors/cache.hpp"
#include "actors/connectivity.hpp"
#include "actors/delta_pull.hpp"
#include "actors/fifo_gate.hpp"
#include "actors/gateway.hpp"
#include "actors/session.hpp"
#include "actors/sync_queue.hpp"
#include "actors/transport.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = SupervisorActor::stateful_pointer<SupervisorState>;
using Promise = caf::typed_response_promise<Status>;

void tell_state(Self self, EngineState state, std::string code = {}) {
  self->send(self->state.api, EngineStateChanged{state, std::move(code)});
}

// --- device scope
// ------------------------------------------------------------------------------------------------

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
  state.auth_token = spawn_into(self, scope, auth_token, state.core, state.device, transport_actor,
                                state.connectivity);
  state.gateway = spawn_into(self, scope, gateway, state.core, transport_actor, state.auth_token,
                             state.connectivity);
  state.session = spawn_into(self, scope, session, state.core, state.device,
                             SessionPeers{state.api, state.auth_token, state.gateway,
                                          caf::actor_cast<SupervisorActor>(self)});
  self->send(state.api, DeviceOpened{state.connectivity, state.session});
  tell_state(self, EngineState::locked);
  self->send(state.session, StartSession{});
}

// --- partition scope
// ---------------------------------------------------------------------------------------------

Result<PartitionStore> open_partition_store(const SupervisorState& state,
                                            const OpenPartition& opened) {
  store::OpenOptions options;
  options.path =
      state.core->config.directory + "/partitions/" + to_text(opened.user.partition) + ".db";
  options.vfs = state.core->environment.disk.vfs;
  options.migrations = schema::partition_migrations();
  auto gate = std::make_shared<FifoGate>();
  options.gate = gate.get();
  LANDFALL_TRY_ASSIGN(std::unique_ptr<store::Database> database,
                      store::Database::open(std::move(options)));
  PartitionStore store;
  // The gate lives as long as the database that enters it.
  store.database = std::shared_ptr<store::Database>(
      database.release(), [gate](store::Database* closing) { delete closing; });
  store.outbox_key = opened.outbox_key;
  store.documents_key = opened.documents_key;
  return store;
}

void spawn_partition_scope(Self self) {
  auto& state = self->state;
  auto& scope = state.partition_scope;
  const PartitionStore& store = state.partition->store;
  const auto pull =
      spawn_into(self, scope, delta_pull, state.core, store,
                 DeltaPullPeers{state.api, state.auth_token, state.connectivity, state.gateway});
  const auto queue = spawn_into(
      self, scope, sync_queue, state.core, store,
      SyncQueuePeers{state.api, state.auth_token, state.connectivity, state.gateway, pull});
  const auto views = spawn_into(self, scope, cache, state.core, store);
  self->send(state.api, PartitionOpened{queue, pull, views});
  tell_state(self, EngineState::ready);
}

Status open_now(Self self, OpenPartition opened) {
  auto& state = self->state;
  auto store = open_partition_store(state, opened);
  if (!store) return failure(store.error());
  state.partition.emplace(SupervisorState::OpenedPartition{std::move(opened), std::move(*store)});
  spawn_partition_scope(self);
  return {};
}

// Stops the scope, ends the session's calls and closes the files, then goes on.
void close_partition(Self self, std::function<void()> then) {
  auto& state = self->state;
  if (!state.partition) return then();
  self->send(state.api, PartitionClosed{});
  self->send(state.gateway, EndSession{});
  state.partition_scope.stop(self, caf::exit_reason::user_shutdown, [self, then = std::move(then)] {
    self->state.partition.reset();
    then();
  });
}

caf::result<Status> open_partition(Self self, const OpenPartition& message) {
  auto& state = self->state;
  if (state.closing)
    return Status{failure(ErrorClass::busy, "engine.closing", "the engine is closing")};
  if (state.partition && state.partition->opened.user.partition == message.user.partition &&
      !state.partition_scope.is_stopping()) {
    return Status{};
  }
  auto promise = self->make_response_promise<Status>();
  close_partition(self,
                  [self, message, promise]() mutable { promise.deliver(open_now(self, message)); });
  return promise;
}

caf::result<Status> close_partition_on_request(Self self) {
  auto promise = self->make_response_promise<Status>();
  close_partition(self, [self, promise]() mutable {
    tell_state(self, EngineState::locked);
    promise.deliver(Status{});
  });
  return promise;
}

// --- restart
// -----------------------------------------------------------------------------------------------------

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

void stop_all(Self self, caf::exit_reason reason, std::function<void()> then) {
  auto& state = self->state;
  state.partition_scope.stop(self, reason, [self, reason, then = std::move(then)] {
    self->state.partition.reset();
    self->state.device_scope.stop(self, reason, [self, then] {
      self->state.device.reset();
      then();
    });
  });
}

void fail_engine(Self self, std::string code) {
  self->state.failed = true;
  self->send(self->state.api, PartitionClosed{});
  tell_state(self, EngineState::failed, std::move(code));
  stop_all(self, caf::exit_reason::user_shutdown, [] {});
}

void restart_partition(Self self) {
  auto& state = self->state;
  self->send(state.api, PartitionClosed{});
  state.partition_scope.stop(self, caf::exit_reason::user_shutdown, [self] {
    OpenPartition opened = self->state.partition->opened;
    self->state.partition.reset();
    if (auto reopened = open_now(self, std::move(opened)); !reopened)
      fail_engine(self, reopened.error().code);
  });
}

void restart_device(Self self) {
  self->send(self->state.api, PartitionClosed{});
  tell_state(self, EngineState::opening);
  stop_all(self, caf::exit_reason::user_shutdown, [self] {
    auto& state = self->state;
    auto device = open_device(state.core->environment, state.core->config.directory);
    if (!device) return fail_engine(self, device.error().code);
    state.device = std::move(*device);
    spawn_device_scope(self);
  });
}

void on_down(Self self, const caf::down_msg& down) {
  auto& state = self->state;
  const bool of_partition = state.partition_scope.on_down(down.source);
  const bool of_device = !of_partition && state.device_scope.on_down(down.source);
  const bool expected = state.closing || state.failed || state.device_scope.is_stopping() ||
                        (of_partition && state.partition_scope.is_stopping());
  if (expected || (!of_partition && !of_device)) {
    state.partition_scope.finish_if_empty();
    state.device_scope.finish_if_empty();
    return;
  }
  if (!may_restart(state)) return fail_engine(self, "engine.restarts_exhausted");
  if (of_partition) return restart_partition(self);
  restart_device(self);
}

// ---------------------------------------------------------------------------------------------------------------

caf::result<Status> shut_down(Self self) {
  auto& state = self->state;
  state.closing = true;
  auto promise = self->make_response_promise<Status>();
  self->request(state.api, caf::infinite, CloseApi{}).then([self, promise](const Status&) mutable {
    stop_all(self, caf::exit_reason::user_shutdown, [self, promise]() mutable {
      self->send_exit(self->state.api, caf::exit_reason::user_shutdown);
      promise.deliver(Status{});
      self->quit();
    });
  });
  return promise;
}

// The process dies, as a simulated world plays it: everything goes at once, nothing is tidied.
void on_exit(Self self, const caf::exit_msg& exit) {
  auto& state = self->state;
  constexpr auto kKill = caf::exit_reason::kill;
  for (const auto& actor : state.partition_scope.actors()) self->send_exit(actor, kKill);
  for (const auto& actor : state.device_scope.actors()) self->send_exit(actor, kKill);
  self->send_exit(state.api, kKill);
  self->quit(exit.reason);
}

}  // namespace

Result<std::shared_ptr<store::Database>> open_device(const Environment& environment,
                                                     const std::string& directory) {
  store::OpenOptions options;
  options.path = directory + "/device.db";
  options.vfs = environment.disk.vfs;
  options.migrations = schema::device_migrations();
  auto gate = std::make_shared<FifoGate>();
  options.gate = gate.get();
  LANDFALL_TRY_ASSIGN(std::unique_ptr<store::Database> database,
                      store::Database::open(std::move(options)));
  return std::shared_ptr<store::Database>(database.release(),
                                          [gate](store::Database* closing) { delete closing; });
}

SupervisorActor::behavior_type supervisor(Self self, SharedCore core, ApiActor api,
                                          std::shared_ptr<store::Database> device) {
  auto& state = self->state;
  state.core = std::move(core);
  state.api = std::move(api);
  state.device = std::move(device);
  self->set_down_handler([self](caf::down_msg& down) { on_down(self, down); });
  self->set_exit_handler([self](caf::exit_msg& exit) { on_exit(self, exit); });
  spawn_device_scope(self);
  return {
      [self](const OpenPartition& message) { return open_partition(self, message); },
      [self](const ClosePartition&) { return close_partition_on_request(self); },
      [self](const Shutdown&) { return shut_down(self); },
  };
}

}  // namespace landfall::actors
