#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/random.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/conflict/conflict.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"
#include "engine/http/outcome.hpp"
#include "engine/permissions/permission_set.hpp"
#include "engine/store/base_table.hpp"
#include "engine/sync/batch.hpp"
#include "engine/sync/document.hpp"
#include "engine/sync/drain_watch.hpp"
#include "engine/sync/foreign_document.hpp"
#include "engine/sync/notice.hpp"
#include "engine/sync/operation.hpp"
#include "engine/sync/push_results.hpp"
#include "engine/sync/repeat_pace.hpp"
#include "engine/sync/server_clock.hpp"
#include "engine/sync/settled_pruning.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Reader;
class Sealer;
class Transaction;
}  // namespace landfall::store

namespace landfall::sync {

// What the host asks to have done.
struct EnqueueRequest {
  OperationId id;
  EntityKey entity;
  std::string action;
  std::string
      payload;  // compact JSON with sorted keys (dump_json), so that equal payloads are equal bytes
  std::optional<std::int64_t>
      base_version;  // the row_version the user saw; the engine's own knowledge when absent
  std::optional<OperationId> supersedes;
  std::optional<std::string> group_id;
  std::optional<std::string> attestation;  // compact JSON
  std::optional<std::string> base_data;    // compact JSON: the document's data, for a merge
  // The row_version that base_data is of; absent: the one the operation will stand on. Kept only
  // where they are equal.
  std::optional<std::int64_t> base_data_version;
};

struct OperationChange {
  OperationId id;
  EntityKey entity;
  OperationState state = OperationState::queued;
  BlockReason block_reason = BlockReason::none;
  int attempts = 0;
};

struct Accepted {
  OperationId id;
  std::int64_t seq = 0;
  OperationState state = OperationState::queued;
  bool repeated = false;                 // this id was accepted before, with the same bytes
  std::vector<OperationChange> changes;  // those that it superseded
  std::optional<OperationId> supersedes = std::nullopt;  // whose place it took, by word or by rule
  std::vector<conflict::ConflictChange> conflicts;       // decided by it
};

// A call whose operations are durable as in flight and that may now leave.
struct PushCall {
  BatchId batch;
  std::vector<OperationId> operations;
  http::ApiCall call;
};

struct ReceiptsCall {
  std::vector<OperationId> operations;
  http::ApiCall call;
};

// The server knows an entity that was made here by an id of its own. Both ids name it from now on.
struct AssignedId {
  EntityKey local;
  std::string server_id;
};

// An entity that came with a verdict, for delta_pull to make a document of. `document` is the
// wire's compact JSON; empty: the server found a conflict and did not say what it has, so that it
// is to be asked (OperationTable::awaiting_document).
struct EntityOfVerdict {
  OperationId operation;
  std::string document;
};

// What the server has of such an operation's entity, asked about it behind the verdict. Nothing: it
// says nothing of the entity.
struct DocumentOfConflict {
  OperationId operation;
  std::optional<Document> document;
};

// What a step asks of the outside, to be carried out after its commit.
struct SyncEffects {
  std::vector<PushCall> pushes;
  std::optional<ReceiptsCall> receipts;
  std::optional<Instant>
      wake_at;        // replaces the queue's one timer; nothing means no timer is needed
  bool pull = false;  // verdicts say that the server's state moved (P-28, step 3); behind
                      // the last of the pushes that follow each other
  bool ask_permissions = false;  // a 403: what is known of the rights is stale
  std::vector<OperationChange> changes;
  std::vector<Notice> notices;
  std::vector<EntityOfVerdict> entities;
  std::vector<AssignedId> assigned;
  std::vector<conflict::ConflictChange> conflicts;
  std::optional<Drained> drained;
  std::optional<Error> foreign;  // the answer held a document of somebody else
};

// What the next plan would find.
struct Outlook {
  bool wants_plan = false;         // something is ready to be sent or asked about
  bool pull = false;               // the pull behind the pushes is due: as SyncEffects::pull
  std::optional<Instant> wake_at;  // as in SyncEffects; holds when nothing is ready
};

// Why an operation is where it is and what would help.
struct Explanation {
  Operation operation;
  std::string payload;  // what was handed in, as it stands in the outbox now; for the host alone
  std::vector<std::string>
      causes;  // outermost first: "blocked(dependency)", "0198… is failed", "retries.spent"
  std::optional<Instant> next_attempt_at;
  std::string
      would_help;  // a message key: "network", "login", "retry", "wait", "update_app", "resolve"
};

class ConflictInbox;
class QueueStep;
struct OperationResult;
struct PreparedEnqueue;

// The outbox as a machine: accepts, orders, batches, retries, settles and explains. It holds no
// operation in memory but the bookkeeping of the calls in flight; all else stands in the
// tables, so that a crash finds what a step left. A step that fails leaves the machine unusable:
// its owner reopens the store and makes a new one.
//
// Call order: on_open once, then events; after each event whose effects may free work (but for
// on_push_answer_and_plan) the owner calls plan in a durable transaction of its own. (P-27..P-32,
// P-59, C-18..C-21; architecture section 5; wire.md "What an answer means".)
class SyncQueue final {
 public:
  struct Parts {
    const Profile& profile;
    store::Sealer& outbox_key;
    SecureRandom& secure_random;  // ids of batches and of what a merge makes
    std::uint64_t jitter_seed;    // spread of sends at a reachability edge
    std::string device_id;
    DocumentOwner owner;
    RepeatPace& pace;  // outlives the machine, and knows what failed before it
  };

  explicit SyncQueue(Parts parts);

  // A process that died in `sending` finds `unknown`; due times beyond the ladder are clamped to
  // it; unseen notices and entities not yet adopted come back as effects.
  [[nodiscard]] Result<SyncEffects> on_open(store::Transaction& tx, Instant now);

  // Accepts or refuses before anything is acknowledged. The same id with the same bytes is accepted
  // again without a second row; with other bytes: operation.id_reused. Others:
  // operation.unknown_type, operation.unknown_action, operation.invalid (with the field),
  // operation.payload_too_large, those of attest::may_accept or may_accept_word where the action
  // wants an attestation, and those of check_room (engine/sync/outbox_room) and check_group_room.
  // Durable.
  [[nodiscard]] Result<Accepted> on_enqueue(store::Transaction& tx, const PreparedEnqueue& prepared,
                                            Instant now);

  // The entity by the id that the server gave it meanwhile, where its host still names the one it
  // was made under (wire.md `assigned_id`). Before on_enqueue.
  [[nodiscard]] static Status resolve_entity(const store::Reader& reader,
                                             PreparedEnqueue& prepared);

  // Whether the document that the user saw may be kept with such an operation: its owner reads none
  // otherwise.
  [[nodiscard]] static bool wants_base(const PreparedEnqueue& prepared);

  // `edge`: offline -> online, which re-arms every wait but a server's. Ordered.
  [[nodiscard]] Result<SyncEffects> on_connectivity(store::Transaction& tx, bool reachable,
                                                    bool edge, Instant now);

  // A valid session came or went. Ordered.
  [[nodiscard]] Result<SyncEffects> on_auth(store::Transaction& tx, bool authenticated,
                                            Instant now);
  // Whether a session that is not valid now is being renewed, so that what waits for it needs
  // nobody: no login is asked for that no server wants. Memory alone; nothing to plan.
  void on_renewal(bool is_renewing) { is_renewing_ = is_renewing; }

  // The user's rights changed, as they stand in the table. What needs one that is missing becomes
  // `blocked(permission)` with the cause `permission.revoked`; it returns to its turn, at its own
  // due time, when the right does. What the server refused with a 403 returns when the rights are
  // not those that it was refused with. Durable.
  [[nodiscard]] Result<SyncEffects> on_permissions(store::Transaction& tx, Instant now);

  // The server takes this version of the app again: what a 426 blocked returns to its turn (P-101).
  // Ordered.
  [[nodiscard]] Result<SyncEffects> on_update_over(store::Transaction& tx, Instant now);

  // The server asked for no push before `until`, in an answer that another outbox of the same user
  // got. Ordered.
  [[nodiscard]] Result<SyncEffects> on_asked_to_wait(store::Transaction& tx, Instant until,
                                                     Instant now);
  // Until when the server asked for no push (Retry-After); an instant that has passed: it did not.
  [[nodiscard]] static Result<Instant> quiet_until(const store::Reader& reader);

  // False: there is nothing to plan, whatever waits; the event that changes it is followed by a
  // plan.
  [[nodiscard]] bool can_send() const;
  // False: look_ahead would find nothing.
  [[nodiscard]] bool wants_look() const { return can_send() || pull_owed_since_; }
  // True: a pull was held back behind pushes. It is the caller's now, who gives the machine up.
  [[nodiscard]] bool take_owed_pull();

  // The same while nothing can be sent: the store need not be asked.
  [[nodiscard]] Outlook look_at_pull(Instant now);
  // What plan would find, read from a snapshot: an owner that asks first pays for no empty
  // transaction. Decides nothing durable; a pull that is due is told once.
  [[nodiscard]] Result<Outlook> look_ahead(const store::Reader& reader, Instant now);

  // When the first of what waits could leave, were the server in reach and the session valid; an
  // instant that has passed means at once, nothing that all of it waits for somebody. What is in
  // flight counts as lost.
  [[nodiscard]] Result<std::optional<Instant>> next_send_at(const store::Reader& reader,
                                                            Instant now) const;

  // Whether these events would change anything.
  [[nodiscard]] bool wants_connectivity(bool reachable, bool edge) const {
    return reachable != reachable_ || (reachable && edge);
  }
  [[nodiscard]] bool wants_auth(bool authenticated) const {
    return authenticated || authenticated_ || (drain_.is_way_open() && !is_renewing_);
  }

  // Marks what may leave as in flight and returns its calls: at most one push or group call at a
  // time, limits::kEndpointCallsMax of endpoints, and one a lane (INV-Q5). Says when to look again.
  // Touches nothing when there is nothing to send. Durable.
  [[nodiscard]] Result<SyncEffects> plan(store::Transaction& tx, Instant now);

  // The call that stands ready behind `batch`, where the answer says that all which `batch` carried
  // was applied and nothing else keeps it here: it may leave at once, because an earlier commit
  // made it durable as one that may have left. The answer itself is settled next, in the step of
  // on_push_answer_and_plan, which also notes when that call left. Memory alone.
  [[nodiscard]] std::optional<PushCall> take_ready(const BatchId& batch, const http::Answer& answer,
                                                   Instant now);

  // Settles what that call carried. An answer to a call that is not in flight changes nothing.
  // Ordered.
  [[nodiscard]] Result<SyncEffects> on_push_answer(store::Transaction& tx, const BatchId& batch,
                                                   const http::Answer& answer, Instant now);

  // The same, and in the same step plan, where the answer says of each what became of it: one
  // commit for what is over and what leaves next. Any other answer may be news that others have to
  // hear first, and the owner calls plan behind them. Ordered, and made durable where plan found
  // something.
  [[nodiscard]] Result<SyncEffects> on_push_answer_and_plan(store::Transaction& tx,
                                                            const BatchId& batch,
                                                            const http::Answer& answer,
                                                            Instant now);

  // Ordered.
  [[nodiscard]] Result<SyncEffects> on_receipts_answer(store::Transaction& tx,
                                                       const ReceiptsCall& call,
                                                       const http::Answer& answer, Instant now);

  // An answer to a pull told the server's time. No transaction.
  void on_server_time(const ServerTime& time) { server_clock_.take(time); }

  // delta_pull made documents of these operations' entities. Ordered.
  [[nodiscard]] Status on_adopted(store::Transaction& tx,
                                  const std::vector<OperationId>& operations);

  // delta_pull asked what these conflicts met: they are decided as if their verdicts had said it
  // (P-29). One that is decided already, and one that the server says nothing of, stays as it is.
  // Ordered.
  [[nodiscard]] Result<SyncEffects> on_documents_of_conflicts(
      store::Transaction& tx, const std::vector<DocumentOfConflict>& documents, Instant now);

  // The user's words. retry: failed and blocked ones but dependency, under the same id. cancel:
  // only what never left. discard: anything unsettled; when it may have happened,
  // `operation.may_have_happened` unless `accept_unknown`. Durable.
  [[nodiscard]] Result<SyncEffects> on_retry(store::Transaction& tx, const OperationId& id,
                                             Instant now);
  [[nodiscard]] Result<SyncEffects> on_cancel(store::Transaction& tx, const OperationId& id,
                                              Instant now);
  [[nodiscard]] Result<SyncEffects> on_discard(store::Transaction& tx, const OperationId& id,
                                               bool accept_unknown, Instant now);
  // The user's word in a conflict, and taking it back: ConflictInbox says what each does and which
  // errors it has. Durable.
  [[nodiscard]] Result<SyncEffects> on_resolve(store::Transaction& tx,
                                               const conflict::ConflictChoice& choice, Instant now);
  [[nodiscard]] Result<SyncEffects> on_reopen(store::Transaction& tx, const OperationId& id,
                                              Instant now);
  [[nodiscard]] Status on_notices_seen(store::Transaction& tx, std::int64_t up_to_seq);

  // Housekeeping for a queue that has nothing better to do: whether there may be something to
  // forget, whether there is (SettledPruning::look), and forgetting a few. Nothing is forgotten
  // before an answer of the server told the time. Never a reason to wake up. Ordered.
  [[nodiscard]] bool wants_to_forget(Instant now) const;
  [[nodiscard]] Result<bool> look_for_settled(const store::Reader& reader, Instant now);
  [[nodiscard]] Status on_forget(store::Transaction& tx, Instant now);

  [[nodiscard]] Result<Explanation> explain(const store::Reader& reader, const OperationId& id,
                                            Instant now) const;

  [[nodiscard]] bool in_flight() const { return !in_flight_.empty(); }

 private:
  // What an operation was before it was put in flight, for answers that prove it was never decided.
  struct Before {
    OperationId id;
    EntityKey entity;
    OperationEffect effect;
    int attempts;
    Instant first_sent_at;
    Instant last_sent_at;
  };
  struct InFlight {
    Way way;
    std::string target;
    std::vector<Before> operations;  // in the order of the request
  };
  // A push that is durable and leaves when the answer to the one before it has come.
  struct ReadyCall {
    BatchId behind;
    PushCall push;
  };
  // What the answer to a call means for what it carried.
  struct Heard {
    http::Outcome outcome;
    std::optional<OperationResults> results;  // what it says of each, where it does
    std::optional<Error> foreign;             // leave_out_foreign
  };
  // An operation of the batch that is being settled.
  struct Sent {
    Operation operation;
    Before before;
    const std::string* verdict = nullptr;  // of the answer, saved with the row
  };

  // accept
  [[nodiscard]] Result<std::optional<Accepted>> accepted_before(
      const store::Transaction& tx, const PreparedEnqueue& prepared) const;

  // plan
  [[nodiscard]] Status plan_in(QueueStep& step);
  [[nodiscard]] FreeSlots free_slots() const;
  [[nodiscard]] Result<Instant> held_until(const store::Reader& reader) const;
  [[nodiscard]] Result<bool> has_receipts_to_ask(const store::Reader& reader) const;
  [[nodiscard]] Result<std::optional<Instant>> next_plan_at(const store::Reader& reader,
                                                            Instant now) const;
  [[nodiscard]] Status look_again(QueueStep& step);
  [[nodiscard]] Status note_way(const store::Reader& reader, Instant now);
  [[nodiscard]] Status look_at_drain(QueueStep& step);
  void gather_pulls(QueueStep& step);
  [[nodiscard]] bool let_pull_go(std::optional<Instant>& wake_at, Instant now);
  [[nodiscard]] Status return_blocked(QueueStep& step, BlockReason reason) const;
  [[nodiscard]] Status block_forgotten(QueueStep& step, std::vector<Operation> operations) const;
  [[nodiscard]] BatchChooser::Bounds push_bounds() const;
  [[nodiscard]] Result<PushCall> make_call(QueueStep& step, const Way& way,
                                           const std::vector<Operation>& operations);
  [[nodiscard]] Status put_in_flight(QueueStep& step, const Way& way,
                                     std::vector<Operation> operations);
  void mark_sent(const QueueStep& step, const BatchId& batch, bool alone,
                 Operation& operation) const;
  [[nodiscard]] Status ask_receipts(QueueStep& step, const std::vector<Operation>& unknown);

  // ahead
  [[nodiscard]] std::optional<BatchId> push_in_flight() const;
  [[nodiscard]] Result<std::vector<Operation>> choose_ready(const QueueStep& step) const;
  [[nodiscard]] Status make_ready(QueueStep& step);
  [[nodiscard]] Status note_left(QueueStep& step);
  // They wait for their turn again, as if they had not been chosen. In steps that refuse nothing
  // any more: what is taken back is so in memory as well.
  [[nodiscard]] Status take_back_ready(QueueStep& step);
  // The operation as it is when the call that it stands ready in was taken back.
  [[nodiscard]] Result<Operation> taken_back(QueueStep& step, Operation operation);

  // permissions
  [[nodiscard]] Status look_at_rights(const store::Reader& reader);
  [[nodiscard]] bool may_be_sent(const Operation& operation) const;
  [[nodiscard]] Status hold_for_right(QueueStep& step, Operation& operation) const;
  [[nodiscard]] Status match_right(QueueStep& step, Operation operation, bool rights_changed) const;
  [[nodiscard]] Status match_rights(QueueStep& step);
  [[nodiscard]] Result<bool> hold_unpermitted(QueueStep& step, BatchChoice& choice) const;
  [[nodiscard]] Result<BatchChoice> choose_permitted(QueueStep& step);

  // settle
  [[nodiscard]] Heard hear(const BatchId& batch, const http::Answer& answer, Instant now) const;
  [[nodiscard]] bool is_all_applied(const BatchId& batch, const http::Answer& answer, Instant now);
  // False: the answer is no word of the server about each of them.
  [[nodiscard]] Result<bool> settle_call(QueueStep& step, const BatchId& batch,
                                         const http::Answer& answer);
  [[nodiscard]] Result<std::vector<Sent>> take_in_flight(QueueStep& step, const BatchId& batch,
                                                         std::optional<Instant> left_at);
  [[nodiscard]] Status settle_whole(QueueStep& step, std::vector<Sent>& sent,
                                    const http::Outcome& outcome, bool left_device);
  void settle_refused(QueueStep& step, Sent& sent, http::Fate fate) const;
  [[nodiscard]] Status settle_by_outcome(QueueStep& step, Sent& sent, const http::Outcome& outcome,
                                         bool left_device);
  [[nodiscard]] Status settle_by_result(QueueStep& step, Sent& sent,
                                        const OperationResult* result) const;
  [[nodiscard]] Status note_outcome(QueueStep& step, std::vector<Sent>& sent,
                                    const http::Outcome& outcome, const std::string& code);
  [[nodiscard]] Status save_settled(QueueStep& step, const std::vector<Sent>& sent) const;
  [[nodiscard]] Status wait_as_asked(QueueStep& step, Operation& operation, Instant due_at) const;
  [[nodiscard]] Status failed_attempt(QueueStep& step, Operation& operation) const;
  [[nodiscard]] Status settle_by_receipt(QueueStep& step, Operation operation,
                                         const OperationResult* result) const;

  // conflicts
  [[nodiscard]] ConflictInbox inbox() const;

  // What the server's clock says must be taken before: it decides what a step settles.
  [[nodiscard]] QueueStep step_at(store::Transaction& tx, Instant now) const;

  // forget
  [[nodiscard]] ForgettingClocks clocks(Instant now) const;

  // user actions
  [[nodiscard]] Result<Operation> named(const store::Reader& reader, const OperationId& id) const;

  // explain
  [[nodiscard]] Result<Explanation> explain_waiting(const store::Reader& reader,
                                                    Explanation explanation, Instant now) const;

  Parts parts_;
  Random jitter_;
  bool reachable_ = false;
  bool authenticated_ = false;
  bool is_renewing_ = false;
  bool has_endpoint_delivery_;
  std::optional<OperationId> greatest_id_;  // none accepted is greater; nothing before on_open
  std::map<BatchId, InFlight> in_flight_;   // that which stands ready among them
  std::optional<ReadyCall> ready_;
  std::optional<std::pair<BatchId, Heard>> heard_ahead_;  // by take_ready, for the step behind it
  std::optional<BatchId> left_ahead_;  // take_ready let it go, and no step has noted it yet
  bool receipts_in_flight_ = false;
  bool receipts_wanted_ = false;  // a contact with the server came since they were last asked for
  std::int64_t receipts_asked_up_to_ =
      0;  // seq of the last one asked about; the next call goes on behind it
  permissions::PermissionSet rights_;  // as they stood in the table at this version
  std::int64_t rights_version_ = 0;
  permissions::PermissionSet matched_rights_;  // that the operations were last held against
  ServerClock server_clock_;
  SettledPruning pruning_;
  DrainWatch drain_;
  Instant edge_hold_until_;                 // sends caused by the edge are spread
  std::optional<Instant> pull_owed_since_;  // to the first verdict that no pull has followed yet
  std::optional<Instant>
      auth_hold_until_;  // the server refused a session that its owner still believes in
};

}  // namespace landfall::sync
