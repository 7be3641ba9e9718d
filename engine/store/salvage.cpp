#include "engine/store/salvage.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <set>
#include <span>
#include <utility>

#include "engine/base/ids.hpp"
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

// The order of operations' columns in the two statements below; what the salvage itself looks at
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

// Takes the tables of a partition over, one after the other.
class PartitionSalvage final {
 public:
  PartitionSalvage(const SalvageSource& from, SalvageTarget& to, const Sealer& key, Instant now)
      : from_(from), to_(to), key_(key), now_(now) {}

  Result<Salvaged> run() {
    LANDFALL_TRY(take_operations());
    LANDFALL_TRY(take_bases());
    LANDFALL_TRY(block_dependents());
    LANDFALL_TRY(take_others());
    LANDFALL_TRY(write_counters());
    Salvaged salvaged{open_.operations, count_lost()};
    return salvaged;
  }

 private:
  struct Open {
    std::int64_t operations = 0;
    std::int64_t bytes = 0;
  };

  // A row by a row: past the first damaged page there are others that read.
  Status take_operations() {
    Status copied;
    int unreadable = 0;
    const auto known = from_.integer(
        "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'operations'), 0)");
    all_read_ = known.has_value();
    const std::int64_t last =
        std::clamp<std::int64_t>(known.value_or(kSeqMaxUnknown), 0, 100 * kSeqMaxUnknown);
    for (std::int64_t seq = 1; seq <= last && copied; ++seq) {
      const Row read = from_.row(kReadOperation, seq, [&](sqlite3_stmt* row) {
        if (!is_whole(key_, row)) return false;
        copied = take_operation(seq, row);
        return copied.has_value();
      });
      all_read_ = all_read_ && read != Row::unreadable && read != Row::refused;
      unreadable = read == Row::unreadable ? unreadable + 1 : 0;
      // Past so many in a row it is the top of the tree that does not read.
      if (unreadable >= kUnreadableMax && taken_.empty()) break;
    }
    return copied;
  }

  Status take_operation(std::int64_t seq, sqlite3_stmt* row) {
    LANDFALL_TRY(to_.copy(kInsertOperation, row));
    if (const auto id = id_at(row, kId)) taken_.insert(*id);
    const auto state = static_cast<sync::OperationState>(sqlite3_column_int64(row, kState));
    if (sync::is_settled(state)) return {};
    open_seqs_.push_back(seq);
    ++open_.operations;
    open_.bytes += sqlite3_column_int64(row, kBytes);
    if (sqlite3_column_type(row, kAfter) != SQLITE_NULL)
      dependents_.emplace_back(seq, id_at(row, kAfter).value_or(OperationId{}));
    return {};
  }

  // Without its base an operation is still sent; a conflict is asked about then.
  Status take_bases() {
    Status copied;
    for (auto seq = open_seqs_.begin(); seq != open_seqs_.end() && copied; ++seq) {
      (void)from_.row("SELECT operation_seq, row_version, body FROM bases WHERE operation_seq = ?1",
                      *seq, [&](sqlite3_stmt* base) {
                        copied = to_.copy("INSERT INTO bases VALUES (?1, ?2, ?3)", base);
                        return true;
                      });
    }
    return copied;
  }

  Status block_dependents() {
    for (const auto& [seq, after] : dependents_) {
      if (taken_.contains(after)) continue;
      LANDFALL_TRY(
          to_.run("UPDATE operations SET state = 3, block_reason = 5, batch = NULL, "
                  "after = NULL, cause = 'store.corrupt' WHERE seq = ?1",
                  seq));
    }
    return {};
  }

  // What is told about operations and pushes, as far as it reads.
  Status take_others() {
    Status copied;
    const auto take = [&](std::string_view read, std::string_view insert) {
      (void)from_.rows(read, [&](sqlite3_stmt* row) {
        if (copied) copied = to_.copy(insert, row);
        return copied.has_value();
      });
    };
    take("SELECT * FROM notices ORDER BY seq",
         "INSERT OR IGNORE INTO notices VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    take("SELECT * FROM notifications ORDER BY seq",
         "INSERT OR IGNORE INTO notifications VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    return copied;
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
    LANDFALL_TRY(to_.run("INSERT OR REPLACE INTO counters VALUES ('outbox.operations', ?1)",
                         open_.operations));
    return to_.run("INSERT OR REPLACE INTO counters VALUES ('outbox.bytes', ?1)", open_.bytes);
  }

  // Counted when they were accepted, in another page than they stand in.
  [[nodiscard]] std::optional<std::int64_t> count_lost() const {
    const auto total = from_.integer("SELECT value FROM counters WHERE name = 'outbox.operations'");
    if (total) return std::max<std::int64_t>(*total - open_.operations, 0);
    if (all_read_) return 0;
    return std::nullopt;
  }

  const SalvageSource& from_;
  SalvageTarget& to_;
  const Sealer& key_;
  Instant now_;
  bool all_read_ = false;  // every seq that was ever given is accounted for
  Open open_;
  std::set<OperationId> taken_;
  std::vector<std::int64_t> open_seqs_;
  std::vector<std::pair<std::int64_t, OperationId>> dependents_;
};

Status make_empty(const SalvageOrder& order, std::span<const schema::Migration> migrations) {
  OpenOptions options;
  options.path = order.to;
  options.vfs = order.vfs;
  options.migrations = migrations;
  LANDFALL_TRY(Database::open(std::move(options)));
  return {};
}

std::string vfs_of(const SalvageOrder& order) {
  return order.vfs.empty() ? std::string{kDefaultVfs} : order.vfs;
}

}  // namespace

Result<Salvaged> salvage_partition(const SalvageOrder& order, const Sealer& outbox_key) {
  LANDFALL_TRY(make_empty(order, schema::partition_migrations()));
  const SalvageSource from(order.from, vfs_of(order));
  LANDFALL_TRY_ASSIGN(const auto to, SalvageTarget::open(order.to, vfs_of(order)));
  LANDFALL_TRY_ASSIGN(const Salvaged salvaged,
                      PartitionSalvage(from, *to, outbox_key, order.now).run());
  LANDFALL_TRY(to->finish());
  return salvaged;
}

Status salvage_device(const SalvageOrder& order) {
  LANDFALL_TRY(make_empty(order, schema::device_migrations()));
  const SalvageSource from(order.from, vfs_of(order));
  LANDFALL_TRY_ASSIGN(const auto to, SalvageTarget::open(order.to, vfs_of(order)));
  Status copied;
  const auto take = [&](std::string_view read, std::string_view insert) {
    (void)from.rows(read, [&](sqlite3_stmt* row) {
      if (copied) copied = to->copy(insert, row);
      return copied.has_value();
    });
  };
  take("SELECT * FROM meta", "INSERT OR IGNORE INTO meta VALUES (?1, ?2)");
  take("SELECT * FROM sessions",
       "INSERT OR IGNORE INTO sessions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  take("SELECT * FROM tokens", "INSERT OR IGNORE INTO tokens VALUES (?1, ?2, ?3)");
  LANDFALL_TRY(copied);
  return to->finish();
}

}  // namespace landfall::store
