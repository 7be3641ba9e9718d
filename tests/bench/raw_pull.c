/* The reference `raw` of W5: a page of documents, compressed and sealed, and its cursor in one
 * transaction that is not synced. A statement stores a document only over an older version;
 * counters change once a page. */

#include <stdio.h>
#include <string.h>

#include "tests/bench/raw_seal.h"
#include "tests/bench/reference.h"

enum { kStatements = 5, kRowKeyBytesMax = 128 };
enum { BEGIN, STORE, COUNT, CURSOR, COMMIT };

static const char* const kTexts[kStatements] = {
    "BEGIN IMMEDIATE",
    "INSERT INTO documents (entity_type, entity_id, row_version, updated_ms, deleted, scope, "
    "pull_round, stored_ms, bytes, body, pinned, tier, used_ms) "
    "VALUES ('po', ?1, 1, ?2, 0, 'tier1', 0, ?2, ?3, ?4, 0, 2, ?2) "
    "ON CONFLICT (entity_type, entity_id) DO UPDATE SET row_version = excluded.row_version, "
    "updated_ms = excluded.updated_ms, stored_ms = excluded.stored_ms, bytes = excluded.bytes, "
    "body = excluded.body, used_ms = excluded.used_ms WHERE excluded.row_version > row_version",
    "INSERT INTO counters (name, value) VALUES ('commit_seq', 1), ('cache.tier2.bytes', ?1), "
    "('cache.tier2.documents', ?2) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
    "INSERT INTO cursors (scope, cursor, round, complete, updated_ms) "
    "VALUES ('tier1', ?1, 0, ?2, ?3) ON CONFLICT (scope) DO UPDATE SET cursor = excluded.cursor, "
    "complete = excluded.complete, updated_ms = excluded.updated_ms",
    "COMMIT"};

static int run(sqlite3_stmt* statement) {
  sqlite3_step(statement);
  return sqlite3_reset(statement);
}

static int store_one(sqlite3_stmt* store, const struct reference_pull* job,
                     const struct reference_document* document, LZ4_stream_t* press) {
  unsigned char sealed[kSealedBytesMax];
  char row[kRowKeyBytesMax];
  const size_t id_bytes = strlen(document->id);
  memcpy(row, "2:po", 4);
  memcpy(row + 4, document->id, id_bytes);
  const struct raw_place place = {"documents", row, 4 + id_bytes};
  const size_t sealed_bytes =
      raw_seal_compressed(job->key, &place, document->data, document->data_bytes, press, sealed);
  sqlite3_bind_text(store, 1, document->id, (int)id_bytes, SQLITE_STATIC);
  sqlite3_bind_int64(store, 2, 1767225600000);
  sqlite3_bind_int64(store, 3, (sqlite3_int64)(document->data_bytes + kSealOverheadBytes));
  sqlite3_bind_blob(store, 4, sealed, (int)sealed_bytes, SQLITE_STATIC);
  return run(store);
}

static int store_page(sqlite3_stmt* const* statements, const struct reference_pull* job, size_t at,
                      size_t count, LZ4_stream_t* press) {
  sqlite3_int64 bytes = 0;
  int code = run(statements[BEGIN]);
  for (size_t i = at; i < at + count && code == SQLITE_OK; ++i) {
    code = store_one(statements[STORE], job, job->documents + i, press);
    bytes += (sqlite3_int64)(job->documents[i].data_bytes + kSealOverheadBytes);
  }
  if (code != SQLITE_OK) return code;
  char cursor[32];
  snprintf(cursor, sizeof cursor, "%zu", at + count);
  sqlite3_bind_int64(statements[COUNT], 1, bytes);
  sqlite3_bind_int64(statements[COUNT], 2, (sqlite3_int64)count);
  code = run(statements[COUNT]);
  if (code != SQLITE_OK) return code;
  sqlite3_bind_text(statements[CURSOR], 1, cursor, -1, SQLITE_STATIC);
  sqlite3_bind_int(statements[CURSOR], 2, at + count == job->count);
  sqlite3_bind_int64(statements[CURSOR], 3, 1767225600000);
  code = run(statements[CURSOR]);
  return code == SQLITE_OK ? run(statements[COMMIT]) : code;
}

int raw_pull(sqlite3* database, const struct reference_pull* job) {
  sqlite3_stmt* statements[kStatements] = {NULL};
  LZ4_stream_t press;
  LZ4_initStream(&press, sizeof press);
  int code = SQLITE_OK;
  for (int i = 0; i < kStatements && code == SQLITE_OK; ++i) {
    code = sqlite3_prepare_v2(database, kTexts[i], -1, &statements[i], NULL);
  }
  for (size_t at = 0; at < job->count && code == SQLITE_OK; at += job->page) {
    const size_t count = job->count - at < job->page ? job->count - at : job->page;
    code = store_page(statements, job, at, count, &press);
  }
  for (int i = 0; i < kStatements; ++i) sqlite3_finalize(statements[i]);
  return code;
}
