/* The reference `bare`: each operation is one row of its text, without an index. Statements are
 * prepared once, texts are bound without a copy. */

#include <string.h>

#include "tests/bench/reference.h"

const char bare_schema[] =
    "CREATE TABLE operation (seq INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    "CREATE TABLE document (seq INTEGER PRIMARY KEY, data TEXT NOT NULL)";

static int run(sqlite3_stmt* statement) {
  sqlite3_step(statement);
  return sqlite3_reset(statement);
}

static int commit_group(sqlite3_stmt* begin, sqlite3_stmt* insert, sqlite3_stmt* commit,
                        const struct reference_operation* operations, size_t count) {
  int code = run(begin);
  for (size_t i = 0; i < count && code == SQLITE_OK; ++i) {
    sqlite3_bind_text(insert, 1, operations[i].text, (int)operations[i].text_bytes, SQLITE_STATIC);
    code = run(insert);
  }
  return code == SQLITE_OK ? run(commit) : code;
}

int bare_accept(sqlite3* database, const struct reference_job* job) {
  sqlite3_stmt* begin = NULL;
  sqlite3_stmt* insert = NULL;
  sqlite3_stmt* commit = NULL;
  sqlite3_prepare_v2(database, "BEGIN IMMEDIATE", -1, &begin, NULL);
  sqlite3_prepare_v2(database, "INSERT INTO operation (text) VALUES (?1)", -1, &insert, NULL);
  sqlite3_prepare_v2(database, "COMMIT", -1, &commit, NULL);
  int code = SQLITE_OK;
  for (size_t at = 0; at < job->count && code == SQLITE_OK; at += job->group) {
    const size_t count = job->count - at < job->group ? job->count - at : job->group;
    const int64_t started = reference_now_ns();
    code = commit_group(begin, insert, commit, job->operations + at, count);
    const int64_t taken = reference_now_ns() - started;
    for (size_t i = 0; i < count; ++i) job->latency_ns[at + i] = taken;
  }
  sqlite3_finalize(begin);
  sqlite3_finalize(insert);
  sqlite3_finalize(commit);
  return code;
}

int bare_add_documents(sqlite3* database, const char* data, size_t count, size_t page) {
  sqlite3_stmt* begin = NULL;
  sqlite3_stmt* insert = NULL;
  sqlite3_stmt* commit = NULL;
  sqlite3_prepare_v2(database, "BEGIN IMMEDIATE", -1, &begin, NULL);
  sqlite3_prepare_v2(database, "INSERT INTO document (data) VALUES (?1)", -1, &insert, NULL);
  sqlite3_prepare_v2(database, "COMMIT", -1, &commit, NULL);
  sqlite3_bind_text(insert, 1, data, (int)strlen(data), SQLITE_STATIC);
  int code = SQLITE_OK;
  for (size_t at = 0; at < count && code == SQLITE_OK; at += page) {
    const size_t end = count - at < page ? count : at + page;
    code = run(begin);
    for (size_t i = at; i < end && code == SQLITE_OK; ++i) code = run(insert);
    if (code == SQLITE_OK) code = run(commit);
  }
  sqlite3_finalize(begin);
  sqlite3_finalize(insert);
  sqlite3_finalize(commit);
  return code;
}

int bare_read_first(const char* path, const char* vfs, char* text, size_t text_bytes_max,
                    size_t* text_bytes) {
  sqlite3* database = NULL;
  sqlite3_stmt* first = NULL;
  int code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, vfs);
  if (code == SQLITE_OK) {
    code = sqlite3_prepare_v2(database, "SELECT text FROM operation ORDER BY seq LIMIT 1", -1,
                              &first, NULL);
  }
  if (code == SQLITE_OK) {
    code = sqlite3_step(first) == SQLITE_ROW ? SQLITE_OK : SQLITE_EMPTY;
  }
  if (code == SQLITE_OK) {
    *text_bytes = (size_t)sqlite3_column_bytes(first, 0);
    if (*text_bytes > text_bytes_max) *text_bytes = text_bytes_max;
    memcpy(text, sqlite3_column_text(first, 0), *text_bytes);
  }
  sqlite3_finalize(first);
  sqlite3_close(database);
  return code;
}
