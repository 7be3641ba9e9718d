#include "engine/store/salvage.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <span>
#include <utility>

#include "engine/base/ids.hpp"
#include "engine/base/mutant.hpp"
#include "engine/store/damage_report.hpp"
#include "engine/store/database.hpp"
#include "engine/store/salvage_source.hpp"
#include "engine/store/sealed_text.hpp"
#include "engine/sync/operation.hpp"
#include "schema/embedded.hpp"

namespace landfall::store {
namespace {

using Row = SalvageSource::Row;

// As long as nobody can say how many there were: more than one phone ever had.
constexpr std::int64_t kSeqMaxUnknown = 200'000;
constexpr int kUnreadableMax = 5'000;
// Where numbers are missing the next one is looked for, if what lies between reads.
constexpr int kAbsentUntilJump = 16;

// The columns of an operation in the order of its two statements; what the salvage itself looks at
// has a number.
#define LANDFALL_SALVAGED_COLUMNS                                                                \
  "seq, id, state, bytes, after, payload, attestation, result, hash, entity_type, entity_id, "   \
  "action, schema, base_version, supersedes, group_id, block_reason, effect, attempts, due_ms, " \
  "wait, waiting_since_ms, part, alone, batch, first_sent_ms, last_sent_ms, created_ms, "        \
  "settled_ms, result_version, adopted, cause"
enum Column { kSeq, kId, kState, kBytes, kAfter, kPayload, kAttestation, kResult, kHash };

constexpr std::string_view kReadOperation =
    "SELECT " LANDFALL_SALVAGED_COLUMNS " FROM operations WHERE seq = ?1";
constexpr std::string_view kInsertOperation =
    "INSERT INTO operations (" LANDFALL_SALVAGED_COLUMNS
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
    "?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)";

constexpr std::string_view kReadConflict =
    "SELECT seq, operation, entity_type, entity_id, state, generation, row_version, lost, heirs, "
    "taken_back, created_ms, resolved_ms, body FROM conflicts WHERE seq = ?1";
constexpr int kConflictOperation = 1;
constexpr int kConflictBody = 12;

// What stands on operation ?1, or names what it creates, and what stands on that: as
// QueueStep::follow holds it, or it would wait for its turn for ever (INV-Q10).
constexpr std::string_view kHoldDependents =
    "WITH RECURSIVE held (seq, id) AS (SELECT seq, id FROM operations WHERE seq = ?1 "
    "UNION SELECT o.seq, o.id FROM held h JOIN operations o ON o.after = h.id "
    "WHERE o.state IN (0, 1, 2, 3) "
    "UNION SELECT o.seq, o.id FROM held h JOIN needed_creates n ON n.create_id = h.id "
    "JOIN operations o ON o.seq = n.operation_seq WHERE o.state IN (0, 1, 2, 3)) "
    "UPDATE operations SET state = 3, block_reason = 5, batch = NULL, cause = 'dependency' "
    "WHERE seq IN (SELECT seq FROM held) AND seq <> ?1 AND NOT (state = 3 AND block_reason = 5)";

constexpr std::array<std::byte, 1> kOnlyRow{std::byte{1}};

std::span<const std::byte> bytes_at(sqlite3_stmt* row, int column) {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(row, column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

std::optional<OperationId> id_at(sqlite3_stmt* row, int column) {
  const auto bytes = bytes_at(row, column);
  OperationId id;
  if (bytes.size() != id.bytes.size()) return std::nullopt;
  std::ranges::copy(bytes, std::as_writable_bytes(std::span(id.bytes)).begin());
  return id;
}

bool opens(const Sealer& key, std::string_view place, const OperationId& id, sqlite3_stmt* row,
           int column, bool may_be_absent) {
  if (sqlite3_column_type(row, column) == SQLITE_NULL) return may_be_absent;
  return open_text(key, place, id, bytes_at(row, column)).has_value();
}

// Whether everything of the row that the engine would ever open, opens.
bool is_whole(const Sealer& key, sqlite3_stmt* row) {
  const auto id = id_at(row, kId);
  const std::int64_t state = sqlite3_column_int64(row, kState);
  return id && state >= 0 && state <= static_cast<int>(sync::OperationState::discarded) &&
         bytes_at(row, kHash).size() == 32 &&
         opens(key, "operations.payload", *id, row, kPayload, false) &&
         opens(key, "operations.attestation", *id, row, kAttestation, true) &&
         opens(key, "operations.result", *id, row, kResult, true);
}

// Takes the tables of a partition over, one after the other. What does not open is left behind: it
// would be found as damage again, and again.
class PartitionSalvage final {
 public:
  PartitionSalvage(const SalvageSource& from, SalvageTarget& to, const Sealer& key, Instant now)
      : from_(from), to_(to), key_(key), now_(now) {}

  Result<Salvaged> run() {
    LANDFALL_TRY(take_numbers());
    LANDFALL_TRY(take_operations());
    LANDFALL_TRY(take_bases());
    LANDFALL_TRY(take_needed_creates());
    LANDFALL_TRY(block_dependents());
    LANDFALL_TRY(take_conflicts());
    LANDFALL_TRY(take_others());
    LANDFALL_TRY(write_counters());
    return Salvaged{static_cast<std::int64_t>(open_.size()), count_lost()};
  }

 private:
  struct Open {
    std::int64_t seq;
    OperationId id;
  };

  // No number is given twice, also of what is lost.
  Status take_numbers() {
    return take("SELECT name, seq FROM sqlite_sequence",
                "INSERT INTO sqlite_sequence VALUES (?1, ?2)", [](sqlite3_stmt*) { return true; });
  }

  // A row by a row: past the first damaged page there are others that read. True: every number that
  // was ever given is accounted for.
  template <class Take>
  Result<bool> take_each(const std::string& table, std::string_view read, Take take) {
    Status copied;
    const auto known = from_.integer(
        "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '" + table + "'), 0)");
    const auto last =
        std::clamp<std::int64_t>(known.value_or(kSeqMaxUnknown), 0, 100 * kSeqMaxUnknown);
    bool all_read = known.has_value();
    bool has_taken = false;
    int unreadable = 0;
    int absent = 0;
    for (std::int64_t seq = 1; seq <= last && copied; ++seq) {
      const Row row = from_.row(read, seq, [&](sqlite3_stmt* values) {
        const Result<bool> taken = take(values);
        if (!taken) copied = failure(taken.error());
        return taken && *taken;
      });
      has_taken = has_taken || row == Row::taken;
      all_read = all_read && row != Row::unreadable && row != Row::refused;
      if (row == Row::absent && ++absent % kAbsentUntilJump == 0) {
        const auto next = from_.integer("SELECT COALESCE(min(seq), 0) FROM " + table +
                                        " WHERE seq > " + std::to_string(seq));
        if (next == 0) break;
        if (next) seq = *next - 1;
      }
      unreadable = row == Row::unreadable ? unreadable + 1 : 0;
      // Past so many in a row it is the top of the tree that does not read.
      if (unreadable >= kUnreadableMax && !has_taken) break;
    }
    LANDFALL_TRY(copied);
    return all_read;
  }

  // Every row of a query that reads and that `wants`.
  template <class Wants>
  Status take(std::string_view read, std::string_view insert, Wants wants) {
    Status copied;
    (void)from_.rows(read, [&](sqlite3_stmt* row) {
      if (wants(row)) copied = copy(insert, row);
      return copied.has_value();
    });
    return copied;
  }

  // A row that breaks a rule of its table is one more that does not read.
  Status copy(std::string_view insert, sqlite3_stmt* row) {
    LANDFALL_TRY(to_.copy(insert, row));
    return {};
  }

  Status take_operations() {
    LANDFALL_TRY_ASSIGN(
        all_read_, take_each("operations", kReadOperation, [&](sqlite3_stmt* row) -> Result<bool> {
          if (!is_whole(key_, row)) return false;
          LANDFALL_TRY_ASSIGN(const bool fits, to_.copy(kInsertOperation, row));
          if (fits) note_operation(row);
          return fits;
        }));
    return {};
  }

  void note_operation(sqlite3_stmt* row) {
    const OperationId id = id_at(row, kId).value_or(OperationId{});
    taken_.insert(id);
    const auto state = static_cast<sync::OperationState>(sqlite3_column_int64(row, kState));
    if (sync::is_settled(state)) return;
    const std::int64_t seq = sqlite3_column_int64(row, kSeq);
    open_.push_back({seq, id});
    open_bytes_ += sqlite3_column_int64(row, kBytes);
    if (sqlite3_column_type(row, kAfter) != SQLITE_NULL)
      dependents_.emplace_back(seq, id_at(row, kAfter).value_or(OperationId{}));
  }

  // Without its base an operation is still sent; a conflict is asked about then.
  Status take_bases() {
    Status copied;
    for (auto each = open_.begin(); each != open_.end() && copied; ++each) {
      (void)from_.row("SELECT operation_seq, row_version, body FROM bases WHERE operation_seq = ?1",
                      each->seq, [&](sqlite3_stmt* base) {
                        if (!opens(key_, "bases.body", each->id, base, 2, false)) return false;
                        copied = copy("INSERT INTO bases VALUES (?1, ?2, ?3)", base);
                        return true;
                      });
    }
    return copied;
  }

  // What waits for an entity of which nobody can say any more whether the server will know it is
  // held like what stood on something lost.
  Status take_needed_creates() {
    return take("SELECT operation_seq, create_id FROM needed_creates",
                "INSERT INTO needed_creates VALUES (?1, ?2)", [&](sqlite3_stmt* row) {
                  const std::int64_t seq = sqlite3_column_int64(row, 0);
                  const bool waits = std::ranges::find(open_, seq, &Open::seq) != open_.end();
                  const auto create = id_at(row, 1);
                  if (waits && create && !taken_.contains(*create))
                    dependents_.emplace_back(seq, *create);
                  return waits && create && taken_.contains(*create);
                });
  }

  Status block_dependents() {
    for (const auto& [seq, after] : dependents_) {
      if (taken_.contains(after)) continue;
      LANDFALL_TRY(
          to_.run("UPDATE operations SET state = 3, block_reason = 5, batch = NULL, "
                  "after = NULL, cause = 'store.corrupt' WHERE seq = ?1",
                  seq));
      LANDFALL_TRY(to_.run(kHoldDependents, seq));
    }
    return {};
  }

  // What waits in the inbox for a word about an operation that is still there.
  Status take_conflicts() {
    LANDFALL_TRY(take_each("conflicts", kReadConflict, [&](sqlite3_stmt* row) -> Result<bool> {
      const auto id = id_at(row, kConflictOperation);
      if (!id || !taken_.contains(*id) ||
          !opens(key_, "conflicts.body", *id, row, kConflictBody, false))
        return false;
      return to_.copy(
          "INSERT INTO conflicts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
          "?11, ?12, ?13)",
          row);
    }));
    return {};
  }

  // What is told about operations and pushes and how entities are called, as far as it reads.
  Status take_others() {
    const auto always = [](sqlite3_stmt*) { return true; };
    const auto content_opens = [&](sqlite3_stmt* row) {
      return sqlite3_column_type(row, 8) == SQLITE_NULL ||
             key_.open("notifications.content", bytes_at(row, 1), bytes_at(row, 8)).has_value();
    };
    const auto rights_open = [&](sqlite3_stmt* row) {
      return key_.open("permissions.body", kOnlyRow, bytes_at(row, 2)).has_value();
    };
    LANDFALL_TRY(take("SELECT one, version, body FROM permissions",
                      "INSERT OR IGNORE INTO permissions VALUES (?1, ?2, ?3)", rights_open));
    LANDFALL_TRY(take("SELECT entity_type, local_id, server_id FROM aliases",
                      "INSERT OR IGNORE INTO aliases VALUES (?1, ?2, ?3)", always));
    // Their files lie beside the database; one whose operation is lost is given up by its lane.
    LANDFALL_TRY(
        take("SELECT seq, id, direction, operation, entity_type, entity_id, source, source_id, "
             "content_type, bytes, piece_bytes, sha256, hash_given, etag, state, block, step, "
             "confirmed, sent_to, attempts, restarts, due_ms, wait, waiting_since_ms, cause, "
             "has_file, first_sent_ms, created_ms, settled_ms, used_ms FROM attachments",
             "INSERT OR IGNORE INTO attachments VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
             "?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, "
             "?27, ?28, ?29, ?30)",
             always));
    LANDFALL_TRY(take(DamageReports::kSelect, DamageReports::kInsert, always));
    LANDFALL_TRY(
        take("SELECT seq, operation_id, kind, code, created_ms, seen FROM notices ORDER BY seq",
             "INSERT OR IGNORE INTO notices VALUES (?1, ?2, ?3, ?4, ?5, ?6)", always));
    return take(
        "SELECT seq, id, type, state, asked, received_ms, expires_ms, settled_ms, content "
        "FROM notifications ORDER BY seq",
        "INSERT OR IGNORE INTO notifications VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        content_opens);
  }

  // A host may hold the number of an old commit; the new file goes on behind it.
  Status write_counters() {
    const auto kept = [&](std::string_view sql) { return from_.integer(sql); };
    const auto seq = kept("SELECT value FROM counters WHERE name = 'commit_seq'");
    LANDFALL_TRY(to_.run("INSERT OR REPLACE INTO counters VALUES ('commit_seq', ?1)",
                         std::max<std::int64_t>(seq.value_or(now_.unix_ms), 0)));
    const auto hold = kept("SELECT value FROM counters WHERE name = 'outbox.hold_until_ms'");
    if (hold) {
      LANDFALL_TRY(
          to_.run("INSERT OR REPLACE INTO counters VALUES ('outbox.hold_until_ms', ?1)", *hold));
    }
    // What they name is read anew when the queue opens.
    LANDFALL_TRY(to_.run("INSERT OR REPLACE INTO counters VALUES ('outbox.names_unread', ?1)",
                         static_cast<std::int64_t>(!open_.empty())));
    LANDFALL_TRY(to_.run("INSERT OR REPLACE INTO counters VALUES ('outbox.operations', ?1)",
                         static_cast<std::int64_t>(open_.size())));
    return to_.run("INSERT OR REPLACE INTO counters VALUES ('outbox.bytes', ?1)", open_bytes_);
  }

  // Counted when they were accepted, in another page than they stand in.
  [[nodiscard]] std::optional<std::int64_t> count_lost() const {
    if (mutant::is(mutant::Mutant::count_none_lost)) return 0;
    if (from_.has_lost_log()) return std::nullopt;
    const auto total = from_.integer("SELECT value FROM counters WHERE name = 'outbox.operations'");
    const auto recovered = static_cast<std::int64_t>(open_.size());
    if (total) return std::max<std::int64_t>(*total - recovered, 0);
    if (all_read_) return 0;
    return std::nullopt;
  }

  const SalvageSource& from_;
  SalvageTarget& to_;
  const Sealer& key_;
  Instant now_;
  bool all_read_ = false;  // every operation that was ever accepted is accounted for
  std::vector<Open> open_;
  std::int64_t open_bytes_ = 0;
  std::set<OperationId> taken_;
  std::vector<std::pair<std::int64_t, OperationId>> dependents_;
};

std::string vfs_of(const SalvageOrder& order) {
  return order.vfs.empty() ? std::string{kDefaultVfs} : order.vfs;
}

Status add_report(SalvageTarget& to, const DamageReport& report) {
  return to.run(DamageReports::kInsert, DamageReports::name(report), report.data);
}

}  // namespace

Result<Salvaged> salvage_partition(const SalvageOrder& order, const Sealer& outbox_key) {
  LANDFALL_TRY_ASSIGN(const auto to,
                      SalvageTarget::make(order.to, vfs_of(order), schema::partition_migrations()));
  const SalvageSource from(order.from, vfs_of(order));
  LANDFALL_TRY_ASSIGN(const Salvaged salvaged,
                      PartitionSalvage(from, *to, outbox_key, order.now).run());
  LANDFALL_TRY(add_report(*to, damaged_partition(order.kept_as, salvaged)));
  LANDFALL_TRY(to->finish());
  return salvaged;
}

Status salvage_device(const SalvageOrder& order) {
  LANDFALL_TRY_ASSIGN(const auto to,
                      SalvageTarget::make(order.to, vfs_of(order), schema::device_migrations()));
  const SalvageSource from(order.from, vfs_of(order));
  Result<bool> copied = true;
  const auto take = [&](std::string_view read, std::string_view insert) {
    (void)from.rows(read, [&](sqlite3_stmt* row) {
      if (copied) copied = to->copy(insert, row);
      return copied.has_value();
    });
  };
  take("SELECT name, value FROM meta", "INSERT OR IGNORE INTO meta VALUES (?1, ?2)");
  take(
      "SELECT user_id, organisation, partition_id, email, active, last_login_ms, profile_data "
      "FROM sessions",
      "INSERT OR IGNORE INTO sessions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  take("SELECT user_id, generation, record FROM tokens",
       "INSERT OR IGNORE INTO tokens VALUES (?1, ?2, ?3)");
  take("SELECT user_id, record FROM unlocks", "INSERT OR IGNORE INTO unlocks VALUES (?1, ?2)");
  take("SELECT user_id, record FROM registrations",
       "INSERT OR IGNORE INTO registrations VALUES (?1, ?2)");
  take(
      "SELECT id, sure_ms, possible_ms, now_ms, boot, up_ms, server_ms, server_possible_ms "
      "FROM elapsed",
      "INSERT OR IGNORE INTO elapsed VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  LANDFALL_TRY(copied);
  LANDFALL_TRY(add_report(*to, damaged_device(order.kept_as)));
  return to->finish();
}

}  // namespace landfall::store
