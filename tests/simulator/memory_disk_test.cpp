#include "simulator/world/memory_disk.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "tests/simulator/sqlite_session.hpp"

namespace landfall::world {
namespace {

constexpr const char* kDb = "/phone/partitions/a.db";
constexpr const char* kWal = "/phone/partitions/a.db-wal";

Draw draws_of(std::uint64_t seed) {
  return [random = std::make_shared<Random>(seed)] { return random->next(); };
}

SqliteSession open_wal(const MemoryDisk& disk, const std::string& synchronous = "FULL") {
  SqliteSession session(disk, kDb);
  session.run("PRAGMA journal_mode=WAL");
  session.run("PRAGMA synchronous=" + synchronous);
  return session;
}

std::string integrity(SqliteSession& session) {
  return session.text("PRAGMA integrity_check").value_or("cannot be read");
}

std::string count(SqliteSession& session) {
  return session.text("SELECT count(*) FROM t").value_or("cannot be read");
}

TEST_CASE("the disk offers itself to SQLite under a name of its own while it lives") {
  std::string name;
  {
    MemoryDisk disk(draws_of(1));
    const MemoryDisk other(draws_of(1));
    name = disk.vfs_name();
    CHECK(name != other.vfs_name());
    CHECK(sqlite3_vfs_find(name.c_str()) != nullptr);
  }
  CHECK(sqlite3_vfs_find(name.c_str()) == nullptr);
}

TEST_CASE("a reader sees the writer's commits, and an open read stays in its snapshot") {
  MemoryDisk disk(draws_of(1));
  SqliteSession writer = open_wal(disk);
  SqliteSession reader = open_wal(disk);
  REQUIRE(writer.run("CREATE TABLE t(a); INSERT INTO t VALUES(1)") == SQLITE_OK);
  CHECK(count(reader) == "1");

  REQUIRE(reader.run("BEGIN; SELECT * FROM t") == SQLITE_OK);
  REQUIRE(writer.run("INSERT INTO t VALUES(2)") == SQLITE_OK);
  CHECK(count(reader) == "1");
  REQUIRE(reader.run("COMMIT") == SQLITE_OK);
  CHECK(count(reader) == "2");
}

TEST_CASE("a second writer is busy until the first one commits") {
  MemoryDisk disk(draws_of(1));
  SqliteSession one = open_wal(disk);
  SqliteSession two = open_wal(disk);
  REQUIRE(one.run("CREATE TABLE t(a); BEGIN IMMEDIATE; INSERT INTO t VALUES(1)") == SQLITE_OK);
  CHECK(two.run("INSERT INTO t VALUES(2)") == SQLITE_BUSY);
  REQUIRE(one.run("COMMIT") == SQLITE_OK);
  CHECK(two.run("INSERT INTO t VALUES(2)") == SQLITE_OK);
}

TEST_CASE("without WAL a reader keeps a writer from committing until it is done") {
  MemoryDisk disk(draws_of(1));
  SqliteSession writer(disk, kDb);
  SqliteSession reader(disk, kDb);
  REQUIRE(writer.run("CREATE TABLE t(a); INSERT INTO t VALUES(1)") == SQLITE_OK);
  REQUIRE(reader.run("BEGIN; SELECT * FROM t") == SQLITE_OK);
  REQUIRE(writer.run("BEGIN; INSERT INTO t VALUES(2)") == SQLITE_OK);
  CHECK(writer.run("COMMIT") == SQLITE_BUSY);

  SqliteSession newcomer(disk, kDb);
  CHECK(newcomer.run("SELECT * FROM t") == SQLITE_BUSY);
  REQUIRE(reader.run("COMMIT") == SQLITE_OK);
  CHECK(writer.run("COMMIT") == SQLITE_OK);
  CHECK(count(reader) == "2");
}

TEST_CASE("a checkpoint moves the WAL into the database, as far as readers let it") {
  MemoryDisk disk(draws_of(1));
  SqliteSession writer = open_wal(disk);
  SqliteSession reader = open_wal(disk);
  REQUIRE(writer.run("CREATE TABLE t(a); INSERT INTO t VALUES(1)") == SQLITE_OK);
  REQUIRE(reader.run("BEGIN; SELECT * FROM t") == SQLITE_OK);
  REQUIRE(writer.run("INSERT INTO t VALUES(2)") == SQLITE_OK);
  CHECK(writer.text("PRAGMA wal_checkpoint(TRUNCATE)") == "1");
  CHECK_FALSE(disk.read_file(kWal)->empty());

  REQUIRE(reader.run("COMMIT") == SQLITE_OK);
  CHECK(writer.text("PRAGMA wal_checkpoint(TRUNCATE)") == "0");
  CHECK(disk.read_file(kWal)->empty());
  CHECK(count(reader) == "2");
}

TEST_CASE("each durable commit costs one sync of the WAL, an ordered one none") {
  MemoryDisk disk(draws_of(1));
  SqliteSession session = open_wal(disk);
  REQUIRE(session.run("CREATE TABLE t(a)") == SQLITE_OK);
  const auto before = disk.syncs(kWal);
  REQUIRE(session.run("INSERT INTO t VALUES(1)") == SQLITE_OK);
  CHECK(disk.syncs(kWal) == before + 1);
  REQUIRE(session.run("PRAGMA synchronous=NORMAL; INSERT INTO t VALUES(2)") == SQLITE_OK);
  CHECK(disk.syncs(kWal) == before + 1);
  CHECK(disk.syncs("/nothing") == 0);
}

TEST_CASE("a disk without space refuses writes, and recovers once there is room") {
  MemoryDisk disk(draws_of(1));
  SqliteSession session = open_wal(disk);
  REQUIRE(session.run("CREATE TABLE t(a); INSERT INTO t VALUES(1)") == SQLITE_OK);
  disk.full_after(1);
  CHECK(session.run("INSERT INTO t VALUES(randomblob(20000))") == SQLITE_FULL);
  CHECK(session.run("INSERT INTO t VALUES(2)") == SQLITE_FULL);
  CHECK(disk.full_refusals() == 2);
  CHECK(count(session) == "1");
  disk.heal();
  CHECK(session.run("INSERT INTO t VALUES(3)") == SQLITE_OK);
  CHECK(count(session) == "2");
  CHECK(integrity(session) == "ok");
}

TEST_CASE("each kind of I/O error reaches SQLite with its own code, once or until it is healed") {
  MemoryDisk disk(draws_of(1));
  SqliteSession session = open_wal(disk);
  REQUIRE(session.run("CREATE TABLE t(a)") == SQLITE_OK);
  const auto insert = [&] { return session.run("INSERT INTO t VALUES(1)"); };

  disk.fail_io(IoKind::kWrite, FaultMode::kOneShot);
  CHECK(insert() == SQLITE_IOERR_WRITE);
  CHECK(insert() == SQLITE_OK);
  disk.fail_io(IoKind::kSync, FaultMode::kSticky);
  CHECK(insert() == SQLITE_IOERR_FSYNC);
  CHECK(insert() == SQLITE_IOERR_FSYNC);
  disk.heal();
  CHECK(insert() == SQLITE_OK);
  disk.fail_io(IoKind::kLock, FaultMode::kOneShot, 1);
  CHECK(insert() == SQLITE_IOERR_SHMLOCK);
  disk.fail_io(IoKind::kTruncate, FaultMode::kOneShot);
  CHECK(session.run("PRAGMA wal_checkpoint(TRUNCATE)") == SQLITE_IOERR_TRUNCATE);
  disk.fail_io(IoKind::kOpen, FaultMode::kOneShot);
  CHECK(SqliteSession(disk, kDb).run("SELECT 1") == SQLITE_CANTOPEN);

  CHECK(disk.faults_fired(IoKind::kWrite) == 1);
  CHECK(disk.faults_fired(IoKind::kSync) == 2);
  CHECK(disk.faults_fired(IoKind::kRead) == 0);
}

TEST_CASE("an error while reading is reported, and the next read works") {
  MemoryDisk disk(draws_of(1));
  {
    SqliteSession session = open_wal(disk);
    REQUIRE(session.run("CREATE TABLE t(a); INSERT INTO t VALUES(1)") == SQLITE_OK);
  }
  SqliteSession session(disk, kDb);
  disk.fail_io(IoKind::kRead, FaultMode::kOneShot, 1);
  CHECK_FALSE(session.text("SELECT count(*) FROM t"));
  CHECK((session.code() & 0xff) == SQLITE_IOERR);
  CHECK(count(session) == "1");
}

TEST_CASE("a flipped bit is detected") {
  MemoryDisk disk(draws_of(1));
  {
    SqliteSession session = open_wal(disk);
    REQUIRE(session.run("CREATE TABLE t(a PRIMARY KEY); INSERT INTO t VALUES('word')") ==
            SQLITE_OK);
  }
  // The number of cells of the table's root page, the second of 4096 bytes.
  REQUIRE(disk.flip_bit(kDb, (4096 + 4) * 8));
  SqliteSession session(disk, kDb);
  CHECK(integrity(session) != "ok");
  CHECK_FALSE(disk.flip_bit(kDb, std::size_t{1} << 40));
  CHECK_FALSE(disk.flip_bit("/nothing", 0));
}

TEST_CASE("files are listed, planted and removed from outside") {
  MemoryDisk disk(draws_of(1));
  {
    SqliteSession session = open_wal(disk);
    REQUIRE(session.run("CREATE TABLE t(a)") == SQLITE_OK);
    CHECK(disk.list_files() == std::vector<std::string>{kDb, kWal});
  }
  const Bytes saved = *disk.read_file(kDb);
  CHECK(disk.erase_file(kDb));
  CHECK_FALSE(disk.erase_file(kDb));
  CHECK_FALSE(disk.read_file(kDb));

  disk.write_file(kDb, saved);
  disk.power_cut(draws_of(2));
  disk.revive();
  CHECK(disk.read_file(kDb) == saved);

  disk.write_file("/phone/b.db", Bytes(8192, 'x'));
  SqliteSession session(disk, "/phone/b.db");
  CHECK(session.run("SELECT * FROM t") == SQLITE_NOTADB);
}

TEST_CASE("from a crash to revival every I/O fails, and old connections stay dead") {
  MemoryDisk disk(draws_of(1));
  SqliteSession old = open_wal(disk);
  REQUIRE(old.run("CREATE TABLE t(a)") == SQLITE_OK);
  disk.crash_at(disk.io_operations() + 1);
  CHECK(old.run("INSERT INTO t VALUES(1)") == SQLITE_IOERR_WRITE);
  CHECK(disk.is_dead());
  CHECK(SqliteSession(disk, kDb).run("SELECT 1") == SQLITE_CANTOPEN);

  disk.kill();
  disk.revive();
  CHECK_FALSE(disk.is_dead());
  SqliteSession next = open_wal(disk);
  CHECK(next.run("INSERT INTO t VALUES(2)") == SQLITE_OK);
  CHECK(old.run("INSERT INTO t VALUES(3)") != SQLITE_OK);
  old.close();
  CHECK(next.run("INSERT INTO t VALUES(4)") == SQLITE_OK);
  CHECK(count(next) == "2");
}

TEST_CASE("an armed crash can be disarmed") {
  MemoryDisk disk(draws_of(1));
  disk.crash_at(0);
  disk.disarm();
  SqliteSession session = open_wal(disk);
  CHECK(session.run("CREATE TABLE t(a)") == SQLITE_OK);
  CHECK_FALSE(disk.is_dead());
}

TEST_CASE("a directory has one owner; giving it up or a crash frees it") {
  MemoryDisk disk(draws_of(1));
  auto first = disk.lock_directory("/phone");
  REQUIRE(first);
  CHECK(first->path() == "/phone");
  CHECK_FALSE(disk.lock_directory("/phone"));
  CHECK(disk.lock_directory("/other"));
  first.reset();
  first = disk.lock_directory("/phone");
  REQUIRE(first);

  disk.kill();
  CHECK_FALSE(disk.lock_directory("/phone"));
  disk.revive();
  const auto second = disk.lock_directory("/phone");
  CHECK(second);
  // The dead process's token goes last and must not free what the living one holds.
  first.reset();
  CHECK_FALSE(disk.lock_directory("/phone"));
}

TEST_CASE("SQLite gets its time from the disk's clock") {
  std::int64_t now_ms = 1'700'000'000'000;
  MemoryDisk disk(draws_of(1), [&] { return now_ms; });
  SqliteSession session(disk, kDb);
  CHECK(session.text("SELECT strftime('%s','now')") == "1700000000");
  now_ms += 5000;
  CHECK(session.text("SELECT strftime('%s','now')") == "1700000005");
}

}  // namespace
}  // namespace landfall::world
