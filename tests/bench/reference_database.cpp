#include "tests/bench/reference_database.hpp"

#include <span>
#include <stdexcept>

#include <sodium.h>

#include "schema/embedded.hpp"
#include "tests/bench/reference.h"

namespace landfall::bench {
namespace {

std::string schema_of(const Job& job) {
  if (job.contestant == Contestant::bare) return bare_schema;
  std::string schema;
  for (const auto& migration : schema::partition_migrations()) schema += migration.sql;
  return schema + raw_counters;
}

ReferenceDatabase open(const std::string& path, const CountingVfs& vfs, bool is_full,
                       const char* schema) {
  sqlite3* opened = nullptr;
  const int code =
      reference_open(path.c_str(), vfs.name().c_str(), is_full ? 1 : 0, schema, &opened);
  ReferenceDatabase database(opened);
  check(code);
  return database;
}

}  // namespace

void check(int sqlite_code) {
  if (sqlite_code != SQLITE_OK) throw std::runtime_error(sqlite3_errstr(sqlite_code));
}

ReferenceDatabase create_reference(const Job& job, const CountingVfs& vfs) {
  const std::string path = job.contestant == Contestant::raw ? raw_file(job) : bare_file(job);
  return open(path, vfs, job.is_full, schema_of(job).c_str());
}

ReferenceDatabase open_reference(const std::string& path, const CountingVfs& vfs) {
  return open(path, vfs, true, nullptr);
}

ReferenceKey random_key() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
  ReferenceKey key{};
  randombytes_buf(key.data(), key.size());
  return key;
}

}  // namespace landfall::bench
