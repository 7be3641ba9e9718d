/* The reference `bare` of W2: texts are read, sent and deleted, and the deletion is synced. */

#include <stdlib.h>
#include <string.h>

#include "tests/bench/reference.h"
#include "tests/bench/reference_http.h"

enum { kBufferBytes = 1 << 20 };

static int run(sqlite3_stmt* statement) {
  sqlite3_step(statement);
  return sqlite3_reset(statement);
}

struct drain {
  const struct reference_drain* job;
  sqlite3_stmt* select;
  sqlite3_stmt* remove;
  char* body;
  char* answer;
};

static int send_batch(struct drain* drain) {
  size_t bytes = 0;
  sqlite3_bind_int64(drain->select, 1, (sqlite3_int64)drain->job->batch);
  while (sqlite3_step(drain->select) == SQLITE_ROW) {
    const size_t text_bytes = (size_t)sqlite3_column_bytes(drain->select, 1);
    if (bytes + text_bytes + 2 > kBufferBytes) return SQLITE_FULL;
    if (bytes == 0) sqlite3_bind_int64(drain->remove, 1, sqlite3_column_int64(drain->select, 0));
    sqlite3_bind_int64(drain->remove, 2, sqlite3_column_int64(drain->select, 0));
    drain->body[bytes] = bytes == 0 ? '[' : ',';
    ++bytes;
    memcpy(drain->body + bytes, sqlite3_column_text(drain->select, 1), text_bytes);
    bytes += text_bytes;
  }
  sqlite3_reset(drain->select);
  if (bytes == 0) return SQLITE_DONE;
  drain->body[bytes++] = ']';
  const char* const answer = reference_post(drain->job->connection, drain->job->target, drain->body,
                                            bytes, drain->answer, kBufferBytes);
  return answer == NULL ? SQLITE_IOERR : run(drain->remove);
}

int bare_drain(sqlite3* database, const struct reference_drain* job) {
  struct drain drain = {job, NULL, NULL, malloc(kBufferBytes), malloc(kBufferBytes)};
  sqlite3_prepare_v2(database, "SELECT seq, text FROM operation ORDER BY seq LIMIT ?1", -1,
                     &drain.select, NULL);
  sqlite3_prepare_v2(database, "DELETE FROM operation WHERE seq BETWEEN ?1 AND ?2", -1,
                     &drain.remove, NULL);
  int code = SQLITE_OK;
  while (code == SQLITE_OK) code = send_batch(&drain);
  sqlite3_finalize(drain.select);
  sqlite3_finalize(drain.remove);
  free(drain.body);
  free(drain.answer);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}
