#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include "engine/base/time.hpp"

namespace landfall::actors {

// How far the outbox is, behind each look at it.
struct QueueProgress {
  bool sending = false;                 // calls with operations are under way
  std::optional<Instant> next_send_at;  // SyncQueue::next_send_at
  std::size_t sent = 0;                 // operations that left since the last word
  std::int64_t left = 0;                // operations that are not settled
};

// How far the pull is.
struct PullProgress {
  bool pulling = false;
  std::size_t scopes_completed = 0;  // since the last word
  bool failed = false;               // a page could not be had
};

// How far the attachments are.
struct TransferProgress {
  bool moving = false;                  // a call is under way, or a file is being worked on
  std::optional<Instant> next_call_at;  // of what waits for time alone
};

// How far the outboxes of the user's other organisations are.
struct VisitProgress {
  bool visiting = false;                 // one of them is open
  std::optional<Instant> next_visit_at;  // of what waits for time and the active outbox alone
  std::size_t sent = 0;                  // operations that left since the last word
};

using ProgressWatcher =
    caf::typed_actor<caf::reacts_to<QueueProgress>, caf::reacts_to<PullProgress>,
                     caf::reacts_to<TransferProgress>, caf::reacts_to<VisitProgress>>;

// The watcher hears of it now and behind each step; nothing ends it.
struct WatchProgress {
  std::optional<ProgressWatcher> watcher;
  bool since_open = false;  // counts what left since the partition was opened, not since now
};

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::QueueProgress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PullProgress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::TransferProgress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::VisitProgress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::WatchProgress)
