#include "engine/store/operation_table.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/meta_table.hpp"
#include "engine/store/named_entity_table.hpp"
#include "engine/store/open_state.hpp"
#include "engine/store/sealed_text.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {
namespace {

using sync::Operation;
using sync::OperationState;

constexpr std::string_view kPayload = "operations.payload";
constexpr std::string_view kAttestation = "operations.attestation";
constexpr std::string_view kResult = "operations.result";

// As `insert` writes it: neither sent nor held up by anything but a dependency.
bool is_untouched(const Operation& operation) {
  const bool never_sent = operation.attempts == 0 && !operation.alone && !operation.part &&
                          !operation.batch && operation.first_sent_at == Instant{} &&
                          operation.last_sent_at == Instant{};
  const bool never_waited = operation.due_at == Instant{} && operation.wait == sync::Wait::none &&
                            operation.waiting_since == Instant{};
  return never_sent && never_waited && !is_settled(operation.state) &&
         operation.settled_at == Instant{} && !operation.result_version && operation.adopted;
}

// One list, so that `operation_of` and every SELECT agree on the order. A macro, because the pieces
// of a statement's text are joined by the compiler: statements are constants and are prepared once.
#define LANDFALL_OPERATION_COLUMNS                                                          \
  "o.seq, o.id, o.entity_type, o.entity_id, o.action, o.schema, o.after, o.base_version, "  \
  "o.supersedes, "                                                                          \
  "o.group_id, o.state, o.block_reason, o.effect, o.attempts, o.due_ms, o.wait, "           \
  "o.waiting_since_ms, "                                                                    \
  "o.part, o.alone, o.batch, o.first_sent_ms, o.last_sent_ms, o.created_ms, o.settled_ms, " \
  "o.result_version, o.adopted, o.cause, o.bytes"
#define LANDFALL_SELECT_OPERATIONS "SELECT " LANDFALL_OPERATION_COLUMNS " FROM operations o "

constexpr int kOperationColumns = 28;

void read_name(const Rows& row, Operation& operation) {
  operation.seq = row.integer(0);
  operation.id = row.id<OperationId>(1);
  operation.entity = {std::string(row.text(2)), std::string(row.text(3))};
  operation.action = std::string(row.text(4));
  operation.schema = static_cast<int>(row.integer(5));
  operation.after = row.optional(6, [&](int c) { return row.id<OperationId>(c); });
  operation.base_version = row.optional(7, [&](int c) { return row.integer(c); });
  operation.supersedes = row.optional(8, [&](int c) { return row.id<OperationId>(c); });
  operation.group_id = row.optional(9, [&](int c) { return std::string(row.text(c)); });
}

Operation operation_of(const Rows& row) {
  Operation operation;
  read_name(row, operation);
  operation.state = static_cast<sync::OperationState>(row.integer(10));
  operation.block_reason = static_cast<sync::BlockReason>(row.integer(11));
  operation.effect = static_cast<sync::OperationEffect>(row.integer(12));
  operation.attempts = static_cast<int>(row.integer(13));
  operation.due_at = row.instant(14);
  operation.wait = static_cast<sync::Wait>(row.integer(15));
  operation.waiting_since = row.instant(16);
  operation.part = row.optional(17, [&](int c) { return row.integer(c); });
  operation.alone = row.boolean(18);
  operation.batch = row.optional(19, [&](int c) { return row.id<BatchId>(c); });
  operation.first_sent_at = row.instant(20);
  operation.last_sent_at = row.instant(21);
  operation.created_at = row.instant(22);
  operation.settled_at = row.instant(23);
  operation.result_version = row.optional(24, [&](int c) { return row.integer(c); });
  operation.adopted = row.boolean(25);
  operation.cause = std::string(row.text(26));
  operation.bytes = row.integer(27);
  return operation;
}

template <class... Values>
Result<std::vector<Operation>> all(const Reader& reader, std::string_view sql,
                                   const Values&... values) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select(sql, values...));
  return rows.all(operation_of);
}

template <class... Values>
Result<std::optional<Operation>> first(const Reader& reader, std::string_view sql,
                                       const Values&... values) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select(sql, values...));
  return rows.first(operation_of);
}

// The value of a MAX(...), which is NULL over no rows.
template <class... Values>
Result<std::optional<std::int64_t>> greatest(const Reader& reader, std::string_view sql,
                                             const Values&... values) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select(sql, values...));
  LANDFALL_TRY_ASSIGN(const auto value, rows.first([](const Rows& row) {
    return row.optional(0, [&](int c) { return row.integer(c); });
  }));
  return value.value_or(std::nullopt);
}

void add_to_outbox(Transaction& tx, std::int64_t operations, std::int64_t bytes) {
  CounterTable::add(tx, {kOutboxOperations, operations});
  CounterTable::add(tx, {kOutboxBytes, bytes});
}

// What of a row changes after it was accepted, but for the verdict.
#define LANDFALL_SAVE_OPERATION                                                              \
  "UPDATE operations SET after = ?2, base_version = ?3, state = ?4, block_reason = ?5, "     \
  "effect = ?6, attempts = ?7, due_ms = ?8, wait = ?9, waiting_since_ms = ?10, part = ?11, " \
  "alone = ?12, batch = ?13, first_sent_ms = ?14, last_sent_ms = ?15, settled_ms = ?16, "    \
  "result_version = ?17, adopted = ?18, cause = ?19"
// A row that is not settled says so itself, without being read first.
#define LANDFALL_WHERE_OPEN " WHERE seq = ?1 AND " LANDFALL_IS_OPEN("")

// The number of rows that were there to change: one, or none.
template <class... More>
Result<std::int64_t> update(Transaction& tx, std::string_view sql, const Operation& operation,
                            const More&... more) {
  return tx.run(sql, operation.seq, operation.after, operation.base_version, operation.state,
                operation.block_reason, operation.effect, operation.attempts, operation.due_at,
                operation.wait, operation.waiting_since, operation.part, operation.alone,
                operation.batch, operation.first_sent_at, operation.last_sent_at,
                operation.settled_at, operation.result_version, operation.adopted, operation.cause,
                more...);
}

// A row that was settled before, and stays so.
Status save_settled(Transaction& tx, const Operation& operation) {
  LANDFALL_ASSERT(is_settled(operation.state));
  LANDFALL_TRY_ASSIGN(const auto settled,
                      update(tx, LANDFALL_SAVE_OPERATION " WHERE seq = ?1", operation));
  LANDFALL_ASSERT(settled == 1);
  return {};
}

// Of a row that was not settled before.
Status leave_outbox(Transaction& tx, const Operation& operation) {
  if (!is_settled(operation.state)) return {};
  add_to_outbox(tx, -1, -operation.bytes);
  return NamedEntityTable::remove(tx, operation.seq);
}

Result<OperationContent> open_content(Rows rows, const Sealer& outbox_key, const OperationId& id) {
  LANDFALL_TRY_ASSIGN(auto content, rows.first([&](const Rows& row) -> Result<OperationContent> {
    OperationContent opened;
    LANDFALL_TRY_ASSIGN(opened.payload, open_text(outbox_key, kPayload, id, row.bytes(0)));
    if (!row.is_null(1)) {
      LANDFALL_TRY_ASSIGN(opened.attestation,
                          open_text(outbox_key, kAttestation, id, row.bytes(1)));
    }
    return opened;
  }));
  LANDFALL_ASSERT(content.has_value());
  return std::move(*content);
}

// Each by the words of the partial index that holds such operations: those that are settled, of
// which there may be many more, are not looked at.
std::string_view count_statement(OperationState state) {
  switch (state) {
    case OperationState::queued:
    case OperationState::unknown:
      return "SELECT COUNT(*) FROM operations WHERE state IN (0, 2) AND +state = ?1";
    case OperationState::sending:
      return "SELECT COUNT(*) FROM operations WHERE batch IS NOT NULL AND +state = ?1";
    case OperationState::blocked:
      return "SELECT COUNT(*) FROM operations WHERE state = 3 AND +state = ?1";
    case OperationState::failed:
      return "SELECT COUNT(*) FROM operations WHERE state = 7 AND +state = ?1";
    default:
      LANDFALL_ASSERT(false);
  }
  return {};
}

}  // namespace

SendableOperations::SendableOperations(Rows rows)
    : rows_(std::make_unique<Rows>(std::move(rows))) {}
SendableOperations::SendableOperations(SendableOperations&&) noexcept = default;
SendableOperations::~SendableOperations() = default;

Result<std::optional<SendableOperation>> SendableOperations::next() {
  LANDFALL_TRY_ASSIGN(const bool found, rows_->next());
  if (!found) return std::optional<SendableOperation>{};
  SendableOperation sendable;
  sendable.operation = operation_of(*rows_);
  sendable.predecessor = rows_->optional(kOperationColumns, [&](int c) {
    return static_cast<sync::OperationState>(rows_->integer(c));
  });
  sendable.needs_create = rows_->boolean(kOperationColumns + 1);
  sendable.is_predecessor_passed = rows_->boolean(kOperationColumns + 2);
  LANDFALL_TRY(rows_->checked());
  return std::optional<SendableOperation>{std::move(sendable)};
}

std::optional<SealedPayload> OperationTable::seal_ahead(Sealer& outbox_key, const OperationId& id,
                                                        std::string_view payload) {
  if (payload.size() >= kLongTextBytes) return std::nullopt;
  return seal_text(outbox_key, kPayload, id, payload);
}

Result<std::int64_t> OperationTable::insert(Transaction& tx, Sealer& outbox_key,
                                            const Operation& operation, const OperationHash& hash,
                                            const OperationContentView& content,
                                            const SealedPayload* payload) {
  LANDFALL_ASSERT(is_untouched(operation));
  std::optional<std::vector<std::byte>> attestation;
  if (content.attestation)
    attestation = seal_text(outbox_key, kAttestation, operation.id, *content.attestation);
  SealedPayload sealed_here;
  if (payload == nullptr)
    sealed_here = seal_long_text(tx, outbox_key, kPayload, operation.id, content.payload);
  // What is the same in every new row stands in the text, and what may be NULL is left out.
  LANDFALL_TRY(tx.run(
      "INSERT INTO operations (id, entity_type, entity_id, action, schema, after, base_version, "
      "supersedes, group_id, state, block_reason, effect, created_ms, cause, hash, bytes, "
      "attestation, payload, attempts, due_ms, wait, waiting_since_ms, alone, first_sent_ms, "
      "last_sent_ms, settled_ms, adopted) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
      "0, 0, 0, 0, 0, 0, 0, 0, 1)",
      operation.id, operation.entity.type, operation.entity.id, operation.action, operation.schema,
      operation.after, operation.base_version, operation.supersedes, operation.group_id,
      operation.state, operation.block_reason, operation.effect, operation.created_at,
      operation.cause, std::span<const std::byte>(hash), operation.bytes, attestation,
      payload != nullptr ? *payload : sealed_here));
  const std::int64_t seq = tx.last_insert_rowid();
  add_to_outbox(tx, 1, operation.bytes);
  if (mutant::is(mutant::Mutant::keep_plain_payload))
    LANDFALL_TRY(MetaTable::set(tx, "last_payload", content.payload));
  return seq;
}

Status OperationTable::save(Transaction& tx, const Operation& operation) {
  LANDFALL_TRY_ASSIGN(const auto open,
                      update(tx, LANDFALL_SAVE_OPERATION LANDFALL_WHERE_OPEN, operation));
  if (open == 0) return save_settled(tx, operation);
  return leave_outbox(tx, operation);
}

Status OperationTable::save(Transaction& tx, Sealer& outbox_key, const Operation& operation,
                            std::string_view verdict) {
  const auto sealed = seal_long_text(tx, outbox_key, kResult, operation.id, verdict);
  LANDFALL_TRY_ASSIGN(
      const auto open,
      update(tx, LANDFALL_SAVE_OPERATION ", result = ?20" LANDFALL_WHERE_OPEN, operation, sealed));
  if (open == 0) {
    LANDFALL_TRY(save_settled(tx, operation));
    return save_verdict(tx, outbox_key, operation.id, verdict);
  }
  return leave_outbox(tx, operation);
}

Status OperationTable::save_verdict(Transaction& tx, Sealer& outbox_key, const OperationId& id,
                                    std::string_view verdict) {
  const std::vector<std::byte> sealed = seal_long_text(tx, outbox_key, kResult, id, verdict);
  LANDFALL_TRY(tx.run("UPDATE operations SET result = ?2 WHERE id = ?1", id, sealed));
  return {};
}

Status OperationTable::rename_lane(Transaction& tx, const EntityKey& from, const std::string& to,
                                   std::int64_t more_bytes) {
  LANDFALL_TRY_ASSIGN(const std::int64_t open, open_in_lane(tx, from));
  LANDFALL_TRY(
      tx.run("UPDATE operations SET entity_id = ?3, bytes = bytes + ?4 "
             "WHERE entity_type = ?1 AND entity_id = ?2",
             from.type, from.id, to, more_bytes));
  add_to_outbox(tx, 0, open * more_bytes);
  return {};
}

Status OperationTable::rewrite(Transaction& tx, Sealer& outbox_key, const Operation& operation,
                               std::string_view payload) {
  LANDFALL_TRY_ASSIGN(const auto before, find(tx, operation.id));
  LANDFALL_ASSERT(before && before->last_sent_at == Instant{} && !is_settled(before->state));
  LANDFALL_TRY(tx.run("UPDATE operations SET schema = ?2, bytes = ?3, payload = ?4 WHERE id = ?1",
                      operation.id, operation.schema, operation.bytes,
                      seal_long_text(tx, outbox_key, kPayload, operation.id, payload)));
  add_to_outbox(tx, 0, operation.bytes - before->bytes);
  return {};
}

// A statement that names few columns leaves the indexes over the others alone.
Status OperationTable::put_in_batch(Transaction& tx, const Operation& operation) {
  LANDFALL_ASSERT(operation.state == OperationState::sending && operation.batch);
  LANDFALL_TRY_ASSIGN(
      const auto changed,
      tx.run("UPDATE operations SET state = ?2, batch = ?3, effect = ?4, alone = ?5, "
             "first_sent_ms = ?6, last_sent_ms = ?7 WHERE seq = ?1 AND batch IS NULL",
             operation.seq, operation.state, operation.batch, operation.effect, operation.alone,
             operation.first_sent_at, operation.last_sent_at));
  LANDFALL_ASSERT(changed == 1);
  return {};
}

Status OperationTable::note_left(Transaction& tx, const BatchId& batch, Instant due_at,
                                 Instant now) {
  LANDFALL_TRY(
      tx.run("UPDATE operations SET attempts = 1, due_ms = ?2, wait = ?3, last_sent_ms = ?4 "
             "WHERE batch = ?1",
             batch, due_at, sync::Wait::ladder, now));
  return {};
}

Status OperationTable::mark_adopted(Transaction& tx, const OperationId& id) {
  LANDFALL_TRY(tx.run("UPDATE operations SET adopted = 1 WHERE id = ?1", id));
  return {};
}

Result<std::optional<Operation>> OperationTable::find(const Reader& reader, const OperationId& id) {
  return first(reader, LANDFALL_SELECT_OPERATIONS "WHERE o.id = ?1", id);
}

Result<std::optional<OperationHash>> OperationTable::hash(const Reader& reader,
                                                          const OperationId& id) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT hash FROM operations WHERE id = ?1", id));
  return rows.first([](const Rows& row) -> Result<OperationHash> {
    const auto stored = row.bytes(0);
    OperationHash hash{};
    if (stored.size() != hash.size()) {
      return failure(ErrorClass::corrupt, "store.corrupt",
                     "an operation's hash has another length");
    }
    std::copy(stored.begin(), stored.end(), hash.begin());
    return hash;
  });
}

Result<OperationId> OperationTable::greatest_id(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT MAX(id) FROM operations"));
  LANDFALL_TRY_ASSIGN(const auto id, rows.first([](const Rows& row) {
    return row.optional(0, [&](int c) { return row.id<OperationId>(c); });
  }));
  return id.value_or(std::nullopt).value_or(OperationId{});
}

Result<OperationContent> OperationTable::content(const Reader& reader, const Sealer& outbox_key,
                                                 const OperationId& id) {
  LANDFALL_TRY_ASSIGN(
      Rows rows, reader.select("SELECT payload, attestation FROM operations WHERE id = ?1", id));
  return open_content(std::move(rows), outbox_key, id);
}

Result<OperationContent> OperationTable::content(const Reader& reader, const Sealer& outbox_key,
                                                 const Operation& operation) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      reader.select("SELECT payload, attestation FROM operations WHERE seq = ?1", operation.seq));
  return open_content(std::move(rows), outbox_key, operation.id);
}

Result<std::optional<std::string>> OperationTable::verdict(const Reader& reader,
                                                           const Sealer& outbox_key,
                                                           const OperationId& id) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      reader.select("SELECT result FROM operations WHERE id = ?1 AND result IS NOT NULL", id));
  return rows.first(
      [&](const Rows& row) { return open_text(outbox_key, kResult, id, row.bytes(0)); });
}

Result<std::vector<Operation>> OperationTable::lane(const Reader& reader, const EntityKey& entity) {
  return all(reader,
             LANDFALL_SELECT_OPERATIONS
             "WHERE o.entity_type = ?1 AND o.entity_id = ?2 ORDER BY o.seq",
             entity.type, entity.id);
}

Result<std::optional<Operation>> OperationTable::top_of_lane(const Reader& reader,
                                                             const EntityKey& entity) {
  return first(reader,
               LANDFALL_SELECT_OPERATIONS
               "WHERE o.entity_type = ?1 AND o.entity_id = ?2 AND " LANDFALL_IS_OPEN(
                   "o.") " ORDER BY o.seq DESC LIMIT 1",
               entity.type, entity.id);
}

Result<std::optional<Operation>> OperationTable::last_applied(const Reader& reader,
                                                              const EntityKey& entity) {
  return first(reader,
               LANDFALL_SELECT_OPERATIONS
               "WHERE o.entity_type = ?1 AND o.entity_id = ?2 AND o.state = 4 "
               "ORDER BY o.seq DESC LIMIT 1",
               entity.type, entity.id);
}

Result<bool> OperationTable::produced(const Reader& reader, const EntityKey& entity,
                                      std::int64_t row_version) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      reader.select(
          "SELECT 1 FROM operations WHERE entity_type = ?1 AND entity_id = ?2 AND state = 4 "
          "AND result_version = ?3 LIMIT 1",
          entity.type, entity.id, row_version));
  return rows.next();
}

Result<std::optional<std::int64_t>> OperationTable::version_produced_before(const Reader& reader,
                                                                            const EntityKey& entity,
                                                                            std::int64_t seq) {
  return greatest(reader,
                  "SELECT MAX(result_version) FROM operations WHERE entity_type = ?1 AND entity_id "
                  "= ?2 AND state = 4 "
                  "AND seq < ?3",
                  entity.type, entity.id, seq);
}

// Each by the index that holds it: the planner would rather read all rows up to that one.
Result<bool> OperationTable::is_one_to_send(const Reader& reader, std::int64_t last_seq) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      reader.select("SELECT EXISTS (SELECT 1 FROM operations INDEXED BY operations_sendable "
                    "WHERE state IN (0, 2) AND seq <= ?1) "
                    "OR EXISTS (SELECT 1 FROM operations INDEXED BY operations_in_batch "
                    "WHERE batch IS NOT NULL AND seq <= ?1) "
                    "OR EXISTS (SELECT 1 FROM operations INDEXED BY operations_blocked "
                    "WHERE state = 3 AND block_reason = ?2 AND seq <= ?1)",
                    last_seq, sync::BlockReason::auth));
  LANDFALL_TRY_ASSIGN(const auto found,
                      rows.first([](const Rows& row) { return row.integer(0) != 0; }));
  return found.value_or(false);
}

Result<std::optional<std::int64_t>> OperationTable::least_produced(const Reader& reader,
                                                                   const EntityKey& entity,
                                                                   std::int64_t last_seq) {
  LANDFALL_TRY_ASSIGN(const auto operations, lane(reader, entity));
  std::optional<std::int64_t> least;
  for (const Operation& operation : operations) {
    if (operation.seq > last_seq || operation.state != OperationState::applied) continue;
    const auto& told = operation.result_version;
    const auto& base = told ? told : operation.base_version;
    if (base) least = std::max(least.value_or(0), *base);
    if (least && !told) ++*least;
  }
  return least;
}

Result<std::optional<std::int64_t>> OperationTable::known_version(const Reader& reader,
                                                                  const EntityKey& entity) {
  return greatest(
      reader,
      "SELECT MAX(row_version) FROM ("
      "SELECT row_version FROM documents WHERE entity_type = ?1 AND entity_id = ?2 UNION ALL "
      "SELECT result_version FROM operations WHERE entity_type = ?1 AND entity_id = ?2 "
      "AND adopted = 0 AND result_version IS NOT NULL)",
      entity.type, entity.id);
}

// Most operations open a lane of their own, and the index alone knows that it has no rows.
Result<std::int64_t> OperationTable::open_in_lane(const Reader& reader, const EntityKey& entity) {
  LANDFALL_TRY_ASSIGN(
      const bool has_rows,
      reader.has_row("SELECT 1 FROM operations WHERE entity_type = ?1 AND entity_id = ?2 LIMIT 1",
                     entity.type, entity.id));
  if (!has_rows) return 0;
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT COUNT(*) FROM operations WHERE entity_type = ?1 AND "
                                    "entity_id = ?2 AND " LANDFALL_IS_OPEN(""),
                                    entity.type, entity.id));
  LANDFALL_TRY_ASSIGN(const auto number,
                      rows.first([](const Rows& row) { return row.integer(0); }));
  return number.value_or(0);
}

Result<bool> OperationTable::is_waited_for(const Reader& reader, const OperationId& id) {
  return reader.has_row(
      "SELECT 1 WHERE EXISTS (SELECT 1 FROM operations WHERE after = ?1) "
      "OR EXISTS (SELECT 1 FROM needed_creates WHERE create_id = ?1)",
      id);
}

Result<std::vector<Operation>> OperationTable::needing(const Reader& reader,
                                                       const OperationId& id) {
  return all(reader,
             "SELECT " LANDFALL_OPERATION_COLUMNS
             " FROM needed_creates n JOIN operations o ON o.seq = n.operation_seq "
             "WHERE n.create_id = ?1 AND " LANDFALL_IS_OPEN("o.") " ORDER BY o.seq",
             id);
}

Result<std::vector<Operation>> OperationTable::dependents(const Reader& reader,
                                                          const OperationId& id) {
  return all(reader, LANDFALL_SELECT_OPERATIONS "WHERE o.after = ?1 ORDER BY o.seq", id);
}

Result<SendableOperations> OperationTable::sendable(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      reader.select(
          "SELECT " LANDFALL_OPERATION_COLUMNS
          ", p.state, EXISTS (SELECT 1 FROM needed_creates n WHERE n.operation_seq = o.seq), "
          "p.state <> 4 AND EXISTS (SELECT 1 FROM operations c WHERE c.entity_type = o.entity_type "
          "AND c.entity_id = o.entity_id AND c.seq > p.seq AND c.seq < o.seq AND c.state = 4) "
          "FROM operations o "
          "LEFT JOIN operations p ON p.id = o.after WHERE o.state IN (0, 2) ORDER BY o.seq"));
  return SendableOperations(std::move(rows));
}

Result<std::vector<Operation>> OperationTable::first_of_due_parts(const Reader& reader,
                                                                  Instant now) {
  return all(reader,
             LANDFALL_SELECT_OPERATIONS
             "WHERE o.seq IN (SELECT min(seq) FROM operations WHERE part IS NOT NULL AND "
             "due_ms <= ?1 AND +state IN (0, 2) GROUP BY part) ORDER BY o.part",
             now);
}

// The index is named, because the planner would rather read the whole table than sort a batch.
Result<std::vector<Operation>> OperationTable::in_flight(const Reader& reader) {
  return all(reader, LANDFALL_SELECT_OPERATIONS
             "INDEXED BY operations_in_batch WHERE o.batch IS NOT NULL ORDER BY o.seq");
}

Result<std::vector<Operation>> OperationTable::in_batch(const Reader& reader,
                                                        const BatchId& batch) {
  return all(reader,
             LANDFALL_SELECT_OPERATIONS
             "INDEXED BY operations_in_batch WHERE o.batch = ?1 ORDER BY o.seq",
             batch);
}

Result<std::vector<Operation>> OperationTable::blocked_for(const Reader& reader,
                                                           sync::BlockReason reason) {
  return all(reader,
             LANDFALL_SELECT_OPERATIONS "WHERE o.state = 3 AND o.block_reason = ?1 ORDER BY o.seq",
             reason);
}

// Each state by the index that holds it: no index holds both, and the planner would read the whole
// table.
Result<std::vector<Operation>> OperationTable::dead_heads(const Reader& reader) {
  return all(reader, LANDFALL_SELECT_OPERATIONS
             "WHERE o.seq IN (SELECT seq FROM operations WHERE state = 3 UNION ALL "
             "SELECT seq FROM operations WHERE state = 7) ORDER BY o.seq");
}

Result<std::vector<Operation>> OperationTable::waiting(const Reader& reader, sync::Wait wait) {
  return all(reader,
             LANDFALL_SELECT_OPERATIONS
             "WHERE o.wait = ?1 AND o.wait <> 0 AND +o.state IN (0, 2) ORDER BY o.seq",
             wait);
}

Result<std::vector<Operation>> OperationTable::failed_but_possible(const Reader& reader,
                                                                   std::int64_t after_seq,
                                                                   std::size_t limit) {
  return all(reader,
             LANDFALL_SELECT_OPERATIONS
             "WHERE o.state = 7 AND o.effect = 1 AND o.seq > ?1 ORDER BY o.seq LIMIT ?2",
             after_seq, static_cast<std::int64_t>(limit));
}

Result<std::vector<Operation>> OperationTable::unadopted(const Reader& reader, std::size_t limit) {
  return all(reader, LANDFALL_SELECT_OPERATIONS "WHERE o.adopted = 0 ORDER BY o.seq LIMIT ?1",
             static_cast<std::int64_t>(limit));
}

Result<std::vector<Operation>> OperationTable::awaiting_document(const Reader& reader,
                                                                 std::size_t limit) {
  return all(reader,
             LANDFALL_SELECT_OPERATIONS
             "WHERE o.adopted = 0 AND o.result_version IS NULL ORDER BY o.seq LIMIT ?1",
             static_cast<std::int64_t>(limit));
}

Result<std::vector<Operation>> OperationTable::unsent_below_schema(const Reader& reader,
                                                                   const std::string& entity_type,
                                                                   const std::string& action,
                                                                   std::int64_t schema) {
  return all(reader,
             LANDFALL_SELECT_OPERATIONS
             "WHERE " LANDFALL_IS_OPEN("o.")
             " AND o.last_sent_ms = 0 AND o.first_sent_ms = 0 AND o.entity_type = ?1 "
             "AND o.action = ?2 AND o.schema < ?3 ORDER BY o.seq",
             entity_type, action, schema);
}

Result<std::int64_t> OperationTable::count(const Reader& reader, OperationState state) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select(count_statement(state), state));
  LANDFALL_TRY_ASSIGN(const auto number,
                      rows.first([](const Rows& row) { return row.integer(0); }));
  return number.value_or(0);
}

Result<std::int64_t> OperationTable::newest_seq(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(const auto seq, greatest(reader, "SELECT MAX(seq) FROM operations"));
  return seq.value_or(0);
}

// From the notices that nobody has seen, of which there are few, and not from all that was ever
// rejected. A cross join, because the planner would rather begin with the operations.
Result<std::int64_t> OperationTable::count_rejected_untold(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      reader.select("SELECT COUNT(DISTINCT o.seq) FROM notices n CROSS JOIN operations o "
                    "ON o.id = n.operation_id WHERE n.seen = 0 AND o.state = 5"));
  LANDFALL_TRY_ASSIGN(const auto number,
                      rows.first([](const Rows& row) { return row.integer(0); }));
  return number.value_or(0);
}

Result<std::vector<Operation>> OperationTable::list(const Reader& reader, bool settled,
                                                    std::int64_t after_seq, std::size_t limit) {
  const auto limit_rows = static_cast<std::int64_t>(limit);
  if (settled) {
    return all(reader, LANDFALL_SELECT_OPERATIONS "WHERE o.seq > ?1 ORDER BY o.seq LIMIT ?2",
               after_seq, limit_rows);
  }
  return all(reader,
             LANDFALL_SELECT_OPERATIONS
             "WHERE o.seq > ?1 AND " LANDFALL_IS_OPEN("o.") " ORDER BY o.seq LIMIT ?2",
             after_seq, limit_rows);
}

}  // namespace landfall::store
