#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api_messages.hpp"
#include "actors/attachments_messages.hpp"
#include "actors/auth_token_messages.hpp"
#include "actors/background_window_messages.hpp"
#include "actors/core.hpp"
#include "actors/delta_pull_messages.hpp"
#include "actors/disk_space_messages.hpp"
#include "actors/gateway_messages.hpp"
#include "actors/open_directory.hpp"
#include "actors/outbox_visits_messages.hpp"
#include "actors/permissions_messages.hpp"
#include "actors/realtime_messages.hpp"
#include "actors/scope.hpp"
#include "actors/supervisor_messages.hpp"
#include "actors/timer.hpp"

namespace landfall::actors {

// Spawns the scopes in order and stops them in order. When an actor of a scope dies, the scope is
// stopped, its store reopened and the scope spawned anew; more than kScopeRestartsMax times within
// kScopeRestartWindowMs the engine is `failed` (architecture section 4). Switching the user closes
// one partition and opens the other on the same path; suspending stops both scopes on it, behind
// what waits in their mailboxes, and gives up the files, the connections and the directory's lock
// (INV-S8). Resuming is a start. A disk without room for a store to be opened again is waited for
// (INV-S3).
//
// Requests and deaths may come while a scope is still stopping. So nothing here waits for its own
// turn: each says what shall be (`wanted`, `ending`), and whoever finds that a scope is down looks
// what to do next.
struct SupervisorState {
  struct OpenedPartition {
    OpenPartition opened;
    PartitionStore store;
  };
  using Promise = caf::typed_response_promise<Status>;
  // Why the device scope is being stopped, or was, the strongest reason last.
  enum class Ending { none, respawn, suspension, failure, shutdown };

  const char* name = "supervisor";
  SharedCore core;
  ApiActor api;
  DiskSpaceActor disk_space;
  BackgroundWindowActor window;
  bool host_is_here = true;  // it has not suspended the engine since it opened or resumed it
  OpenDirectory directory;   // empty while suspended
  ConnectivityActor connectivity;
  AuthTokenActor auth_token;
  GatewayActor gateway;
  SessionActor session;
  RoutingActor routing;  // null: the profile has none
  Scope device_scope;
  std::optional<OpenedPartition> partition;
  SyncQueueActor sync_queue;
  DeltaPullActor delta_pull;
  AttachmentsActor attachments;     // null: the profile has none
  PermissionsActor permissions;     // null: the profile knows no rights
  RealtimeActor realtime;           // null: the server has no hub, or there are no sockets
  OutboxVisitsActor outbox_visits;  // null: there is none to visit
  Scope partition_scope;            // without a partition: `outbox_visits` alone (DrainOutboxes)
  std::optional<PartitionId> last_opened;  // whose damage StoreSignals speaks of
  bool session_ending = false;  // the gateway has not yet confirmed that the calls are cancelled
  std::optional<OpenPartition> wanted;     // the partition that shall be open
  std::vector<Promise> waiting_for_open;   // of `wanted`
  std::vector<Promise> waiting_for_close;  // of the one before
  Ending ending = Ending::none;
  std::vector<Promise> waiting_for_shutdown;
  bool suspended = false;     // all is closed
  bool disk_leaving = false;  // disk_space has not yet answered that it keeps away
  std::uint64_t suspensions = 0;
  std::vector<Promise> waiting_for_suspend;
  std::vector<Promise> waiting_for_resume;
  std::deque<Instant> restarts;
  // When device.db, which found no room to be opened, is tried again.
  std::optional<Timer> opening_timer;
};

// Its own name keeps the interface out of the names of its handlers.
struct SupervisorInstance final : SupervisorActor::stateful_base<SupervisorState> {
  using stateful_actor::stateful_actor;
};
using SupervisorSelf = SupervisorInstance*;

SupervisorActor::behavior_type supervisor(SupervisorSelf self, SharedCore core, ApiActor api,
                                          DiskSpaceActor disk_space, OpenDirectory directory);

}  // namespace landfall::actors
