#include "engine/store/database.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/random.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;

namespace {

std::string setting(const Reader& reader, const std::string& name) {
  auto rows = reader.select("PRAGMA " + name);
  REQUIRE(rows.has_value());
  REQUIRE(rows->next() == true);
  if (name == "journal_mode" || name == "encoding" || name == "locking_mode")
    return std::string(rows->text(0));
  return std::to_string(rows->integer(0));
}

}  // namespace

TEST_CASE("a write is seen by the next read and survives closing and opening") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  {
    auto database = open_database(path);
    REQUIRE(add_item(*database, "one"));
    CHECK(has_item(*database, "one"));
  }
  auto database = open_database(path);
  CHECK(has_item(*database, "one"));
  CHECK(database->integrity_check().has_value());
  const auto tables = database->tables();
  REQUIRE(tables.has_value());
  for (const std::string& table : *tables) CHECK(database->quick_check(table).has_value());
  CHECK(database->foreign_key_check().has_value());
}

TEST_CASE("a step that changes no row has no number and adds nothing to the log") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"));
  const auto empty_twice = [&] {
    for (const auto durability : {Durability::durable, Durability::ordered}) {
      const auto seq = database->commit_seq();
      const auto log_bytes = database->wal_bytes();
      const auto status =
          database->write("t.nothing", durability, [](Transaction& transaction) -> Status {
            LANDFALL_TRY(transaction.run("DELETE FROM items WHERE name='never'"));
            return {};
          });
      CHECK(status.has_value());
      CHECK(database->commit_seq() == seq);
      CHECK(database->wal_bytes() == log_bytes);
    }
  };
  empty_twice();
  REQUIRE(add_item(*database, "one"));
  empty_twice();
  // Without a condition SQLite would write the page of the empty table anew.
  const auto remove_all = [](Transaction& transaction) -> Status {
    LANDFALL_TRY(transaction.run("DELETE FROM items"));
    return {};
  };
  REQUIRE(database->write("t.all", Durability::durable, remove_all));
  const auto log_bytes = database->wal_bytes();
  REQUIRE(database->write("t.all", Durability::durable, remove_all));
  CHECK(database->wal_bytes() == log_bytes);
  REQUIRE(add_item(*database, "two"));
}

TEST_CASE("the error of a step rolls back and is returned; the next write works") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"));
  const auto seq_before = database->commit_seq();
  const auto status =
      database->write("t.fails", Durability::durable, [&](Transaction& transaction) -> Status {
        LANDFALL_TRY(transaction.run("INSERT INTO items(name) VALUES('gone')"));
        return failure(ErrorClass::invalid, "t.refused", "no");
      });
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == "t.refused");
  CHECK(count_items(*database) == 0);
  CHECK(database->commit_seq() == seq_before);
  CHECK_FALSE(database->is_broken());
  CHECK(add_item(*database, "one"));
}

TEST_CASE("an exception out of a step rolls back and leaves the gate") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"));
  const auto throwing = [&](Transaction& transaction) -> Status {
    LANDFALL_TRY(transaction.run("INSERT INTO items(name) VALUES('gone')"));
    throw std::runtime_error("a library threw");
  };
  CHECK_THROWS_AS(database->write("t.throws", Durability::durable, throwing), std::runtime_error);
  CHECK(count_items(*database) == 0);
  CHECK(add_item(*database, "one"));
}

TEST_CASE("a violated constraint is an error of the step and breaks nothing") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"));
  REQUIRE(add_item(*database, "one"));
  const auto status = add_item(*database, "one");
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == "store.constraint");
  CHECK_FALSE(database->is_broken());
  CHECK(add_item(*database, "two"));
}

TEST_CASE(
    "a reference that is open at the commit is refused, not unknown; cascades work without "
    "triggers") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"));
  const auto status =
      database->write("t.orphan", Durability::durable, [](Transaction& transaction) -> Status {
        LANDFALL_TRY(transaction.run("INSERT INTO parts(item) VALUES(77)"));
        return {};
      });
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == "store.constraint");
  CHECK_FALSE(database->is_broken());

  const auto left = database->write(
      "t.cascade", Durability::durable, [](Transaction& transaction) -> Result<bool> {
        LANDFALL_TRY(transaction.run("INSERT INTO items(id, name) VALUES(1, 'one')"));
        LANDFALL_TRY(transaction.run("INSERT INTO parts(item) VALUES(1)"));
        LANDFALL_TRY(transaction.run("DELETE FROM items WHERE id=1"));
        LANDFALL_TRY_ASSIGN(Rows rows, transaction.select("SELECT 1 FROM parts"));
        return rows.next();
      });
  CHECK(left == false);
}

TEST_CASE(
    "commit_seq rises by one a commit, is known inside it, in a snapshot of it, and after "
    "reopening") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  std::uint64_t last = 0;
  {
    auto database = open_database(path);
    for (int i = 0; i < 5; ++i) {
      const auto inside = database->write(
          "t.seq", i % 2 == 0 ? Durability::durable : Durability::ordered,
          [&](Transaction& transaction) -> Result<std::uint64_t> {
            LANDFALL_TRY(transaction.run("INSERT INTO items(name) VALUES(?1)", i + 1));
            return transaction.commit_seq();
          });
      REQUIRE(inside.has_value());
      CHECK(*inside == last + 1);
      CHECK(database->commit_seq() == *inside);
      const auto seen = database->read(
          [](const Snapshot& snapshot) -> Result<std::uint64_t> { return snapshot.commit_seq(); });
      CHECK(seen == *inside);
      last = *inside;
    }
  }
  CHECK(open_database(path)->commit_seq() == last);
}

TEST_CASE("a snapshot does not wait for a writer, and does not change while later commits happen") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"));
  REQUIRE(add_item(*database, "one"));
  const auto status = database->read([&](const Snapshot& snapshot) -> Status {
    const auto seq = snapshot.commit_seq();
    REQUIRE(add_item(*database, "two"));
    CHECK(snapshot.commit_seq() == seq);
    LANDFALL_TRY_ASSIGN(Rows rows, snapshot.select("SELECT count(*) FROM items"));
    REQUIRE(rows.next() == true);
    CHECK(rows.integer(0) == 1);
    return {};
  });
  CHECK(status.has_value());
  const auto during =
      database->write("t.open", Durability::durable, [&](Transaction& transaction) -> Status {
        LANDFALL_TRY(transaction.run("INSERT INTO items(name) VALUES('three')"));
        CHECK(count_items(*database) == 2);
        return {};
      });
  CHECK(during.has_value());
  CHECK(count_items(*database) == 3);
}

TEST_CASE("reads are bounded by their connections and free them again") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"));
  const auto nested = [&](auto& self, int depth) -> Status {
    return database->read(
        [&](const Snapshot&) -> Status { return depth == 0 ? Status{} : self(self, depth - 1); });
  };
  CHECK(nested(nested, 3).has_value());
  const Status too_many = nested(nested, 4);
  REQUIRE_FALSE(too_many.has_value());
  CHECK(too_many.error().code == "store.busy");
  CHECK(too_many.error().kind == ErrorClass::busy);
  CHECK(nested(nested, 3).has_value());
}

TEST_CASE("a snapshot cannot write") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"));
  const auto status = database->read([](const Snapshot& snapshot) -> Status {
    LANDFALL_TRY_ASSIGN(Rows rows,
                        snapshot.select("INSERT INTO items(name) VALUES('x') RETURNING id"));
    LANDFALL_TRY(rows.next());
    return {};
  });
  CHECK_FALSE(status.has_value());
  CHECK(count_items(*database) == 0);
  CHECK_FALSE(database->is_broken());
}

TEST_CASE("every pragma is as the design says, on both kinds of connection") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"));
  const auto writer =
      database->write("t.pragmas", Durability::durable, [](Transaction& transaction) -> Status {
        CHECK(setting(transaction, "journal_mode") == "wal");
        CHECK(setting(transaction, "synchronous") == "2");
        CHECK(setting(transaction, "foreign_keys") == "1");
        CHECK(setting(transaction, "trusted_schema") == "0");
        CHECK(setting(transaction, "cell_size_check") == "1");
        CHECK(setting(transaction, "mmap_size") == "0");
        CHECK(setting(transaction, "secure_delete") == "1");
        CHECK(setting(transaction, "wal_autocheckpoint") == "0");
        CHECK(setting(transaction, "temp_store") == "2");
        CHECK(setting(transaction, "fullfsync") == "1");
        CHECK(setting(transaction, "checkpoint_fullfsync") == "1");
        CHECK(setting(transaction, "busy_timeout") == "100");
        CHECK(setting(transaction, "encoding") == "UTF-8");
        return {};
      });
  CHECK(writer.has_value());
  const auto reader = database->read([](const Snapshot& snapshot) -> Status {
    CHECK(setting(snapshot, "journal_mode") == "wal");
    CHECK(setting(snapshot, "query_only") == "1");
    CHECK(setting(snapshot, "trusted_schema") == "0");
    CHECK(setting(snapshot, "cell_size_check") == "1");
    CHECK(setting(snapshot, "mmap_size") == "0");
    return {};
  });
  CHECK(reader.has_value());
}

namespace {

class CountingGate final : public WriteGate {
 public:
  void enter(WritePriority priority) override {
    REQUIRE_FALSE(inside);
    inside = true;
    entered.push_back(priority);
  }
  void leave() noexcept override { inside = false; }

  std::vector<WritePriority> entered;
  bool inside = false;
};

}  // namespace

TEST_CASE(
    "every use of the write connection passes the gate, acknowledgements with their priority") {
  TemporaryDirectory directory;
  CountingGate gate;
  auto database = open_database(directory.file("a.db"), "", kTestMigrations, &gate);
  CHECK(gate.entered.empty());
  REQUIRE(add_item(*database, "one", Durability::durable));
  REQUIRE(add_item(*database, "two", Durability::ordered));
  REQUIRE_FALSE(add_item(*database, "two", Durability::durable));
  REQUIRE(database->checkpoint(CheckpointMode::passive));
  using enum WritePriority;
  CHECK(gate.entered == std::vector{acknowledgement, ordinary, acknowledgement, ordinary});
  CHECK_FALSE(gate.inside);
  CHECK(count_items(*database) == 2);
  CHECK(gate.entered.size() == 4);
}

TEST_CASE(
    "a checkpoint moves the log, waits for no reader when passive, and empties the log when "
    "truncating") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  auto database = open_database(path);
  for (int i = 0; i < 50; ++i) REQUIRE(add_item(*database, std::to_string(i)));
  CHECK(database->wal_bytes() > 50 * 4096);
  const auto status = database->read([&](const Snapshot& snapshot) -> Status {
    REQUIRE(snapshot.select("SELECT 1 FROM items").has_value());
    REQUIRE(add_item(*database, "later"));
    LANDFALL_TRY_ASSIGN(const Checkpoint passive, database->checkpoint(CheckpointMode::passive));
    CHECK(passive.frames_left > 0);
    const auto truncating = database->checkpoint(CheckpointMode::truncate);
    REQUIRE_FALSE(truncating.has_value());
    CHECK(truncating.error().code == "store.busy");
    return {};
  });
  CHECK(status.has_value());
  CHECK_FALSE(database->is_broken());
  const auto truncated = database->checkpoint(CheckpointMode::truncate);
  REQUIRE(truncated.has_value());
  CHECK(truncated->frames_left == 0);
  CHECK(database->wal_bytes() == 0);
  CHECK(read_file(path + "-wal").empty());
  CHECK(count_items(*database) == 51);
}

TEST_CASE(
    "readers on other threads see whole commits, each with its own number, while a writer goes "
    "on") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"));
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      std::uint64_t last = 0;
      while (!done.load()) {
        const std::uint64_t at_least = database->commit_seq();
        const auto pair =
            database->read([](const Snapshot& snapshot) -> Result<std::pair<std::uint64_t, bool>> {
              LANDFALL_TRY_ASSIGN(Rows rows, snapshot.select("SELECT count(*) FROM items"));
              LANDFALL_TRY_ASSIGN(const auto count,
                                  rows.first([](const Rows& row) { return row.integer(0); }));
              return std::pair{snapshot.commit_seq(),
                               count == static_cast<std::int64_t>(snapshot.commit_seq())};
            });
        if (!pair || !pair->second || pair->first < at_least || pair->first < last) ++wrong;
        if (pair) last = pair->first;
      }
    });
  }
  int failed = 0;
  for (int i = 0; i < 500; ++i) {
    if (!add_item(*database, std::to_string(i), Durability::ordered)) ++failed;
    if (i % 100 == 99 && !database->checkpoint(CheckpointMode::passive)) ++failed;
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(failed == 0);
  CHECK(wrong == 0);
}

TEST_CASE("no shared-memory file is made") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  auto database = open_database(path);
  REQUIRE(add_item(*database, "one"));
  CHECK(count_items(*database) == 1);
  CHECK_FALSE(read_file(path + "-wal").empty());
  CHECK(read_file(path + "-shm").empty());
}

TEST_CASE("a step's own refusal is told apart from what the store says of itself") {
  CHECK(is_refusal({ErrorClass::invalid, "operation.invalid", ""}));
  CHECK(is_refusal({ErrorClass::refused, "conflict.not_open", ""}));
  CHECK(is_refusal({ErrorClass::busy, "pull.busy", ""}));
  CHECK_FALSE(is_refusal({ErrorClass::refused, "store.broken", ""}));
  CHECK_FALSE(is_refusal({ErrorClass::busy, "store.busy", ""}));
  CHECK_FALSE(is_refusal({ErrorClass::storage_full, "storage.full", ""}));
  CHECK_FALSE(is_refusal({ErrorClass::corrupt, "store.corrupt", ""}));
}

TEST_CASE("what is set late is read from its commit on, and never by an older snapshot") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"));
  const auto set = [&](std::int64_t value, const Status& outcome) {
    return database->write("t.late", Durability::ordered, [&](Transaction& tx) -> Status {
      CounterTable::set_late(tx, "late", value);
      CHECK(CounterTable::get(tx, "late") == value);
      return outcome;
    });
  };
  const auto seen = [](const Reader& reader) { return CounterTable::get(reader, "late"); };
  const auto now = [&] { return database->read(seen); };
  REQUIRE(set(1, {}));
  CHECK(now() == 1);
  // A step that is taken back sets nothing.
  CHECK_FALSE(set(2, failure(ErrorClass::invalid, "t.refused", "no")).has_value());
  CHECK(now() == 1);
  const auto older = database->read([&](const Snapshot& snapshot) -> Result<std::int64_t> {
    LANDFALL_TRY(add_item(*database, "one"));
    LANDFALL_TRY(set(3, {}));
    return seen(snapshot);
  });
  CHECK(older == 0);  // of the file, as it was
  CHECK(now() == 3);
  // The next transaction sees it, writes it, and nothing is left to write at the end.
  REQUIRE(database->write("t.see", Durability::ordered, [&](Transaction& tx) -> Status {
    CHECK(seen(tx) == 3);
    return {};
  }));
  REQUIRE(add_item(*database, "two"));
  const auto seq = database->commit_seq();
  database.reset();
  database = open_database(directory.file("a.db"));
  CHECK(now() == 3);
  CHECK(database->commit_seq() == seq);
}

TEST_CASE("a counter is what was committed of it, whoever reads it and however it was written") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"));
  constexpr std::array<std::string_view, 3> kNames = {"a", "b", "late"};
  std::map<std::string_view, std::int64_t> committed;
  Random random(5);
  for (int step = 0; step < 2'000; ++step) {
    auto expected = committed;
    const bool is_refused = random.chance(0.2);
    const bool adds_item = random.chance(0.3);
    const Status written =
        database->write("t.count", Durability::ordered, [&](Transaction& tx) -> Status {
          for (std::uint64_t count = random.below(4); count > 0; --count) {
            const std::string_view name = kNames[random.below(kNames.size())];
            const auto value = static_cast<std::int64_t>(random.below(100));
            if (name == "late") {
              CounterTable::set_late(tx, name, value);
              expected[name] = value;
            } else if (random.chance(0.3)) {
              LANDFALL_TRY(CounterTable::set(tx, name, value));
              expected[name] = value;
            } else {
              CounterTable::add(tx, {name, value});
              expected[name] += value;
            }
            if (random.chance(0.5)) REQUIRE(CounterTable::get(tx, name) == expected[name]);
          }
          if (adds_item)
            LANDFALL_TRY(tx.run("INSERT INTO items (name) VALUES (?1)", std::to_string(step)));
          if (is_refused) return failure(ErrorClass::invalid, "t.refused", "no");
          return {};
        });
    REQUIRE(written.has_value() == !is_refused);
    if (!is_refused) committed = expected;
    if (step % 100 == 0) {
      database.reset();
      database = open_database(directory.file("a.db"));
    }
    for (const std::string_view name : kNames) {
      const auto get = [&](const Reader& reader) { return CounterTable::get(reader, name); };
      REQUIRE(database->read(get) == committed[name]);
      if (random.chance(0.3))
        REQUIRE(database->write("t.get", Durability::ordered,
                                [&](Transaction& tx) { return get(tx); }) == committed[name]);
    }
  }
}
