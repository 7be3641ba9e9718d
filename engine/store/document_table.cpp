#include "engine/store/document_table.hpp"

#include "engine/store/sealer.hpp"
#include "engine/store/transaction.hpp"

#include <span>

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

std::vector<std::byte> seal_body(Sealer& key, const sync::Document& document) {
  return key.seal(kPlace, bytes_of(seal_key(document.entity)), bytes_of(document.data));
}

Result<std::string> open_body(const Sealer& key, const EntityKey& entity,
                              std::span<const std::byte> sealed) {
  LANDFALL_TRY_ASSIGN(const auto plain, key.open(kPlace, bytes_of(seal_key(entity)), sealed));
  return std::string(reinterpret_cast<const char*>(plain.data()), plain.size());
}

Status insert_document(Transaction& tx, Sealer& key, const sync::Document& document,
                       const Naming& naming, Instant now) {
  const auto body = seal_body(key, document);
  LANDFALL_TRY(tx.run(
      "INSERT INTO documents (entity_type, entity_id, row_version, updated_ms, deleted, scope,"
      " pull_round, stored_ms, bytes, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      document.entity.type, document.entity.id, document.row_version, document.updated_at,
      document.deleted, naming.scope, naming.round, now, static_cast<std::int64_t>(body.size()),
      body));
  return {};
}

Status replace_document(Transaction& tx, Sealer& key, std::int64_t rowid,
                        const sync::Document& document, Instant now) {
  const auto body = seal_body(key, document);
  LANDFALL_TRY(
      tx.run("UPDATE documents SET row_version = ?2, updated_ms = ?3, deleted = ?4,"
             " stored_ms = ?5, bytes = ?6, body = ?7 WHERE rowid = ?1",
             rowid, document.row_version, document.updated_at, document.deleted, now,
             static_cast<std::int64_t>(body.size()), body));
  return {};
}

Status note_naming(Transaction& tx, std::int64_t rowid, const Naming& naming) {
  LANDFALL_TRY(tx.run("UPDATE documents SET scope = ?2, pull_round = ?3 WHERE rowid = ?1", rowid,
                      naming.scope, naming.round));
  return {};
}

struct StoredRow {
  std::int64_t rowid = 0;
  std::int64_t row_version = 0;
  bool named = false;  // by the scope and round in question
};

Result<std::optional<StoredRow>> find_row(const Reader& reader, const EntityKey& entity,
                                          const Naming& naming) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT rowid, row_version, scope, pull_round FROM documents"
                                    " WHERE entity_type = ?1 AND entity_id = ?2",
                                    entity.type, entity.id));
  return rows.first([&](const Rows& row) {
    const bool named = row.text(2) == naming.scope && row.integer(3) == naming.round;
    return StoredRow{row.integer(0), row.integer(1), named};
  });
}

}  // namespace

Result<bool> put_document(Transaction& tx, Sealer& documents_key, const sync::Document& document,
                          const Naming& naming, Instant now) {
  LANDFALL_TRY_ASSIGN(const auto stored, find_row(tx, document.entity, naming));
  if (!stored) {
    LANDFALL_TRY(insert_document(tx, documents_key, document, naming, now));
    return true;
  }
  if (naming.by_page && !stored->named) LANDFALL_TRY(note_naming(tx, stored->rowid, naming));
  if (document.row_version <= stored->row_version) return false;
  LANDFALL_TRY(replace_document(tx, documents_key, stored->rowid, document, now));
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

Result<std::vector<EntityKey>> remove_unnamed_documents(Transaction& tx, const Naming& naming) {
  std::vector<EntityKey> removed;
  {
    LANDFALL_TRY_ASSIGN(Rows rows, tx.select("SELECT entity_type, entity_id FROM documents"
                                             " WHERE scope = ?1 AND pull_round < ?2 ORDER BY rowid",
                                             naming.scope, naming.round));
    LANDFALL_TRY_ASSIGN(removed, rows.all([](const Rows& row) {
      return EntityKey{std::string{row.text(0)}, std::string{row.text(1)}};
    }));
  }
  LANDFALL_TRY(tx.run("DELETE FROM documents WHERE scope = ?1 AND pull_round < ?2", naming.scope,
                      naming.round));
  return removed;
}

}  // namespace landfall::store
