#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/sync/delivery.hpp"
#include "engine/sync/operation.hpp"
#include "engine/sync/repeat_pace.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Reader;
}

namespace landfall::sync {

// What goes next, or when to look again.
struct BatchChoice {
  std::vector<Operation> operations;  // in order of acceptance; empty when nothing is ready
  Way way;                            // of all of them
  std::vector<Operation> alone;       // each in a call of its own
  std::vector<Operation>
      beyond_receipts;  // due, but sent so long ago that sending them again could repeat them
  std::vector<Operation>
      to_ask;  // due `unknown` ones whose receipts must be asked for first (C: receipts)
  std::optional<Instant> look_again_at;  // the earliest due time of what waits for time alone

  [[nodiscard]] bool has_work() const {
    return !operations.empty() || !alone.empty() || !beyond_receipts.empty() || !to_ask.empty();
  }
};

// Goes through the waiting operations in order and takes those that may leave now: together in one
// call, or each alone in the call of an endpoint. Pure.
//
// A lane is held by the first of its operations that does not join: by one that is not due, that
// stands on an operation which is not going to be applied now or which a later one of this device
// has passed, that belongs to another part, that leaves another way, that waits for its entity's
// id, or that names what the server does not have.
// What comes later in that lane does not overtake it (INV-Q4). Only operations of a push follow
// others of their lane in the same call; the rest head their lanes.
class BatchChooser final {
 public:
  enum class Company { together, alone };

  struct Bounds {
    std::size_t operations_max = 1;
    std::int64_t bytes_max =
        0;  // of all operations; a single one may be larger, else it could never leave
  };

  // `part` is of no meaning to those that leave alone.
  BatchChooser(const Profile& profile, Company company, Bounds bounds,
               std::optional<std::int64_t> part, Instant now);

  // Operations that would repeat a call which failed last leave no sooner than it lets them;
  // `beside` repeats leave in this instant anyway.
  void hold_repeats(const RepeatPace& pace, std::size_t beside);

  // Operations of the lane behind `seq` do not leave: its head is dead and the profile says that
  // this blocks, or it has a call in flight (INV-Q5).
  void hold_lane_behind(const EntityKey& lane, std::int64_t seq);

  // False: the call is full, or its part complete, and no more need be offered.
  [[nodiscard]] bool offer(store::SendableOperation candidate);
  [[nodiscard]] BatchChoice take() { return std::move(choice_); }

 private:
  [[nodiscard]] bool waits_for_id(const Operation& operation);
  [[nodiscard]] bool may_join(const store::SendableOperation& candidate);
  [[nodiscard]] bool is_held_till_later(const std::string& target);
  void look_again_at(Instant at);
  [[nodiscard]] bool goes_this_way(const store::SendableOperation& candidate, const Way& way) const;
  [[nodiscard]] bool fits(const Operation& operation) const;
  void begin(Way way);
  void join(Operation operation);

  const Profile& profile_;
  Company company_;
  Bounds bounds_;
  std::optional<std::int64_t> part_;
  Instant now_;
  const RepeatPace* pace_ = nullptr;  // null: nothing is held
  std::size_t repeats_beside_ = 0;
  std::int64_t bytes_ = 0;
  std::map<EntityKey, std::int64_t> held_behind_;
  std::set<EntityKey> joined_;
  std::set<EntityKey> unnamed_;  // lanes with a create whose entity the server has yet to name
  BatchChoice choice_;
};

// What may be in flight beside what is.
struct FreeSlots {
  BatchChooser::Bounds together{0, 0};  // of one push or group call; none while one is in flight
  std::size_t alone = 0;
  std::vector<EntityKey> busy_lanes;  // have a call in flight
  const RepeatPace* pace = nullptr;   // null: nothing is held
};

// Due parts go first, the lowest that has a ready member, and with nothing else; then what belongs
// to no part. Beside them those that leave alone.
[[nodiscard]] Result<BatchChoice> choose_batch(const store::Reader& reader, const Profile& profile,
                                               const FreeSlots& slots, Instant now);

}  // namespace landfall::sync
