#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_messages.hpp"
#include "actors/auth_token_messages.hpp"
#include "actors/connectivity_messages.hpp"
#include "actors/core.hpp"
#include "actors/gateway_messages.hpp"
#include "actors/outbox_visits_messages.hpp"
#include "actors/timer.hpp"
#include "engine/sync/outbox_visits.hpp"
#include "engine/sync/sync_queue.hpp"

namespace landfall::actors {

struct OutboxVisitsPeers {
  ApiActor api;
  AuthTokenActor auth_token;
  ConnectivityActor connectivity;
  GatewayActor gateway;
  SyncQueueActor sync_queue;  // of the active partition; null: it is not open
};

// Sends what the active user left in their other organisations, one visit after the other
// (OutboxVisits). A visit opens that partition's file with its outbox key alone, lets SyncQueue
// run on it with calls that name its organisation, and closes it.
//
// While the active partition cannot be opened because its documents' key is locked, its outbox is
// visited like those, and first.
//
// It lives in the active partition's scope, which ends before anything else is opened, before a
// session ends and before the engine sleeps: so no file ever has two who opened it, and nothing of
// a user is sent while another is logged in. A visit that fails ends without a trace in that scope:
// what is wrong with another partition is found, repaired and told when its user opens it. So is
// what a visit came to: verdicts, notices and conflicts stand in the partition, and the host hears
// of them when its user is back there (C-22).
struct OutboxVisitsState {
  // The machine refers to the key, and goes first.
  struct Visit {
    std::uint64_t number = 0;
    sync::ClosedOutbox outbox;
    std::shared_ptr<store::Sealer> key = nullptr;
    std::shared_ptr<store::Database> database = nullptr;
    std::optional<sync::SyncQueue> machine = std::nullopt;  // nothing while the key is asked for
    std::optional<Instant> next_call_at = std::nullopt;
  };

  const char* name = "outbox_visits";
  SharedCore core;
  OutboxVisitsPeers peers;
  std::string user_id;
  std::optional<sync::OutboxVisits> order;
  std::optional<sync::RepeatPace> pace;  // of one visit after the other
  std::optional<Visit> visit;
  std::uint64_t visits = 0;
  std::size_t calls_open = 0;  // the next visit waits for the calls of the one before (INV-Q5)
  bool is_watching = false;    // the active outbox
  bool reachable = false;
  bool authenticated = false;
  std::optional<Timer> timer;
  std::optional<ProgressWatcher> watcher;
  std::size_t sent_untold = 0;  // to the watcher
};

// Its own name keeps the interface out of the names of its handlers.
struct OutboxVisitsInstance final : OutboxVisitsActor::stateful_base<OutboxVisitsState> {
  using stateful_actor::stateful_actor;
};
using OutboxVisitsSelf = OutboxVisitsInstance*;

// `others`: the partitions of this user that are not open, whether or not anything waits there.
OutboxVisitsActor::behavior_type outbox_visits(OutboxVisitsSelf self, SharedCore core,
                                               std::string user_id,
                                               std::vector<sync::ClosedOutbox> others,
                                               OutboxVisitsPeers peers);

}  // namespace landfall::actors
