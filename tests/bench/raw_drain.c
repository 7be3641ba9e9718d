/* The reference `raw` of W2: the queue's rows go to the server and are settled by its answer. What
 * the engine writes is written: a batch is durable as sent before it leaves, and its verdicts,
 * sealed, are committed behind it and ride on the next sync. Rows of a batch stand in a row, so
 * that they are marked by one statement; the answer names them in the order they were sent in. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/raw_seal.h"
#include "tests/bench/reference.h"
#include "tests/bench/reference_http.h"

enum { kIdBytes = 16, kIdTextBytes = 36, kOperationTextMax = 1024, kOperationsMax = 500 };
enum { kBufferBytes = kOperationsMax * kOperationTextMax };

static const char kBegin[] = "BEGIN IMMEDIATE";
static const char kSelect[] =
    "SELECT seq, id, entity_id, payload, bytes FROM operations WHERE state IN (0, 2) "
    "ORDER BY seq LIMIT ?1";
static const char kMark[] =
    "UPDATE operations SET state = 1, effect = 1, attempts = 1, due_ms = ?3 + 5000, wait = 1, "
    "alone = ?2 = ?1, batch = ?4, first_sent_ms = ?3, last_sent_ms = ?3 "
    "WHERE seq BETWEEN ?1 AND ?2";
static const char kAddBatch[] =
    "INSERT INTO batches (id, sent_ms, operations, bytes) VALUES (?1, ?2, ?3, ?4)";
static const char kSettle[] =
    "UPDATE operations SET state = 4, effect = 2, due_ms = 0, wait = 0, batch = NULL, "
    "settled_ms = ?2, result = ?3 WHERE seq = ?1";
static const char kRemoveBatch[] = "DELETE FROM batches WHERE id = ?1";
static const char kCount[] =
    "UPDATE counters SET value = value - CASE name WHEN 'outbox.operations' THEN ?1 "
    "WHEN 'outbox.bytes' THEN ?2 ELSE -1 END "
    "WHERE name IN ('commit_seq', 'outbox.operations', 'outbox.bytes')";
static const char kCommit[] = "COMMIT";

enum { kStatements = 8 };
static const char* const kTexts[kStatements] = {kBegin,  kSelect,      kMark,  kAddBatch,
                                                kSettle, kRemoveBatch, kCount, kCommit};
enum { BEGIN, SELECT, MARK, ADD_BATCH, SETTLE, REMOVE_BATCH, COUNT, COMMIT };

struct sent {
  sqlite3_int64 seq;
  unsigned char id[kIdBytes];
  char id_text[kIdTextBytes + 1];
};

struct drain {
  sqlite3* database;
  const struct reference_drain* job;
  sqlite3_stmt* statements[kStatements];
  struct sent sent[kOperationsMax];
  size_t count;
  sqlite3_int64 bytes; /* that they count against the limit of the queue */
  char* body;
  size_t body_bytes;
  char* answer;
};

static int run(sqlite3_stmt* statement) {
  sqlite3_step(statement);
  return sqlite3_reset(statement);
}

static int count_commit(struct drain* drain, sqlite3_int64 operations, sqlite3_int64 bytes) {
  sqlite3_bind_int64(drain->statements[COUNT], 1, operations);
  sqlite3_bind_int64(drain->statements[COUNT], 2, bytes);
  const int code = run(drain->statements[COUNT]);
  return code == SQLITE_OK ? run(drain->statements[COMMIT]) : code;
}

static void write_id(const unsigned char* id, char* text) {
  static const char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < kIdBytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *text++ = '-';
    *text++ = kDigits[id[i] >> 4];
    *text++ = kDigits[id[i] & 15];
  }
  *text = '\0';
}

static int append_operation(struct drain* drain, sqlite3_stmt* row) {
  struct sent* sent = &drain->sent[drain->count];
  sent->seq = sqlite3_column_int64(row, 0);
  memcpy(sent->id, sqlite3_column_blob(row, 1), kIdBytes);
  write_id(sent->id, sent->id_text);
  char* const end = drain->body + drain->body_bytes;
  const int head_bytes =
      sprintf(end,
              "%s{\"id\":\"%s\",\"entity_type\":\"pr\",\"entity_id\":\"%s\",\"action\":\"create\","
              "\"schema\":1,\"created_at\":\"2026-01-01T00:00:00.000Z\",\"payload\":",
              drain->count > 0 ? "," : "", sent->id_text, sqlite3_column_text(row, 2));
  const struct raw_place place = {"operations.payload", sent->id, kIdBytes};
  size_t payload_bytes = 0;
  const int code = raw_open(drain->job->key, &place, sqlite3_column_blob(row, 3),
                            (size_t)sqlite3_column_bytes(row, 3), end + head_bytes,
                            kOperationTextMax / 2, &payload_bytes);
  end[(size_t)head_bytes + payload_bytes] = '}';
  drain->body_bytes += (size_t)head_bytes + payload_bytes + 1;
  drain->bytes += sqlite3_column_int64(row, 4);
  ++drain->count;
  return code;
}

static int read_batch(struct drain* drain) {
  sqlite3_stmt* const select = drain->statements[SELECT];
  int code = SQLITE_OK;
  drain->count = 0;
  drain->bytes = 0;
  drain->body_bytes = (size_t)sprintf(drain->body, "{\"device_id\":\"raw\",\"operations\":[");
  sqlite3_bind_int64(select, 1, (sqlite3_int64)drain->job->batch);
  while (code == SQLITE_OK && sqlite3_step(select) == SQLITE_ROW) {
    code = append_operation(drain, select);
  }
  sqlite3_reset(select);
  memcpy(drain->body + drain->body_bytes, "]}", 2);
  drain->body_bytes += 2;
  return code;
}

/* The batch goes by the id of its first operation. */
static int mark_batch(struct drain* drain, sqlite3_int64 now_ms) {
  sqlite3_stmt* const mark = drain->statements[MARK];
  sqlite3_stmt* const add = drain->statements[ADD_BATCH];
  sqlite3_bind_int64(mark, 1, drain->sent[0].seq);
  sqlite3_bind_int64(mark, 2, drain->sent[drain->count - 1].seq);
  sqlite3_bind_int64(mark, 3, now_ms);
  sqlite3_bind_blob(mark, 4, drain->sent[0].id, kIdBytes, SQLITE_STATIC);
  int code = run(mark);
  if (code != SQLITE_OK) return code;
  sqlite3_bind_blob(add, 1, drain->sent[0].id, kIdBytes, SQLITE_STATIC);
  sqlite3_bind_int64(add, 2, now_ms);
  sqlite3_bind_int64(add, 3, (sqlite3_int64)drain->count);
  sqlite3_bind_int64(add, 4, (sqlite3_int64)drain->body_bytes);
  code = run(add);
  return code == SQLITE_OK ? count_commit(drain, 0, 0) : code;
}

/* Seals the object that says what became of the operation, and returns what follows it. */
static const char* settle_one(struct drain* drain, const struct sent* sent, const char* at,
                              sqlite3_int64 now_ms) {
  unsigned char sealed[kSealedBytesMax];
  const struct raw_place place = {"operations.result", sent->id, kIdBytes};
  sqlite3_stmt* const settle = drain->statements[SETTLE];
  const char* const begin = strchr(at, '{');
  const char* const end = begin == NULL ? NULL : strchr(begin, '}');
  if (end == NULL || memcmp(begin, "{\"id\":\"", 7) != 0 ||
      memcmp(begin + 7, sent->id_text, kIdTextBytes) != 0 ||
      memcmp(begin + 7 + kIdTextBytes, "\",\"status\":\"applied\"", 20) != 0) {
    return NULL;
  }
  const size_t sealed_bytes =
      raw_seal(drain->job->key, &place, begin, (size_t)(end + 1 - begin), sealed);
  sqlite3_bind_int64(settle, 1, sent->seq);
  sqlite3_bind_int64(settle, 2, now_ms);
  sqlite3_bind_blob(settle, 3, sealed, (int)sealed_bytes, SQLITE_STATIC);
  return run(settle) == SQLITE_OK ? end + 1 : NULL;
}

static int settle_batch(struct drain* drain, const char* answer, sqlite3_int64 now_ms) {
  int code = run(drain->statements[BEGIN]);
  if (code != SQLITE_OK) return code;
  const char* at = strstr(answer, "\"results\":[");
  if (at == NULL) return SQLITE_MISMATCH;
  at += 11;
  for (size_t i = 0; i < drain->count; ++i) {
    at = settle_one(drain, &drain->sent[i], at, now_ms);
    if (at == NULL) return SQLITE_MISMATCH;
  }
  sqlite3_bind_blob(drain->statements[REMOVE_BATCH], 1, drain->sent[0].id, kIdBytes, SQLITE_STATIC);
  code = run(drain->statements[REMOVE_BATCH]);
  return code == SQLITE_OK ? count_commit(drain, (sqlite3_int64)drain->count, drain->bytes) : code;
}

static int send_batch(struct drain* drain) {
  const sqlite3_int64 now_ms = 1767225600000 + reference_now_ns() / 1000000;
  sqlite3_exec(drain->database, "PRAGMA synchronous=FULL", NULL, NULL, NULL);
  int code = run(drain->statements[BEGIN]);
  if (code == SQLITE_OK) code = read_batch(drain);
  if (code == SQLITE_OK && drain->count == 0) {
    code = run(drain->statements[COMMIT]);
    return code == SQLITE_OK ? SQLITE_DONE : code;
  }
  if (code == SQLITE_OK) code = mark_batch(drain, now_ms);
  if (code != SQLITE_OK) return code;
  const char* const answer = reference_post(drain->job->connection, drain->job->target, drain->body,
                                            drain->body_bytes, drain->answer, kBufferBytes);
  if (answer == NULL) return SQLITE_IOERR;
  sqlite3_exec(drain->database, "PRAGMA synchronous=NORMAL", NULL, NULL, NULL);
  return settle_batch(drain, answer, now_ms);
}

int raw_drain(sqlite3* database, const struct reference_drain* job) {
  struct drain* const drain = calloc(1, sizeof *drain);
  int code = drain == NULL || job->batch > kOperationsMax ? SQLITE_MISUSE : SQLITE_OK;
  if (code == SQLITE_OK) {
    drain->database = database;
    drain->job = job;
    drain->body = malloc(kBufferBytes);
    drain->answer = malloc(kBufferBytes);
    for (int i = 0; i < kStatements && code == SQLITE_OK; ++i) {
      code = sqlite3_prepare_v2(database, kTexts[i], -1, &drain->statements[i], NULL);
    }
    while (code == SQLITE_OK) code = send_batch(drain);
    for (int i = 0; i < kStatements; ++i) sqlite3_finalize(drain->statements[i]);
    free(drain->body);
    free(drain->answer);
  }
  free(drain);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}
