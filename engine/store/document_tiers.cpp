#include "engine/store/document_tiers.hpp"

#include <string>

#include "engine/base/mutant.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/referring_operations.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {
namespace {

constexpr std::string_view kPinnedBytes = "cache.tier1.bytes";
constexpr std::string_view kPinnedDocuments = "cache.tier1.documents";
constexpr std::string_view kOnDemandBytes = "cache.tier2.bytes";
constexpr std::string_view kOnDemandDocuments = "cache.tier2.documents";
constexpr std::string_view kBeyondDocuments = "cache.beyond.documents";
constexpr std::string_view kMissingDocuments = "cache.missing.documents";
constexpr std::string_view kTier1Full = "cache.tier1.full";
constexpr std::string_view kEvictedBytes = "cache.evicted.bytes";
constexpr std::string_view kEvictedDocuments = "cache.evicted.documents";
constexpr std::string_view kRules = "cache.rules";

// Reads on until the rows hold `bytes` together.
Result<std::vector<PlacedDocument>> take(Rows rows, std::int64_t bytes) {
  std::vector<PlacedDocument> taken;
  while (bytes > 0) {
    LANDFALL_TRY_ASSIGN(const bool found, rows.next());
    if (!found) break;
    taken.push_back(read_placed(rows));
    bytes -= taken.back().bytes;
  }
  LANDFALL_TRY(rows.checked());
  return taken;
}

Result<TierSums> read_sums(const Reader& reader, std::string_view bytes,
                           std::string_view documents) {
  TierSums sums;
  LANDFALL_TRY_ASSIGN(sums.bytes, CounterTable::get(reader, bytes));
  LANDFALL_TRY_ASSIGN(sums.documents, CounterTable::get(reader, documents));
  return sums;
}

// A type that the profile does not know is kept: pinned when a pull carries it, as nothing else
// would bring it back.
Status sort_rows(Transaction& tx, const std::vector<TypePlacement>& types) {
  LANDFALL_TRY(
      tx.run("UPDATE documents SET pinned = (scope <> ''),"
             " used_ms = CASE used_ms WHEN 0 THEN stored_ms ELSE used_ms END"));
  for (const TypePlacement& type : types) {
    if (type.kind == TypePlacement::Kind::not_stored) {
      LANDFALL_TRY(tx.run("DELETE FROM documents WHERE entity_type = ?1", type.type));
    } else {
      LANDFALL_TRY(tx.run("UPDATE documents SET pinned = ?2 WHERE entity_type = ?1", type.type,
                          type.kind == TypePlacement::Kind::pinned));
    }
  }
  LANDFALL_TRY(tx.run("UPDATE documents SET tier = CASE pinned WHEN 1 THEN 1 ELSE 2 END"));
  return {};
}

Status count_all(Transaction& tx, TierOfRow tier, std::string_view bytes,
                 std::string_view documents) {
  TierSums sums;
  {
    LANDFALL_TRY_ASSIGN(Rows rows, tx.select("SELECT coalesce(sum(bytes), 0),"
                                             " coalesce(sum(deleted = 0), 0)"
                                             " FROM documents WHERE tier = ?1",
                                             tier));
    LANDFALL_TRY_ASSIGN(const auto counted, rows.first([](const Rows& row) {
      return TierSums{row.integer(0), row.integer(1)};
    }));
    sums = counted.value_or(TierSums{});
  }
  LANDFALL_TRY(CounterTable::set(tx, bytes, sums.bytes));
  return CounterTable::set(tx, documents, sums.documents);
}

Result<std::int64_t> count_rows(const Reader& reader, std::string_view sql) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select(sql));
  LANDFALL_TRY_ASSIGN(const auto count, rows.first([](const Rows& row) { return row.integer(0); }));
  return count.value_or(0);
}

Status count_both(Transaction& tx) {
  LANDFALL_TRY(count_all(tx, TierOfRow::pinned, kPinnedBytes, kPinnedDocuments));
  LANDFALL_TRY(count_all(tx, TierOfRow::on_demand, kOnDemandBytes, kOnDemandDocuments));
  LANDFALL_TRY_ASSIGN(const auto beyond,
                      count_rows(tx,
                                 "SELECT count(*) FROM documents"
                                 " WHERE tier = 2 AND pinned = 1 AND deleted = 0"));
  return CounterTable::set(tx, kBeyondDocuments, beyond);
}

}  // namespace

PlacedDocument read_placed(const Rows& row) {
  PlacedDocument document;
  document.rowid = row.integer(0);
  document.entity = {std::string{row.text(1)}, std::string{row.text(2)}};
  document.bytes = row.integer(3);
  document.deleted = row.boolean(4);
  document.pinned = row.boolean(5);
  document.tier = static_cast<TierOfRow>(row.integer(6));
  return document;
}

Result<TierSums> tier_sums(const Reader& reader, TierOfRow tier) {
  if (tier == TierOfRow::pinned) return read_sums(reader, kPinnedBytes, kPinnedDocuments);
  return read_sums(reader, kOnDemandBytes, kOnDemandDocuments);
}

Result<BeyondTier1> beyond_tier1(const Reader& reader) {
  BeyondTier1 beyond;
  LANDFALL_TRY_ASSIGN(beyond.kept, CounterTable::get(reader, kBeyondDocuments));
  LANDFALL_TRY_ASSIGN(beyond.missing, CounterTable::get(reader, kMissingDocuments));
  return beyond;
}

Result<bool> note_tier1_full(Transaction& tx, bool full) {
  LANDFALL_TRY_ASSIGN(const std::int64_t noted, CounterTable::get(tx, kTier1Full));
  if ((noted != 0) == full) return false;
  LANDFALL_TRY(CounterTable::set(tx, kTier1Full, full ? 1 : 0));
  return true;
}

Status forget_missing(Transaction& tx) {
  LANDFALL_TRY_ASSIGN(const std::int64_t missing, CounterTable::get(tx, kMissingDocuments));
  return missing == 0 ? Status{} : CounterTable::set(tx, kMissingDocuments, 0);
}

Result<TierSums> evicted_sums(const Reader& reader) {
  return read_sums(reader, kEvictedBytes, kEvictedDocuments);
}

Status count_document(Transaction& tx, const PlacedDocument& document, int sign) {
  const bool is_pinned = document.tier == TierOfRow::pinned;
  const std::int64_t live = document.deleted ? 0 : sign;
  CounterTable::add(tx, {is_pinned ? kPinnedBytes : kOnDemandBytes, sign * document.bytes});
  CounterTable::add(tx, {is_pinned ? kPinnedDocuments : kOnDemandDocuments, live});
  if (document.is_beyond()) CounterTable::add(tx, {kBeyondDocuments, live});
  return {};
}

Result<std::vector<PlacedDocument>> least_used_pinned(const Reader& reader, std::int64_t bytes) {
  if (bytes <= 0) return std::vector<PlacedDocument>{};
  LANDFALL_TRY_ASSIGN(
      Rows rows, reader.select("SELECT rowid, entity_type, entity_id, bytes, deleted, pinned, tier"
                               " FROM documents WHERE tier = 1 ORDER BY used_ms, rowid"));
  return take(std::move(rows), bytes);
}

Result<std::vector<PlacedDocument>> least_used_evictable(const Reader& reader, std::int64_t bytes,
                                                         const std::optional<EntityKey>& kept) {
  if (bytes <= 0) return std::vector<PlacedDocument>{};
  LANDFALL_TRY_ASSIGN(
      Rows rows, reader.select("SELECT rowid, entity_type, entity_id, bytes, deleted, pinned, tier"
                               " FROM documents AS d WHERE tier = 2"
                               " AND NOT (entity_type = ?1 AND entity_id = ?2)"
                               " AND (?3 OR NOT " LANDFALL_MUST_STAY ")"
                               " ORDER BY used_ms, rowid",
                               kept ? kept->type : std::string{}, kept ? kept->id : std::string{},
                               mutant::is(mutant::Mutant::evict_referenced)));
  return take(std::move(rows), bytes);
}

// Without its name SQLite takes the index of the tier, and with it reads every document that is not
// beyond to find that none is.
Result<std::optional<PlacedDocument>> most_used_beyond(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(
      Rows rows, reader.select("SELECT rowid, entity_type, entity_id, bytes, deleted, pinned, tier"
                               " FROM documents INDEXED BY documents_beyond"
                               " WHERE tier = 2 AND pinned = 1"
                               " ORDER BY used_ms DESC LIMIT 1"));
  return rows.first(read_placed);
}

Status move_to_tier(Transaction& tx, PlacedDocument document, TierOfRow tier) {
  LANDFALL_TRY(count_document(tx, document, -1));
  document.tier = tier;
  LANDFALL_TRY(tx.run("UPDATE documents SET tier = ?2 WHERE rowid = ?1", document.rowid, tier));
  return count_document(tx, document, 1);
}

Status evict_document(Transaction& tx, const PlacedDocument& document) {
  LANDFALL_TRY(tx.run("DELETE FROM documents WHERE rowid = ?1", document.rowid));
  CounterTable::add(tx, {kEvictedBytes, document.bytes});
  CounterTable::add(tx, {kEvictedDocuments, document.deleted ? 0 : 1});
  if (document.is_beyond() && !document.deleted) CounterTable::add(tx, {kMissingDocuments, 1});
  return count_document(tx, document, -1);
}

Status note_use(Transaction& tx, const EntityKey& entity, Instant at) {
  LANDFALL_TRY(
      tx.run_unseen("UPDATE documents SET used_ms = ?3"
                    " WHERE entity_type = ?1 AND entity_id = ?2 AND used_ms < ?3",
                    entity.type, entity.id, at));
  return {};
}

Status believe_uses(Transaction& tx, Instant now) {
  for (const TierOfRow tier : {TierOfRow::pinned, TierOfRow::on_demand}) {
    LANDFALL_TRY(tx.run_unseen("UPDATE documents SET used_ms = ?2 WHERE tier = ?1 AND used_ms > ?2",
                               tier, now));
  }
  return {};
}

Status sort_documents(Transaction& tx, std::int64_t rules,
                      const std::vector<TypePlacement>& types) {
  LANDFALL_TRY_ASSIGN(const std::int64_t sorted_by, CounterTable::get(tx, kRules));
  if (sorted_by == rules) return {};
  LANDFALL_TRY(sort_rows(tx, types));
  LANDFALL_TRY(count_both(tx));
  return CounterTable::set(tx, kRules, rules);
}

Result<ClearedDocuments> clear_documents(Transaction& tx, const std::optional<EntityKey>& kept) {
  ClearedDocuments cleared;
  LANDFALL_TRY_ASSIGN(cleared.removed,
                      tx.run("DELETE FROM documents AS d"
                             " WHERE NOT (entity_type = ?1 AND entity_id = ?2)"
                             " AND NOT " LANDFALL_MUST_STAY,
                             kept ? kept->type : std::string{}, kept ? kept->id : std::string{}));
  LANDFALL_TRY(count_both(tx));
  LANDFALL_TRY(forget_missing(tx));
  LANDFALL_TRY_ASSIGN(cleared.kept, count_rows(tx, "SELECT count(*) FROM documents"));
  return cleared;
}

}  // namespace landfall::store
