#pragma once

#include <string>

#include <catch2/catch.hpp>

#include "engine/store/database.hpp"
#include "engine/store/page_checksums.hpp"
#include "schema/embedded.hpp"
#include "simulator/world/memory_disk.hpp"
#include "tests/simulator/sqlite_session.hpp"

namespace landfall::oracles {

// A partition as the engine makes it, on a disk that no engine has open, with operations that a
// test puts there by hand.
class PartitionFile {
 public:
  static constexpr const char* kPath = "/phone/partitions/one.db";

  explicit PartitionFile(world::MemoryDisk& disk) : disk_(disk) {
    auto opened = store::Database::open({kPath, disk.vfs_name(), schema::partition_migrations()});
    REQUIRE(opened.has_value());
  }

  // The id of operation `number`, as a text.
  [[nodiscard]] static std::string id(int number) {
    return "01990000-0000-7000-8000-0000000000" + std::to_string(10 + number);
  }
  // The same as a row has it, in hexadecimal.
  [[nodiscard]] static std::string hex_of(int number) {
    std::string hex;
    for (const char c : id(number)) {
      if (c != '-') hex += c;
    }
    return hex;
  }
  // It waits, or has that state.
  void add(int number, int state = 0) {
    run("INSERT INTO operations (id, entity_type, entity_id, action, schema, state, block_reason, "
        "effect, attempts, due_ms, wait, waiting_since_ms, alone, first_sent_ms, last_sent_ms, "
        "created_ms, settled_ms, adopted, cause, hash, bytes, payload) VALUES (x'" +
        hex_of(number) + "', 'pr', 'p" + std::to_string(number) + "', 'update', 1, " +
        std::to_string(state) +
        ", 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, '', zeroblob(32), 100, randomblob(400))");
  }
  void run(const std::string& sql) {
    const store::PageChecksums checksums(disk_.vfs_name());
    world::SqliteSession session(checksums.vfs_name(), kPath);
    REQUIRE(session.run(sql) == SQLITE_OK);
  }

 private:
  world::MemoryDisk& disk_;
};

}  // namespace landfall::oracles
