#include "engine/store/document_table.hpp"

#include <span>

#include "engine/store/document_tiers.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {
namespace {

constexpr std::string_view kPlace = "documents";

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Type and id with the length of the first before both, so that no two entities give the same
// bytes.
std::string seal_key(const EntityKey& entity) {
  return std::to_string(entity.type.size()) + ":" + entity.type + entity.id;
}

std::vector<std::byte> seal_body(Transaction& tx, Sealer& key, const sync::Document& document) {
  return key.seal_compressed(kPlace, bytes_of(seal_key(document.entity)), bytes_of(document.data),
                             tx.compressor());
}

// What a document counts in its tier: its bytes as if it were not compressed, which its row never
// passes. What fits a tier does not hang on what a document repeats, then, and what older versions
// wrote counts the same.
std::int64_t counted_bytes(const sync::Document& document) {
  return static_cast<std::int64_t>(kSealOverheadBytes + document.data.size());
}

Result<std::string> open_body(const Sealer& key, const EntityKey& entity,
                              std::span<const std::byte> sealed) {
  LANDFALL_TRY_ASSIGN(const auto plain, key.open(kPlace, bytes_of(seal_key(entity)), sealed));
  return std::string(reinterpret_cast<const char*>(plain.data()), plain.size());
}

// Column pull_round: the round, and below zero that of an unconfirmed row.
std::int64_t round_of_new(const Naming& naming) {
  return naming.by_verdict && !naming.by_page ? -naming.round : naming.round;
}

Status insert_document(Transaction& tx, Sealer& key, const sync::Document& document,
                       const Naming& naming, Instant now) {
  const auto body = seal_body(tx, key, document);
  const std::int64_t bytes = counted_bytes(document);
  const TierOfRow tier = naming.pinned ? TierOfRow::pinned : TierOfRow::on_demand;
  LANDFALL_TRY(
      tx.run("INSERT INTO documents (entity_type, entity_id, row_version, updated_ms, deleted,"
             " scope, pull_round, stored_ms, bytes, body, pinned, tier, used_ms)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
             document.entity.type, document.entity.id, document.row_version, document.updated_at,
             document.deleted, naming.scope, round_of_new(naming), now, bytes, body, naming.pinned,
             tier, now));
  return count_document(tx, {0, document.entity, bytes, document.deleted, naming.pinned, tier}, 1);
}

struct StoredRow {
  PlacedDocument placed;
  std::int64_t row_version = 0;
  bool named = false;  // by the scope and round in question
  bool unconfirmed = false;
};

Status replace_document(Transaction& tx, Sealer& key, PlacedDocument placed,
                        const sync::Document& document, Instant now) {
  const auto body = seal_body(tx, key, document);
  const std::int64_t bytes = counted_bytes(document);
  LANDFALL_TRY(
      tx.run("UPDATE documents SET row_version = ?2, updated_ms = ?3, deleted = ?4,"
             " stored_ms = ?5, bytes = ?6, body = ?7, used_ms = ?8 WHERE rowid = ?1",
             placed.rowid, document.row_version, document.updated_at, document.deleted, now, bytes,
             body, now));
  LANDFALL_TRY(count_document(tx, placed, -1));
  placed.bytes = bytes;
  placed.deleted = document.deleted;
  return count_document(tx, placed, 1);
}

Status note_confirmed(Transaction& tx, std::int64_t rowid, Instant now) {
  LANDFALL_TRY(tx.run("UPDATE documents SET stored_ms = ?2 WHERE rowid = ?1", rowid, now));
  return {};
}

Status note_naming(Transaction& tx, StoredRow& stored, const Naming& naming) {
  LANDFALL_TRY(tx.run("UPDATE documents SET scope = ?2, pull_round = ?3 WHERE rowid = ?1",
                      stored.placed.rowid, naming.scope, naming.round));
  if (!naming.pinned || stored.placed.pinned) return {};
  LANDFALL_TRY(count_document(tx, stored.placed, -1));
  stored.placed.pinned = true;
  stored.placed.tier = TierOfRow::pinned;
  LANDFALL_TRY(
      tx.run("UPDATE documents SET pinned = 1, tier = 1 WHERE rowid = ?1", stored.placed.rowid));
  return count_document(tx, stored.placed, 1);
}

Result<std::optional<StoredRow>> find_row(const Reader& reader, const EntityKey& entity,
                                          const Naming& naming) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT rowid, row_version, scope, pull_round, bytes, deleted,"
                                    " pinned, tier FROM documents"
                                    " WHERE entity_type = ?1 AND entity_id = ?2",
                                    entity.type, entity.id));
  return rows.first([&](const Rows& row) {
    const bool named = row.text(2) == naming.scope && row.integer(3) == naming.round;
    return StoredRow{{row.integer(0), entity, row.integer(4), row.boolean(5), row.boolean(6),
                      static_cast<TierOfRow>(row.integer(7))},
                     row.integer(1),
                     named,
                     row.integer(3) < 0};
  });
}

}  // namespace

Result<bool> put_document(Transaction& tx, Sealer& documents_key, const sync::Document& document,
                          const Naming& naming, Instant now) {
  LANDFALL_TRY_ASSIGN(auto stored, find_row(tx, document.entity, naming));
  if (!stored) {
    LANDFALL_TRY(insert_document(tx, documents_key, document, naming, now));
    return true;
  }
  if (naming.by_page && !stored->named) {
    LANDFALL_TRY(note_naming(tx, *stored, naming));
  } else if (stored->unconfirmed && !naming.by_verdict) {
    LANDFALL_TRY(end_unconfirmed(tx, document.entity));
  }
  if (document.row_version == stored->row_version)
    LANDFALL_TRY(note_confirmed(tx, stored->placed.rowid, now));
  if (document.row_version <= stored->row_version) return false;
  LANDFALL_TRY(replace_document(tx, documents_key, stored->placed, document, now));
  return true;
}

Result<std::optional<sync::Document>> find_document(const Reader& reader,
                                                    const Sealer& documents_key,
                                                    const EntityKey& entity) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT row_version, updated_ms, deleted, body FROM documents"
                                    " WHERE entity_type = ?1 AND entity_id = ?2",
                                    entity.type, entity.id));
  return rows.first([&](const Rows& row) -> Result<sync::Document> {
    sync::Document document{entity, row.integer(0), row.instant(1), row.boolean(2), {}};
    LANDFALL_TRY_ASSIGN(document.data, open_body(documents_key, entity, row.bytes(3)));
    return document;
  });
}

Result<std::optional<std::int64_t>> find_row_version(const Reader& reader,
                                                     const EntityKey& entity) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      reader.select("SELECT row_version FROM documents WHERE entity_type = ?1 AND entity_id = ?2",
                    entity.type, entity.id));
  return rows.first([](const Rows& row) { return row.integer(0); });
}

Result<std::optional<Confirmation>> find_confirmation(const Reader& reader,
                                                      const EntityKey& entity) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT rowid, stored_ms, scope FROM documents"
                                               " WHERE entity_type = ?1 AND entity_id = ?2",
                                               entity.type, entity.id));
  return rows.first([](const Rows& row) {
    return Confirmation{row.integer(0), row.instant(1), std::string{row.text(2)}};
  });
}

Result<bool> confirm_document(Transaction& tx, const EntityKey& entity, Instant now) {
  LANDFALL_TRY_ASSIGN(const auto rows, tx.run("UPDATE documents SET stored_ms = ?3"
                                              " WHERE entity_type = ?1 AND entity_id = ?2",
                                              entity.type, entity.id, now));
  // A statement of its own, that most confirmations leave the index of rounds as it is.
  LANDFALL_TRY(end_unconfirmed(tx, entity));
  return rows > 0;
}

Result<std::vector<EntityKey>> find_unconfirmed(const Reader& reader, std::string_view scope,
                                                std::size_t limit) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT entity_type, entity_id FROM documents"
                                    " WHERE scope = ?1 AND pull_round < 0 ORDER BY rowid LIMIT ?2",
                                    scope, static_cast<std::int64_t>(limit)));
  return rows.all([](const Rows& row) {
    return EntityKey{std::string{row.text(0)}, std::string{row.text(1)}};
  });
}

Status end_unconfirmed(Transaction& tx, const EntityKey& entity) {
  LANDFALL_TRY(
      tx.run("UPDATE documents SET pull_round = -pull_round"
             " WHERE entity_type = ?1 AND entity_id = ?2 AND pull_round < 0",
             entity.type, entity.id));
  return {};
}

Result<std::vector<EntityKey>> remove_unnamed_documents(Transaction& tx, const Naming& naming) {
  std::vector<PlacedDocument> rows_removed;
  {
    LANDFALL_TRY_ASSIGN(
        Rows rows,
        tx.select("SELECT rowid, entity_type, entity_id, bytes, deleted, pinned, tier"
                  " FROM documents WHERE scope = ?1 AND pull_round > -?2 AND pull_round < ?2"
                  " ORDER BY rowid",
                  naming.scope, naming.round));
    LANDFALL_TRY_ASSIGN(rows_removed, rows.all(read_placed));
  }
  LANDFALL_TRY(
      tx.run("DELETE FROM documents"
             " WHERE scope = ?1 AND pull_round > -?2 AND pull_round < ?2",
             naming.scope, naming.round));
  std::vector<EntityKey> removed;
  for (PlacedDocument& row : rows_removed) {
    LANDFALL_TRY(count_document(tx, row, -1));
    removed.push_back(std::move(row.entity));
  }
  return removed;
}

}  // namespace landfall::store
