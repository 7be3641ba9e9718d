#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace landfall::sync {

// The numbers are stored: append only. Each accepted operation is in exactly one state, always.
enum class OperationState {
  queued = 0,
  sending = 1,
  unknown = 2,  // sent, and no verdict known
  blocked = 3,  // waits for something that time alone does not bring
  applied = 4,
  rejected = 5,
  conflict = 6,
  failed = 7,  // retries spent; the user is told, a late receipt may still make it applied
  superseded = 8,
  cancelled = 9,
  discarded = 10
};

enum class BlockReason {
  none = 0,
  auth = 1,
  permission = 2,
  server = 3,
  upgrade = 4,
  dependency = 5,
  outcome_unknown = 6
};

// What is known about the server's side of an operation.
enum class OperationEffect { none = 0, possible = 1, known = 2 };

// Why an operation has a due time: the retry ladder bends at the edge offline -> online, a server's
// wish does not.
enum class Wait { none = 0, ladder = 1, server = 2 };

[[nodiscard]] std::string_view to_string(OperationState state) noexcept;
[[nodiscard]] std::string_view to_string(BlockReason reason) noexcept;
[[nodiscard]] std::string_view to_string(OperationEffect effect) noexcept;

// A verdict or the user's word ended it: nothing will be sent for it again.
[[nodiscard]] constexpr bool is_settled(OperationState state) noexcept {
  return state == OperationState::applied || state == OperationState::rejected ||
         state == OperationState::conflict || state >= OperationState::superseded;
}

// Its user's word ended it.
[[nodiscard]] constexpr bool was_given_up(OperationState state) noexcept {
  return state == OperationState::cancelled || state == OperationState::discarded;
}

// It may still change what the server has: shown over the document until the server's word replaces
// it (INV-Q14).
[[nodiscard]] constexpr bool is_laid_over(OperationState state) noexcept {
  return state <= OperationState::blocked || state == OperationState::failed;
}

// One intent of the user, durable from the moment it is acknowledged. What was sent (first_sent_at
// set) never changes again, to the byte. The payload stays sealed in its row; see
// store::OperationTable.
struct Operation {
  std::int64_t seq = 0;
  OperationId id;
  EntityKey entity;
  std::string action;
  int schema = 1;
  std::optional<OperationId> after;
  std::optional<std::int64_t> base_version;
  std::optional<OperationId> supersedes;
  std::optional<std::string> group_id;
  OperationState state = OperationState::queued;
  BlockReason block_reason = BlockReason::none;
  OperationEffect effect = OperationEffect::none;
  int attempts = 0;
  Instant due_at;  // zero: at once
  Wait wait = Wait::none;
  // Start of a free wait; zero: none. Of a settled one: from when its being kept is counted
  // (SettledPruning); zero: not yet.
  Instant waiting_since;
  std::optional<std::int64_t> part;
  bool alone = false;
  std::optional<BatchId> batch;
  Instant first_sent_at;  // zero: never left the device
  Instant last_sent_at;
  Instant created_at;
  Instant settled_at;
  std::optional<std::int64_t> result_version;
  bool adopted = true;
  std::string cause;
  std::int64_t bytes = 0;
};

}  // namespace landfall::sync
