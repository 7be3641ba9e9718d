#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/sync/operation.hpp"

namespace landfall::store {

class Reader;
class Rows;
class Sealer;
class Transaction;

using OperationHash = std::array<std::byte, 32>;
using SealedPayload = std::vector<std::byte>;

// What of an operation is sealed and goes to the server as it was accepted.
struct OperationContentView {
  std::string_view payload;                     // compact JSON
  std::optional<std::string_view> attestation;  // compact JSON
};
struct OperationContent {
  std::string payload;
  std::optional<std::string> attestation;

  operator OperationContentView() const { return {payload, attestation}; }
};

// A waiting operation with the state of the one it stands on (nothing when it stands on none).
struct SendableOperation {
  sync::Operation operation;
  std::optional<sync::OperationState> predecessor;
  bool needs_create = false;  // it names an entity that the server does not have yet
  // The one it stands on has no verdict yet, and one that was accepted between the two is applied.
  bool is_predecessor_passed = false;
};

// All operations that may still be sent without anybody's word, in order of acceptance, one at a
// time: there may be fifty thousand of them and a batch needs fifty.
class SendableOperations final {
 public:
  explicit SendableOperations(Rows rows);
  SendableOperations(SendableOperations&&) noexcept;
  SendableOperations& operator=(SendableOperations&&) = delete;
  ~SendableOperations();

  // Nothing at the end.
  [[nodiscard]] Result<std::optional<SendableOperation>> next();

 private:
  std::unique_ptr<Rows> rows_;
};

// The operations of a partition. Rows are never deleted here: an operation that is settled stays to
// be shown, and to know its id when the host sends it again (C-21, INV-Q6). `save` keeps the
// counters outbox.operations and outbox.bytes, which cover what is not settled, in the same
// transaction.
struct OperationTable final {
  // Gives the operation its seq. Its `id` is new, and what says how it was sent or settled is as it
  // was made. `payload`: what seal_ahead made of the content's, where somebody did before.
  [[nodiscard]] static Result<std::int64_t> insert(Transaction& tx, Sealer& outbox_key,
                                                   const sync::Operation& operation,
                                                   const OperationHash& hash,
                                                   const OperationContentView& content,
                                                   const SealedPayload* payload = nullptr);
  // Nothing for a long one, which `insert` compresses. Any thread.
  [[nodiscard]] static std::optional<SealedPayload> seal_ahead(Sealer& outbox_key,
                                                               const OperationId& id,
                                                               std::string_view payload);
  // Everything but what was accepted (id, entity, action, content, created).
  [[nodiscard]] static Status save(Transaction& tx, const sync::Operation& operation);
  // With the server's verdict as it came, compact JSON.
  [[nodiscard]] static Status save(Transaction& tx, Sealer& outbox_key,
                                   const sync::Operation& operation, std::string_view verdict);
  // The verdict alone.
  [[nodiscard]] static Status save_verdict(Transaction& tx, Sealer& outbox_key,
                                           const OperationId& id, std::string_view verdict);
  // All operations of the lane belong to the entity by its other id from now on; `more_bytes` is
  // what that adds to each of them on the wire.
  [[nodiscard]] static Status rename_lane(Transaction& tx, const EntityKey& from,
                                          const std::string& to, std::int64_t more_bytes);
  // Other words for one that never left: its payload, its schema, its bytes.
  [[nodiscard]] static Status rewrite(Transaction& tx, Sealer& outbox_key,
                                      const sync::Operation& operation, std::string_view payload);
  // One that waits stands in the batch, as if it left now, at the cost of no attempt: what `save`
  // would write of it, and nothing else.
  [[nodiscard]] static Status put_in_batch(Transaction& tx, const sync::Operation& operation);
  // Those that the batch carries left now, for the first time.
  [[nodiscard]] static Status note_left(Transaction& tx, const BatchId& batch, Instant due_at,
                                        Instant now);
  [[nodiscard]] static Status mark_adopted(Transaction& tx, const OperationId& id);

  [[nodiscard]] static Result<std::optional<sync::Operation>> find(const Reader& reader,
                                                                   const OperationId& id);
  // Of the operation that has this id; nothing when there is none.
  [[nodiscard]] static Result<std::optional<OperationHash>> hash(const Reader& reader,
                                                                 const OperationId& id);
  // No operation has a greater id. All zero when there is none.
  [[nodiscard]] static Result<OperationId> greatest_id(const Reader& reader);
  // seal.broken when it cannot be trusted.
  [[nodiscard]] static Result<OperationContent> content(const Reader& reader,
                                                        const Sealer& outbox_key,
                                                        const OperationId& id);
  // The same by its row.
  [[nodiscard]] static Result<OperationContent> content(const Reader& reader,
                                                        const Sealer& outbox_key,
                                                        const sync::Operation& operation);
  [[nodiscard]] static Result<std::optional<std::string>> verdict(const Reader& reader,
                                                                  const Sealer& outbox_key,
                                                                  const OperationId& id);

  // All of one lane in order, settled ones as well.
  [[nodiscard]] static Result<std::vector<sync::Operation>> lane(const Reader& reader,
                                                                 const EntityKey& entity);
  // The newest of the lane that is laid over its document.
  [[nodiscard]] static Result<std::optional<sync::Operation>> top_of_lane(const Reader& reader,
                                                                          const EntityKey& entity);
  // The newest applied one of the lane.
  [[nodiscard]] static Result<std::optional<sync::Operation>> last_applied(const Reader& reader,
                                                                           const EntityKey& entity);
  // Whether an operation of this device produced that version of the entity.
  [[nodiscard]] static Result<bool> produced(const Reader& reader, const EntityKey& entity,
                                             std::int64_t row_version);
  // The newest version that an applied operation of the lane produced, of those accepted before
  // `seq`.
  [[nodiscard]] static Result<std::optional<std::int64_t>> version_produced_before(
      const Reader& reader, const EntityKey& entity, std::int64_t seq);
  // Whether any of those accepted up to that one waits to be sent or for a session, or is on its
  // way.
  [[nodiscard]] static Result<bool> is_one_to_send(const Reader& reader, std::int64_t last_seq);
  // The version of the entity behind its applied operations up to that one, where their verdicts
  // did not say it, if each has made one and nobody else has changed it: a version rises by one
  // with each change (wire.md), so that the server's is this one or a newer, and whoever names it
  // overwrites nothing unseen. Nothing: of none of them is any version known.
  [[nodiscard]] static Result<std::optional<std::int64_t>> least_produced(const Reader& reader,
                                                                          const EntityKey& entity,
                                                                          std::int64_t last_seq);
  // The newest row_version this device knows: the document's, or that of a verdict which is not yet
  // a document.
  [[nodiscard]] static Result<std::optional<std::int64_t>> known_version(const Reader& reader,
                                                                         const EntityKey& entity);
  // Not settled, of the lane.
  [[nodiscard]] static Result<std::int64_t> open_in_lane(const Reader& reader,
                                                         const EntityKey& entity);
  // Whether there may be any of the following two: one look where most have none.
  [[nodiscard]] static Result<bool> is_waited_for(const Reader& reader, const OperationId& id);
  // Those that wait for the create `id`, because they name what it makes; in order, settled ones
  // left out.
  [[nodiscard]] static Result<std::vector<sync::Operation>> needing(const Reader& reader,
                                                                    const OperationId& id);
  // Those that name `id` in `after`, in order.
  [[nodiscard]] static Result<std::vector<sync::Operation>> dependents(const Reader& reader,
                                                                       const OperationId& id);

  [[nodiscard]] static Result<SendableOperations> sendable(const Reader& reader);
  // Of each part the first operation that is due, in the order of the parts.
  [[nodiscard]] static Result<std::vector<sync::Operation>> first_of_due_parts(const Reader& reader,
                                                                               Instant now);
  // Those that a batch carries, in order; after a crash, those whose answer nobody waits for any
  // more.
  [[nodiscard]] static Result<std::vector<sync::Operation>> in_flight(const Reader& reader);
  // Those that this batch carries, in order.
  [[nodiscard]] static Result<std::vector<sync::Operation>> in_batch(const Reader& reader,
                                                                     const BatchId& batch);
  [[nodiscard]] static Result<std::vector<sync::Operation>> blocked_for(const Reader& reader,
                                                                        sync::BlockReason reason);
  // `failed` and blocked ones: what holds its lane where the profile wants a dead head to block.
  [[nodiscard]] static Result<std::vector<sync::Operation>> dead_heads(const Reader& reader);
  // Waiting to be sent, with a due time of that kind; in order.
  [[nodiscard]] static Result<std::vector<sync::Operation>> waiting(const Reader& reader,
                                                                    sync::Wait wait);
  // `failed` ones that may have happened, behind `after_seq`, in order.
  [[nodiscard]] static Result<std::vector<sync::Operation>> failed_but_possible(
      const Reader& reader, std::int64_t after_seq, std::size_t limit);
  // Settled, with an entity in the verdict that is not yet a document, or awaiting_document.
  [[nodiscard]] static Result<std::vector<sync::Operation>> unadopted(const Reader& reader,
                                                                      std::size_t limit);

  // Settled, with a conflict in the verdict and no entity that a document could be made of: the
  // server is to be asked for it. In order.
  [[nodiscard]] static Result<std::vector<sync::Operation>> awaiting_document(const Reader& reader,
                                                                              std::size_t limit);

  // Those of that action and an older schema that never left, in order.
  [[nodiscard]] static Result<std::vector<sync::Operation>> unsent_below_schema(
      const Reader& reader, const std::string& entity_type, const std::string& action,
      std::int64_t schema);

  // How many are in that state, which is none of the settled ones.
  [[nodiscard]] static Result<std::int64_t> count(const Reader& reader, sync::OperationState state);
  // The last one that was accepted, of those that are here; 0 when there is none.
  [[nodiscard]] static Result<std::int64_t> newest_seq(const Reader& reader);
  // Those that were rejected and of which a notice was not yet seen.
  [[nodiscard]] static Result<std::int64_t> count_rejected_untold(const Reader& reader);
  // For the host: in order, behind `after_seq`; `settled` includes those that are settled.
  [[nodiscard]] static Result<std::vector<sync::Operation>> list(const Reader& reader, bool settled,
                                                                 std::int64_t after_seq,
                                                                 std::size_t limit);
};

}  // namespace landfall::store
