#define _POSIX_C_SOURCE 200809L /* clock_gettime */

#include "tests/bench/reference.h"

#include <time.h>

int reference_open(const char* path, const char* vfs, int is_full, const char* schema,
                   sqlite3** database) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  int code = sqlite3_open_v2(path, database, flags, vfs);
  if (code == SQLITE_OK) {
    code = sqlite3_exec(*database,
                        is_full ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                  "PRAGMA wal_autocheckpoint=0"
                                : "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                                  "PRAGMA wal_autocheckpoint=0",
                        NULL, NULL, NULL);
  }
  if (code == SQLITE_OK && schema != NULL) code = sqlite3_exec(*database, schema, NULL, NULL, NULL);
  return code;
}

int64_t reference_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
