#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/profile/sync_rules.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/sync/operation.hpp"

namespace landfall::store {
class Reader;
}

namespace landfall::sync {

// What goes next, or when to look again.
struct BatchChoice {
  std::vector<Operation> operations;  // in order of acceptance; empty when nothing is ready
  std::vector<Operation>
      beyond_receipts;  // due, but sent so long ago that sending them again could repeat them
  std::vector<Operation>
      to_ask;  // due `unknown` ones whose receipts must be asked for first (C: receipts)
  std::optional<Instant> look_again_at;  // the earliest due time of what waits for time alone
};

// Goes through the waiting operations in order and takes those that may leave together. Pure.
//
// A lane is held by the first of its operations that does not join: by one that is not due, that
// stands on an operation which is not going to be applied now, or that belongs to another part.
// What comes later in that lane does not overtake it (INV-Q4).
class BatchChooser final {
 public:
  struct Bounds {
    std::size_t operations_max = 1;
    std::int64_t bytes_max =
        0;  // of all operations; a single one may be larger, else it could never leave
  };

  BatchChooser(const profile::SyncRules& rules, Bounds bounds, std::optional<std::int64_t> part,
               Instant now);

  // Operations of the lane behind `seq` do not leave: its head is dead and the profile says that
  // this blocks.
  void hold_lane_behind(const EntityKey& lane, std::int64_t seq);

  // False: the batch is full, or its part complete, and no more need be offered.
  [[nodiscard]] bool offer(store::SendableOperation candidate);
  [[nodiscard]] BatchChoice take() { return std::move(choice_); }

 private:
  [[nodiscard]] bool may_join(const store::SendableOperation& candidate);
  [[nodiscard]] bool fits(const Operation& operation) const;

  const profile::SyncRules& rules_;
  Bounds bounds_;
  std::optional<std::int64_t> part_;
  Instant now_;
  std::int64_t bytes_ = 0;
  std::map<EntityKey, std::int64_t> held_behind_;
  BatchChoice choice_;
};

// Due parts go first, the lowest that has a ready member, and with nothing else; then what belongs
// to no part.
[[nodiscard]] Result<BatchChoice> choose_batch(const store::Reader& reader,
                                               const profile::SyncRules& rules,
                                               BatchChooser::Bounds bounds, Instant now);

// One operation as it stands in a push, the same bytes each time: `id` beside it because a planted
// fault sends another.
[[nodiscard]] std::string wire_operation(const Operation& operation, const OperationId& id,
                                         const store::OperationContent& content);

// What wire_operation takes at most for this operation, whether it will stand on another or on a
// version.
[[nodiscard]] std::int64_t wire_bytes_max(const Operation& operation,
                                          const store::OperationContent& content);

// {"device_id":"…","operations":[…]} of operations in their wire form.
[[nodiscard]] std::string push_body(std::string_view device_id,
                                    const std::vector<std::string>& operations);

}  // namespace landfall::sync
