#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::sync {

// What the active user did in a partition that is not open and is not settled.
struct ClosedOutbox {
  std::string organisation;
  PartitionId partition;
};

// Whether the requests of this profile say which organisation they are made for. Where they do not,
// the server takes what it gets for the active one's, and nothing of another may leave.
[[nodiscard]] bool names_organisation(const Profile& profile);

// Whose turn it is among the outboxes of the active user that are not open, and until when: those
// of their other organisations, and their own while its documents are locked (architecture section
// 6). A visit opens one partition and sends what can be sent; there is one at a time, and only
// while the active outbox has nothing that waits. The active outbox is never kept waiting: a visit
// makes no further call once it has work. Pure; times of both are engine time.
class OutboxVisits final {
 public:
  // Those that have operations, in the order in which they have their first turn.
  OutboxVisits(std::vector<ClosedOutbox> outboxes, Instant now);

  // --- what stands in the way; everything does before it was told otherwise

  // `has_work`: something of the active outbox is on its way or waits for time, the network or the
  // session. `quiet_until`: the server asked for no push before it; in the past: it did not.
  void on_active_outbox(bool has_work, Instant quiet_until);
  // `edge`: offline -> online, which makes all of them due, as it re-arms what waits in them.
  void on_connectivity(bool reachable, bool edge, Instant now);
  // `refused`: nothing can be sent before their user has logged in anew, however long it waits.
  void on_auth(bool authenticated, bool refused);
  // The engine is being suspended; these outboxes are opened no more.
  void on_paused();
  // The server asked a visit for no push before it. True when nobody knew.
  [[nodiscard]] bool on_quiet(Instant until);

  // --- visits

  // The outbox whose turn it is now, if any; its visit has begun then.
  [[nodiscard]] std::optional<ClosedOutbox> begin(Instant now);
  // Whether an edge came since the partition of the visit under way was closed last: its queue is
  // to hear of it.
  [[nodiscard]] bool is_behind_edge() const { return visited_ && visited_->is_behind_edge; }
  // Whether the visit under way may make another call.
  [[nodiscard]] bool may_send() const;
  // Whether it is worth keeping open until then, with nothing under way.
  [[nodiscard]] bool should_stay(std::optional<Instant> next_call_at, Instant now) const;
  // The partition is closed again. `next_send_at`: as SyncQueue says it; nothing: what is left
  // waits for its user, and is not looked at any more.
  void on_left(std::optional<Instant> next_send_at, Instant now);
  // The visit came to nothing. What may pass is tried again; anything else is left to the opening
  // by its user, who is told of it.
  void on_failed(const Error& error, Instant now);

  [[nodiscard]] bool is_visiting() const { return visited_.has_value(); }
  // Nothing is left to do here.
  [[nodiscard]] bool is_done() const { return waiting_.empty() && !visited_; }
  // When the next visit begins if nothing happens before; nothing while something stands in the
  // way.
  [[nodiscard]] std::optional<Instant> next_visit_at() const;
  // When there is something to send, were nothing in the way; nothing while the session is refused.
  [[nodiscard]] std::optional<Instant> wish() const;

 private:
  struct Waiting {
    ClosedOutbox outbox;
    Instant due_at;
    Instant not_before;
    bool is_behind_edge = false;
  };

  std::vector<Waiting> waiting_;
  std::optional<Waiting> visited_;
  bool active_has_work_ = true;
  bool reachable_ = false;
  bool authenticated_ = false;
  bool refused_ = false;
  bool paused_ = false;
  Instant quiet_until_{};
};

}  // namespace landfall::sync
