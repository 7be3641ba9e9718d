/* The reference `raw`: the engine's rows without the engine. One table row with its indexes, the
 * payload sealed, the accepted text hashed, and the counters, which change once a commit.
 * Statements are prepared once, what is the same in every row stands in their text, values are
 * bound without a copy, and nothing is read. */

#include <sodium.h>
#include <string.h>

#include "tests/bench/raw_seal.h"
#include "tests/bench/reference.h"

enum { kIdBytes = 16, kHashBytes = 32 };

static const char kInsert[] =
    "INSERT INTO operations (id, entity_type, entity_id, action, schema, state, block_reason, "
    "effect, attempts, due_ms, wait, waiting_since_ms, alone, first_sent_ms, last_sent_ms, "
    "created_ms, settled_ms, adopted, cause, hash, bytes, payload) "
    "VALUES (?1, 'pr', ?2, 'create', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1767225600000, 0, 1, '', ?3, "
    "?4, ?5)";
static const char kCount[] =
    "UPDATE counters SET value = value + CASE name WHEN 'outbox.operations' THEN ?1 "
    "WHEN 'outbox.bytes' THEN ?2 ELSE 1 END";

const char raw_counters[] =
    "INSERT INTO counters (name, value) VALUES ('commit_seq', 0), ('outbox.operations', 0), "
    "('outbox.bytes', 0)";

static int run(sqlite3_stmt* statement) {
  sqlite3_step(statement);
  return sqlite3_reset(statement);
}

static int insert_one(sqlite3_stmt* insert, const unsigned char* key,
                      const struct reference_operation* operation) {
  unsigned char sealed[kSealedBytesMax];
  unsigned char hash[kHashBytes];
  const struct raw_place place = {"operations.payload", operation->id, kIdBytes};
  const size_t sealed_bytes =
      raw_seal(key, &place, operation->payload, operation->payload_bytes, sealed);
  crypto_generichash(hash, sizeof hash, (const unsigned char*)operation->text,
                     operation->text_bytes, NULL, 0);
  sqlite3_bind_blob(insert, 1, operation->id, kIdBytes, SQLITE_STATIC);
  sqlite3_bind_text(insert, 2, operation->entity_id, -1, SQLITE_STATIC);
  sqlite3_bind_blob(insert, 3, hash, sizeof hash, SQLITE_STATIC);
  sqlite3_bind_int64(insert, 4, (sqlite3_int64)operation->text_bytes);
  sqlite3_bind_blob(insert, 5, sealed, (int)sealed_bytes, SQLITE_STATIC);
  return run(insert);
}

struct statements {
  sqlite3_stmt* begin;
  sqlite3_stmt* insert;
  sqlite3_stmt* count;
  sqlite3_stmt* commit;
};

static int commit_group(const struct statements* prepared, const unsigned char* key,
                        const struct reference_operation* operations, size_t count) {
  sqlite3_int64 bytes = 0;
  int code = run(prepared->begin);
  for (size_t i = 0; i < count && code == SQLITE_OK; ++i) {
    code = insert_one(prepared->insert, key, operations + i);
    bytes += (sqlite3_int64)operations[i].text_bytes;
  }
  if (code != SQLITE_OK) return code;
  sqlite3_bind_int64(prepared->count, 1, (sqlite3_int64)count);
  sqlite3_bind_int64(prepared->count, 2, bytes);
  code = run(prepared->count);
  return code == SQLITE_OK ? run(prepared->commit) : code;
}

int raw_accept(sqlite3* database, const struct reference_job* job) {
  struct statements prepared = {NULL, NULL, NULL, NULL};
  sqlite3_prepare_v2(database, "BEGIN IMMEDIATE", -1, &prepared.begin, NULL);
  sqlite3_prepare_v2(database, kInsert, -1, &prepared.insert, NULL);
  sqlite3_prepare_v2(database, kCount, -1, &prepared.count, NULL);
  sqlite3_prepare_v2(database, "COMMIT", -1, &prepared.commit, NULL);
  int code = SQLITE_OK;
  for (size_t at = 0; at < job->count && code == SQLITE_OK; at += job->group) {
    const size_t count = job->count - at < job->group ? job->count - at : job->group;
    const int64_t started = reference_now_ns();
    code = commit_group(&prepared, job->key, job->operations + at, count);
    const int64_t taken = reference_now_ns() - started;
    for (size_t i = 0; i < count; ++i) job->latency_ns[at + i] = taken;
  }
  sqlite3_finalize(prepared.begin);
  sqlite3_finalize(prepared.insert);
  sqlite3_finalize(prepared.count);
  sqlite3_finalize(prepared.commit);
  return code;
}

int raw_read_first(const char* path, const char* vfs, const unsigned char* key, char* payload,
                   size_t payload_bytes_max, size_t* payload_bytes) {
  sqlite3* database = NULL;
  sqlite3_stmt* first = NULL;
  int code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, vfs);
  if (code == SQLITE_OK) {
    code = sqlite3_prepare_v2(database,
                              "SELECT id, payload FROM operations WHERE state IN (0, 2) "
                              "ORDER BY seq LIMIT 1",
                              -1, &first, NULL);
  }
  if (code == SQLITE_OK) {
    code = sqlite3_step(first) == SQLITE_ROW ? SQLITE_OK : SQLITE_EMPTY;
  }
  if (code == SQLITE_OK) {
    const struct raw_place place = {"operations.payload", sqlite3_column_blob(first, 0), kIdBytes};
    code =
        raw_open(key, &place, sqlite3_column_blob(first, 1), (size_t)sqlite3_column_bytes(first, 1),
                 payload, payload_bytes_max, payload_bytes);
  }
  sqlite3_finalize(first);
  sqlite3_close(database);
  return code;
}
