#pragma once

#include <functional>
#include <string>

#include "engine/store/page_checksums.hpp"
#include "simulator/world/memory_disk.hpp"

struct sqlite3;

namespace landfall::oracles {

// Looks into the databases of a phone's disk as they stand, in a copy of its own: the phone, alive
// or dead, does not notice. Reading a page checks its checksum. What was set aside as damaged is
// not looked into.
class DatabaseCopy final {
 public:
  DatabaseCopy();

  // `database` is null when it does not open; `error` then says why.
  using Look =
      std::function<void(const std::string& name, sqlite3* database, const std::string& error)>;
  void for_each(const world::MemoryDisk& disk, const Look& look);

 private:
  world::MemoryDisk bench_;
  store::PageChecksums checksums_;
};

// The first column of the first row, "" when there is none, "error …" when it cannot be read.
[[nodiscard]] std::string first_text(sqlite3* database, const char* sql);

}  // namespace landfall::oracles
