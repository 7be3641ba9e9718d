#pragma once

#include <array>
#include <memory>
#include <string>

#include <sqlite3.h>

#include "tests/bench/counting_vfs.hpp"
#include "tests/bench/job.hpp"

namespace landfall::bench {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using ReferenceDatabase = std::unique_ptr<sqlite3, CloseDatabase>;

// Throws std::runtime_error for everything but SQLITE_OK.
void check(int sqlite_code);

// A reference's own database, new, with the schema of the engine's partition (raw) or none worth
// the name (bare).
[[nodiscard]] ReferenceDatabase create_reference(const Job& job, const CountingVfs& vfs);
// One that the stage has filled.
[[nodiscard]] ReferenceDatabase open_reference(const std::string& path, const CountingVfs& vfs);

using ReferenceKey = std::array<unsigned char, 32>;
[[nodiscard]] ReferenceKey random_key();

}  // namespace landfall::bench
