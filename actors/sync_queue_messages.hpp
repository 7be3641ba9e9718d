#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "actors/permissions_messages.hpp"
#include "actors/progress_messages.hpp"
#include "engine/store/conflict_table.hpp"
#include "engine/sync/operation_page.hpp"
#include "engine/sync/outbox_room.hpp"
#include "engine/sync/sync_queue.hpp"

namespace landfall::actors {

// Operations wait in the queue's box. Sent with the first of them.
struct TakeEnqueues {};

// Looks for the next batch; the queue's message to itself after a step that may have freed work.
struct PlanBatch {};

// The engine is being suspended: what waits is still committed and acknowledged, and nothing more
// is sent. The scope ends behind it.
struct PauseQueue {};

// For those who wait until this outbox has nothing to send.
struct OutboxTold {
  bool has_work = false;  // something is on its way or waits for time, the way or the session
  Instant quiet_until;    // the server asked for no push before it; in the past: it did not

  friend bool operator==(const OutboxTold&, const OutboxTold&) = default;
};
using OutboxWatcher = caf::typed_actor<caf::reacts_to<OutboxTold>>;

// The watcher hears of it now and at every change; nothing ends it.
struct WatchOutbox {
  std::optional<OutboxWatcher> watcher;
};

// The server asked another outbox of the same user for no push before this.
struct AskedToWait {
  Instant until;
};

enum class UserWord { retry, cancel, discard };

struct OperationCommand {
  UserWord word = UserWord::retry;
  OperationId id;
  bool accept_unknown = false;
};

struct ExplainOperation {
  OperationId id;
};

struct ListOperations {
  sync::OperationQuery query;
};

struct CountOperations {};
struct ListNotices {};
struct NoticesSeen {
  std::int64_t up_to_seq = 0;
};

struct ListConflicts {
  bool settled = false;  // those that are decided as well
  std::int64_t after_seq = 0;
  std::size_t limit = 0;
};
struct ResolveConflict {
  conflict::ConflictChoice choice;
};
struct ReopenConflict {
  OperationId id;
};

// What an answer to a pull says to the queue: these operations' entities are documents now, this is
// what the server has of those that it was asked for because a conflict waits, and this its time.
struct PullAnswered {
  std::vector<OperationId> operations;
  std::vector<sync::DocumentOfConflict> theirs;
  std::optional<sync::ServerTime> server_time;
};

using SyncQueueActor = caf::typed_actor<
    caf::reacts_to<TakeEnqueues>, caf::reacts_to<PlanBatch>, caf::reacts_to<PauseQueue>,
    caf::reacts_to<UpdateOver>, caf::reacts_to<WatchProgress>, caf::reacts_to<WatchOutbox>,
    caf::reacts_to<AskedToWait>, caf::replies_to<OperationCommand>::with<Status>,
    caf::replies_to<ExplainOperation>::with<Result<sync::Explanation>>,
    caf::replies_to<ListOperations>::with<Result<sync::OperationPage>>,
    caf::replies_to<CountOperations>::with<Result<sync::OutboxCounts>>,
    caf::replies_to<ListNotices>::with<Result<std::vector<sync::Notice>>>,
    caf::replies_to<NoticesSeen>::with<Status>,
    caf::replies_to<ListConflicts>::with<Result<store::ConflictPage>>,
    caf::replies_to<ResolveConflict>::with<Status>, caf::replies_to<ReopenConflict>::with<Status>,
    caf::reacts_to<PullAnswered>, caf::reacts_to<PermissionsChanged>,
    caf::reacts_to<ConnectivityChanged>, caf::reacts_to<AuthChanged>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::TakeEnqueues)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PlanBatch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PauseQueue)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::OutboxTold)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::WatchOutbox)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AskedToWait)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::OperationCommand)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ExplainOperation)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ListOperations)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::CountOperations)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ListNotices)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::NoticesSeen)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ListConflicts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ResolveConflict)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ReopenConflict)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PullAnswered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::sync::Explanation>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::sync::OutboxCounts>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::sync::OperationPage>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<std::vector<landfall::sync::Notice>>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::store::ConflictPage>)
