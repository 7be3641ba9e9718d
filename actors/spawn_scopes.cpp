#include "actors/spawn_scopes.hpp"

#include <atomic>
#include <memory>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/attachments.hpp"
#include "actors/auth_token.hpp"
#include "actors/cache.hpp"
#include "actors/connectivity.hpp"
#include "actors/delta_pull.hpp"
#include "actors/devices.hpp"
#include "actors/eraser.hpp"
#include "actors/file_check.hpp"
#include "actors/gateway.hpp"
#include "actors/log_mover.hpp"
#include "actors/notifications.hpp"
#include "actors/outbox_visits.hpp"
#include "actors/permissions.hpp"
#include "actors/realtime.hpp"
#include "actors/routing.hpp"
#include "actors/session.hpp"
#include "actors/sync_queue.hpp"
#include "actors/transport.hpp"
#include "engine/notify/stored_settings.hpp"
#include "engine/store/session_table.hpp"

namespace landfall::actors {
namespace {

using Self = SupervisorSelf;

template <class Handle, class... Arguments>
auto spawn_into(Self self, Scope& scope, Handle function, Arguments... arguments) {
  auto actor = self->spawn(function, std::move(arguments)...);
  scope.add(self, actor);
  return actor;
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

// Those whose calls can name their organisation. Rows that cannot be read now are looked at when
// the partition is opened next.
std::vector<sync::ClosedOutbox> other_partitions(const SupervisorState& state,
                                                 const auth::ActiveUser& user) {
  std::vector<sync::ClosedOutbox> others;
  if (!sync::names_organisation(state.core->profile())) return others;
  const auto rows = state.directory.device->read([&](const store::Snapshot& device) {
    return store::other_sessions(device, user.user_id, user.partition);
  });
  if (!rows) return others;
  for (const auto& row : *rows)
    if (!row.organisation.empty()) others.push_back({row.organisation, row.partition});
  return others;
}

OutboxVisitsActor spawn_visits(Self self, const auth::ActiveUser& user,
                               std::vector<sync::ClosedOutbox> outboxes,
                               const SyncQueueActor& active) {
  auto& state = self->state;
  return spawn_into(
      self, state.partition_scope, outbox_visits, state.core, user.user_id, std::move(outboxes),
      OutboxVisitsPeers{state.api, state.auth_token, state.connectivity, state.gateway, active});
}

OutboxVisitsActor spawn_outbox_visits(Self self) {
  auto& state = self->state;
  const auto& user = state.partition->opened.user;
  auto others = other_partitions(state, user);
  if (others.empty()) {
    // What the one before wished for.
    state.core->windows->set_visit(std::nullopt);
    return {};
  }
  return spawn_visits(self, user, std::move(others), state.sync_queue);
}

}  // namespace

void spawn_device_scope(Self self) {
  auto& state = self->state;
  auto& scope = state.device_scope;
  const auto transport_actor =
      spawn_into(self, scope, transport, state.core, state.directory.device, state.api);
  state.connectivity =
      spawn_into(self, scope, connectivity, state.core, transport_actor, state.api);
  state.auth_token = spawn_into(self, scope, auth_token, state.core, state.directory.device,
                                transport_actor, state.connectivity, state.api);
  state.gateway = spawn_into(self, scope, gateway, state.core, transport_actor, state.auth_token,
                             state.connectivity);
  const auto devices_actor =
      spawn_into(self, scope, devices, state.core, state.directory.device,
                 DevicesPeers{state.api, state.auth_token, state.connectivity, state.gateway});
  state.session =
      spawn_into(self, scope, session, state.core, state.directory.device,
                 SessionPeers{state.api, state.auth_token, state.gateway,
                              caf::actor_cast<SupervisorActor>(self), state.window, devices_actor});
  state.routing = RoutingActor{};
  if (state.core->profile().routing) {
    state.routing = spawn_into(self, scope, routing_actor, state.core, state.directory.device,
                               RoutingPeers{state.api, state.session});
  }
  const auto eraser_actor =
      spawn_into(self, scope, eraser, state.core, state.directory.device,
                 EraserPeers{state.api, state.session, caf::actor_cast<SupervisorActor>(self)});
  spawn_into(self, scope, file_check, state.core, state.directory.device);
  self->send(state.api, DeviceOpened{state.connectivity, state.session, eraser_actor, devices_actor,
                                     state.routing});
}

void spawn_drain_scope(Self self, const auth::ActiveUser& user) {
  auto& state = self->state;
  // What the actors of the open partition wished for; the outbox is among the visits now.
  state.core->windows->clear_partition();
  auto outboxes = other_partitions(state, user);
  outboxes.insert(outboxes.begin(), {user.organisation, user.partition});
  state.outbox_visits = spawn_visits(self, user, std::move(outboxes), SyncQueueActor{});
  self->send(state.window, PartitionReady{{}, {}, state.connectivity, {}, state.outbox_visits});
}

void spawn_partition_scope(Self self) {
  auto& state = self->state;
  auto& scope = state.partition_scope;
  PartitionStore store = state.partition->store;
  store.log_mover = spawn_into(self, scope, log_mover, state.core, store.database);
  spawn_into(self, scope, file_check, state.core, store.database);
  const auto& user = state.partition->opened.user;
  const auto centre = spawn_into(self, scope, notifications, state.core, store,
                                 notify::Recipient{user.user_id, user.organisation}, state.api);
  const auto subscribers = std::make_shared<std::atomic<std::size_t>>(0);
  const auto views = spawn_into(self, scope, cache, state.core, store, subscribers);
  const ViewWatch watch{notify::settings_document(state.core->profile(), user.user_id), centre,
                        views, subscribers};
  const auto pull = spawn_into(self, scope, delta_pull, state.core, store,
                               sync::DocumentOwner{user.user_id, user.organisation},
                               DeltaPullPeers{state.api, state.auth_token, state.connectivity,
                                              state.gateway, watch, state.routing});
  state.delta_pull = pull;
  state.attachments = AttachmentsActor{};
  const auto following = std::make_shared<std::atomic<bool>>(true);
  if (state.core->profile().attachments) {
    state.attachments =
        spawn_into(self, scope, attachments_actor, state.core, store, user.partition,
                   AttachmentsPeers{state.api, state.auth_token, state.connectivity, state.gateway,
                                    following});
  }
  state.permissions = spawn_permissions(self, store);
  const bool has_threads = state.core->environment.scheduling == Scheduling::pool;
  const auto enqueues =
      std::make_shared<EnqueueBox>(has_threads ? state.core->environment.clock : nullptr);
  state.sync_queue =
      spawn_into(self, scope, sync_queue, state.core, store,
                 sync::DocumentOwner{user.user_id, user.organisation},
                 SyncQueuePeers{state.api, state.auth_token, state.connectivity, state.gateway,
                                pull, state.attachments, following, watch, state.permissions},
                 enqueues);
  state.realtime = spawn_realtime(self, pull);
  state.outbox_visits = spawn_outbox_visits(self);
  self->send(views, DocumentsComeFrom{pull});
  self->send(state.api, PartitionOpened{{state.sync_queue, enqueues, store.outbox_key},
                                        pull,
                                        views,
                                        centre,
                                        state.attachments,
                                        state.permissions});
  self->send(state.window, PartitionReady{state.sync_queue, pull, state.connectivity,
                                          state.attachments, state.outbox_visits});
}

}  // namespace landfall::actors
