/* The reference `raw` of W4: values compressed and sealed in SQLite, the exact order of use in
 * memory, and the times of use written in groups. A hit reads and opens its row; what is not there
 * is known without a look. A put is one transaction with all that it throws away, and is not
 * synced. */

#include <stdlib.h>
#include <string.h>

#include "tests/bench/raw_seal.h"
#include "tests/bench/reference.h"

enum { kUsesOfAGroup = 256, kRowKeyBytesMax = 128, kStatements = 7 };
enum { BEGIN, GET, PUT, EVICT, USE, COUNT, COMMIT };

static const char* const kTexts[kStatements] = {
    "BEGIN IMMEDIATE",
    "SELECT body FROM documents WHERE rowid = ?1",
    "INSERT INTO documents (rowid, entity_type, entity_id, row_version, updated_ms, deleted, "
    "scope, "
    "pull_round, stored_ms, bytes, body, pinned, tier, used_ms) "
    "VALUES (?1, 'po', ?2, ?5, ?5, 0, '', 0, ?5, ?3, ?4, 0, 2, ?5) "
    "ON CONFLICT (rowid) DO UPDATE SET row_version = excluded.row_version, "
    "updated_ms = excluded.updated_ms, stored_ms = excluded.stored_ms, bytes = excluded.bytes, "
    "body = excluded.body, used_ms = excluded.used_ms",
    "DELETE FROM documents WHERE rowid = ?1",
    "UPDATE documents SET used_ms = ?2 WHERE rowid = ?1",
    ("INSERT INTO counters (name, value) VALUES ('commit_seq', 1), ('cache.tier2.bytes', ?1), "
     "('cache.tier2.documents', ?2) "
     "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"),
    "COMMIT"};

/* Row and node of a document are its number and one more; node 0 is the ring's beginning. */
struct node {
  uint32_t older;
  uint32_t newer;
  uint32_t bytes; /* zero: not in the cache */
  unsigned char is_noted;
};

struct cache {
  const struct reference_cache* job;
  sqlite3_stmt* statements[kStatements];
  struct node* nodes;
  uint32_t noted[kUsesOfAGroup]; /* used since times were written */
  size_t noted_count;
  sqlite3_int64 bytes;
  sqlite3_int64 time; /* counts steps */
  LZ4_stream_t press;
};

static int run(sqlite3_stmt* statement) {
  sqlite3_step(statement);
  return sqlite3_reset(statement);
}

static void unlink_node(struct node* nodes, uint32_t at) {
  nodes[nodes[at].older].newer = nodes[at].newer;
  nodes[nodes[at].newer].older = nodes[at].older;
}

static void link_newest(struct node* nodes, uint32_t at) {
  nodes[at].newer = 0;
  nodes[at].older = nodes[0].older;
  nodes[nodes[0].older].newer = at;
  nodes[0].older = at;
}

static struct raw_place place_of(const char* id, char* row) {
  const size_t id_bytes = strlen(id);
  memcpy(row, "2:po", 4);
  memcpy(row + 4, id, id_bytes);
  const struct raw_place place = {"documents", row, 4 + id_bytes};
  return place;
}

static int write_uses(struct cache* cache) {
  int code = run(cache->statements[BEGIN]);
  for (size_t i = 0; i < cache->noted_count && code == SQLITE_OK; ++i) {
    const uint32_t at = cache->noted[i];
    cache->nodes[at].is_noted = 0;
    if (cache->nodes[at].bytes == 0) continue;
    sqlite3_bind_int64(cache->statements[USE], 1, at);
    sqlite3_bind_int64(cache->statements[USE], 2, cache->time);
    code = run(cache->statements[USE]);
  }
  cache->noted_count = 0;
  return code == SQLITE_OK ? run(cache->statements[COMMIT]) : code;
}

static int note_use(struct cache* cache, uint32_t at) {
  unlink_node(cache->nodes, at);
  link_newest(cache->nodes, at);
  if (cache->nodes[at].is_noted) return SQLITE_OK;
  cache->nodes[at].is_noted = 1;
  cache->noted[cache->noted_count++] = at;
  return cache->noted_count == kUsesOfAGroup ? write_uses(cache) : SQLITE_OK;
}

static int get(struct cache* cache, uint32_t at) {
  char row[kRowKeyBytesMax];
  char text[kSealedBytesMax];
  size_t text_bytes = 0;
  sqlite3_stmt* const select = cache->statements[GET];
  const struct raw_place place = place_of(cache->job->documents[at - 1].id, row);
  sqlite3_bind_int64(select, 1, at);
  int code = sqlite3_step(select) == SQLITE_ROW ? SQLITE_OK : SQLITE_CORRUPT;
  if (code == SQLITE_OK) {
    code = raw_open(cache->job->key, &place, sqlite3_column_blob(select, 0),
                    (size_t)sqlite3_column_bytes(select, 0), text, sizeof text, &text_bytes);
  }
  sqlite3_reset(select);
  return code == SQLITE_OK ? note_use(cache, at) : code;
}

static int store(struct cache* cache, uint32_t at) {
  char row[kRowKeyBytesMax];
  unsigned char sealed[kSealedBytesMax];
  const struct reference_document* const document = &cache->job->documents[at - 1];
  const struct raw_place place = place_of(document->id, row);
  sqlite3_stmt* const put = cache->statements[PUT];
  const size_t sealed_bytes = raw_seal_compressed(cache->job->key, &place, document->data,
                                                  document->data_bytes, &cache->press, sealed);
  sqlite3_bind_int64(put, 1, at);
  sqlite3_bind_text(put, 2, document->id, -1, SQLITE_STATIC);
  sqlite3_bind_int64(put, 3, (sqlite3_int64)(document->data_bytes + kSealOverheadBytes));
  sqlite3_bind_blob(put, 4, sealed, (int)sealed_bytes, SQLITE_STATIC);
  sqlite3_bind_int64(put, 5, cache->time);
  return run(put);
}

/* Throws away the least recently used, and never the newest. */
static int evict(struct cache* cache, sqlite3_int64* documents) {
  int code = SQLITE_OK;
  while (cache->bytes > cache->job->bytes_max && code == SQLITE_OK) {
    const uint32_t oldest = cache->nodes[0].newer;
    sqlite3_bind_int64(cache->statements[EVICT], 1, oldest);
    code = run(cache->statements[EVICT]);
    unlink_node(cache->nodes, oldest);
    cache->bytes -= cache->nodes[oldest].bytes;
    cache->nodes[oldest].bytes = 0;
    --*documents;
  }
  return code;
}

static int put(struct cache* cache, uint32_t at) {
  struct node* const node = &cache->nodes[at];
  const sqlite3_int64 bytes_before = cache->bytes;
  sqlite3_int64 documents = node->bytes == 0 ? 1 : 0;
  int code = run(cache->statements[BEGIN]);
  if (code == SQLITE_OK) code = store(cache, at);
  if (code != SQLITE_OK) return code;
  if (node->bytes != 0) unlink_node(cache->nodes, at);
  cache->bytes -= node->bytes;
  node->bytes = (uint32_t)(cache->job->documents[at - 1].data_bytes + kSealOverheadBytes);
  cache->bytes += node->bytes;
  link_newest(cache->nodes, at);
  code = evict(cache, &documents);
  if (code != SQLITE_OK) return code;
  sqlite3_bind_int64(cache->statements[COUNT], 1, cache->bytes - bytes_before);
  sqlite3_bind_int64(cache->statements[COUNT], 2, documents);
  code = run(cache->statements[COUNT]);
  return code == SQLITE_OK ? run(cache->statements[COMMIT]) : code;
}

static int take_step(struct cache* cache, const struct reference_step* step, size_t* hits) {
  const uint32_t at = step->document + 1;
  ++cache->time;
  if (step->is_put) return put(cache, at);
  if (cache->nodes[at].bytes == 0) return put(cache, at);
  ++*hits;
  return get(cache, at);
}

int raw_cache(sqlite3* database, const struct reference_cache* job, size_t* hits) {
  struct cache cache = {.job = job, .time = 1767225600000};
  cache.nodes = calloc(job->document_count + 1, sizeof(struct node));
  LZ4_initStream(&cache.press, sizeof cache.press);
  int code = cache.nodes == NULL ? SQLITE_NOMEM : SQLITE_OK;
  for (int i = 0; i < kStatements && code == SQLITE_OK; ++i) {
    code = sqlite3_prepare_v2(database, kTexts[i], -1, &cache.statements[i], NULL);
  }
  *hits = 0;
  for (size_t i = 0; i < job->count && code == SQLITE_OK; ++i) {
    code = take_step(&cache, job->steps + i, hits);
  }
  for (int i = 0; i < kStatements; ++i) sqlite3_finalize(cache.statements[i]);
  free(cache.nodes);
  return code;
}
