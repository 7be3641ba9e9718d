#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/store/page_checksums.hpp"
#include "simulator/world/memory_disk.hpp"

struct sqlite3;

namespace landfall::oracles {

// Looks into the databases of a phone's disk as they stand, in a copy of its own: the phone, alive
// or dead, does not notice. Reading a page checks its checksum, where pages have some. What was set
// aside as damaged is not looked into, nor is a file in which the world has damaged a page.
class DatabaseCopy final {
 public:
  DatabaseCopy();

  // `database` is null when it does not open; `error` then says why.
  using Look =
      std::function<void(const std::string& name, sqlite3* database, const std::string& error)>;
  void for_each(const world::MemoryDisk& disk, const Look& look);
  // The same of one database that is not a file of its name, with its log; null when it does not
  // open.
  void look_into(const world::Bytes& file, const world::Bytes& log,
                 const std::function<void(sqlite3* database)>& look);

 private:
  void open(const std::string& name, const Look& look);

  world::MemoryDisk bench_;
  store::PageChecksums checksums_;
};

// The first column of the first row, "" when there is none, "error …" when it cannot be read.
[[nodiscard]] std::string first_text(sqlite3* database, const char* sql);
// The first column of every row; nothing when it cannot be read.
[[nodiscard]] std::optional<std::vector<std::string>> all_texts(sqlite3* database, const char* sql);

}  // namespace landfall::oracles
