#ifndef LANDFALL_TESTS_BENCH_REFERENCE_H
#define LANDFALL_TESTS_BENCH_REFERENCE_H

/* What the engine is measured against: the same work in plain C over SQLite, on the same VFS, with
 * the same durability and without checkpoints. Every function returns SQLite's code. One thread. */

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct reference_operation {
  const unsigned char* id; /* 16 bytes */
  const char* entity_id;
  const char* text; /* the whole operation as a host hands it over */
  size_t text_bytes;
  const char* payload; /* the part of it that is sealed */
  size_t payload_bytes;
};

struct reference_job {
  const unsigned char* key; /* 32 bytes */
  const struct reference_operation* operations;
  size_t count;
  size_t group;        /* operations of one commit */
  int64_t* latency_ns; /* of each operation, from the start of its transaction to its commit */
};

/* Opens or creates a database in WAL mode; `schema` may be NULL for one that is there. */
int reference_open(const char* path, const char* vfs, int is_full, const char* schema,
                   sqlite3** database);
/* Monotonic. */
int64_t reference_now_ns(void);

/* raw: the rows that the engine writes for these operations, with ids, indexes, counters and seal.
 * The schema of its database is the engine's own, followed by these counters. */
extern const char raw_counters[];
int raw_accept(sqlite3* database, const struct reference_job* job);
/* Opens the database, reads the first operation and opens its seal into `payload`. */
int raw_read_first(const char* path, const char* vfs, const unsigned char* key, char* payload,
                   size_t payload_bytes_max, size_t* payload_bytes);

/* W2. Sends what waits until nothing does, `batch` operations a request. */
struct reference_drain {
  const unsigned char* key; /* of the outbox; bare: NULL */
  int connection;           /* reference_connect */
  const char* target;
  size_t batch; /* at most 500 */
};
int raw_drain(sqlite3* database, const struct reference_drain* job);

struct reference_document {
  const char* id;
  const char* data;
  size_t data_bytes;
};

/* W5. Stores documents in pages, each with its cursor. */
struct reference_pull {
  const unsigned char* key;
  const struct reference_document* documents;
  size_t count;
  size_t page;
};
int raw_pull(sqlite3* database, const struct reference_pull* job);

/* W4. A get of what is not in the cache puts it there. */
struct reference_step {
  uint32_t document;
  unsigned char is_put;
};
struct reference_cache {
  const unsigned char* key;
  const struct reference_document* documents;
  size_t document_count;
  const struct reference_step* steps;
  size_t count;
  sqlite3_int64 bytes_max; /* of sealed values */
};
int raw_cache(sqlite3* database, const struct reference_cache* job, size_t* hits);

/* bare: one unindexed insert of the operation's text. */
extern const char bare_schema[];
int bare_accept(sqlite3* database, const struct reference_job* job);
/* `page` of them in a transaction. */
int bare_add_documents(sqlite3* database, const char* data, size_t count, size_t page);
int bare_drain(sqlite3* database, const struct reference_drain* job);
/* Opens the database and reads the text of the first operation. */
int bare_read_first(const char* path, const char* vfs, char* text, size_t text_bytes_max,
                    size_t* text_bytes);

#ifdef __cplusplus
}
#endif

#endif /* LANDFALL_TESTS_BENCH_REFERENCE_H */
