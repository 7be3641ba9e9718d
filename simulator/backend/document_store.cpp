#include "simulator/backend/document_store.hpp"

#include <algorithm>
#include <utility>

namespace landfall::backend {
namespace {

// A macro because SQL literals are joined before the compiler sees them.
#define LANDFALL_DOCUMENT_COLUMNS                                                               \
  "entity_type, entity_id, row_version, updated_at, deleted, data, owner, listed, change_seq, " \
  "produced_by"

Document read_document(const Query& row) {
  Document document;
  document.key = {row.text(0), row.text(1)};
  document.row_version = row.integer(2);
  document.updated_at = Instant{row.integer(3)};
  document.deleted = row.integer(4) != 0;
  document.data = row.text(5);
  document.owner = row.optional_text(6);
  document.listed = row.integer(7) != 0;
  document.change_seq = row.integer(8);
  document.produced_by = row.optional_text(9);
  return document;
}

std::vector<Document> read_all(Query& query) {
  std::vector<Document> found;
  while (query.step()) found.push_back(read_document(query));
  return found;
}

}  // namespace

DocumentStore::DocumentStore(BackendDatabase& database, Ledger& ledger)
    : database_(database), ledger_(ledger) {
  reload();
  for (const Document& document : all()) {
    ledger_.add_version(document.key, document.row_version, document_hash(document));
  }
}

void DocumentStore::reload() {
  written_.clear();
  const auto mark = database_.meta("purge_mark");
  purge_mark_ = mark ? std::stoll(*mark) : 0;
  Query query(database_, "SELECT max(change_seq) FROM documents");
  last_seq_ =
      query.step() && !query.is_null(0) ? std::max(query.integer(0), purge_mark_) : purge_mark_;
}

std::optional<Document> DocumentStore::find(const EntityKey& key) {
  Query query(database_,
              "SELECT " LANDFALL_DOCUMENT_COLUMNS
              " FROM documents WHERE entity_type = ? AND entity_id = ?",
              key.type, key.id);
  if (!query.step()) return std::nullopt;
  return read_document(query);
}

Document DocumentStore::put(Document document, Instant now,
                            std::optional<std::string> produced_by) {
  document.deleted = false;
  document.produced_by = std::move(produced_by);
  write(document, now);
  return document;
}

Document DocumentStore::remove(Document document, Instant now,
                               std::optional<std::string> produced_by) {
  document.deleted = true;
  document.listed = false;
  document.data = "null";
  document.produced_by = std::move(produced_by);
  write(document, now);
  return document;
}

void DocumentStore::write(Document& document, Instant now) {
  ++document.row_version;
  document.change_seq = ++last_seq_;
  document.updated_at = now;
  Query(database_,
        "INSERT INTO documents (" LANDFALL_DOCUMENT_COLUMNS
        ") VALUES (?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT (entity_type, entity_id) DO UPDATE SET row_version = excluded.row_version,"
        " updated_at = excluded.updated_at, deleted = excluded.deleted, data = excluded.data,"
        " owner = excluded.owner, listed = excluded.listed, change_seq = excluded.change_seq,"
        " produced_by = excluded.produced_by",
        document.key.type, document.key.id, document.row_version, now.unix_ms, document.deleted,
        document.data, document.owner, document.listed, document.change_seq, document.produced_by)
      .run();
  ledger_.add_version(document.key, document.row_version, document_hash(document));
  written_.push_back(document);
}

std::vector<Document> DocumentStore::take_written() { return std::exchange(written_, {}); }

std::vector<Document> DocumentStore::tier1_after(std::string_view user_id, std::int64_t seq,
                                                 std::int64_t full_until, std::int64_t limit) {
  Query query(database_,
              "SELECT " LANDFALL_DOCUMENT_COLUMNS
              " FROM documents WHERE owner IN (?1, '*') AND change_seq > ?2"
              " AND (change_seq > ?3 OR listed = 1) ORDER BY change_seq LIMIT ?4",
              user_id, seq, full_until, limit);
  return read_all(query);
}

std::vector<Document> DocumentStore::by_type(std::string_view type, std::string_view user_id,
                                             std::string_view after_id, std::int64_t limit) {
  Query query(
      database_,
      "SELECT " LANDFALL_DOCUMENT_COLUMNS
      " FROM documents WHERE entity_type = ?1 AND entity_id > ?3"
      " AND deleted = 0 AND (owner IS NULL OR owner IN (?2, '*')) ORDER BY entity_id LIMIT ?4",
      type, user_id, after_id, limit);
  return read_all(query);
}

std::vector<Document> DocumentStore::listed(std::string_view type, std::string_view user_id) {
  Query query(database_,
              "SELECT " LANDFALL_DOCUMENT_COLUMNS
              " FROM documents WHERE entity_type = ?1 AND owner IN (?2, '*')"
              " AND listed = 1 AND deleted = 0 ORDER BY entity_id",
              type, user_id);
  return read_all(query);
}

std::vector<Document> DocumentStore::all() {
  Query query(database_, "SELECT " LANDFALL_DOCUMENT_COLUMNS
                         " FROM documents ORDER BY entity_type, entity_id");
  return read_all(query);
}

void DocumentStore::purge_tombstones() {
  Query(database_, "DELETE FROM documents WHERE deleted = 1").run();
  purge_mark_ = last_seq_;
  database_.set_meta("purge_mark", std::to_string(purge_mark_));
}

}  // namespace landfall::backend
