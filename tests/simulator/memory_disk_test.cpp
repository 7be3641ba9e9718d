#include "simulator/world/memory_disk.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/store/database.hpp"
#include "schema/embedded.hpp"
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

TEST_CASE("a crash in a transaction by its label comes in the next one that has it, and no other") {
  MemoryDisk disk(draws_of(1));
  auto database = store::Database::open({kDb, disk.vfs_name(), schema::partition_migrations()});
  REQUIRE(database.has_value());
  const auto write = [&](const char* label) {
    return (*database)->write(label, store::Durability::durable, [](store::Transaction& tx) {
      return tx.run("INSERT OR REPLACE INTO meta VALUES ('a', hex(randomblob(8)))");
    });
  };
  disk.crash_in("test.this", 2);
  CHECK(write("test.other").has_value());
  CHECK_FALSE(disk.is_dead());
  const auto before = disk.io_operations();
  CHECK_FALSE(write("test.this").has_value());
  CHECK(disk.is_dead());
  CHECK(disk.io_operations() >= before + 2);
  database->reset();
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

  disk.fail_io(IoKind::write, FaultMode::one_shot);
  CHECK(insert() == SQLITE_IOERR_WRITE);
  CHECK(insert() == SQLITE_OK);
  disk.fail_io(IoKind::sync, FaultMode::sticky);
  CHECK(insert() == SQLITE_IOERR_FSYNC);
  CHECK(insert() == SQLITE_IOERR_FSYNC);
  disk.heal();
  CHECK(insert() == SQLITE_OK);
  disk.fail_io(IoKind::lock, FaultMode::one_shot, 1);
  CHECK(insert() == SQLITE_IOERR_SHMLOCK);
  disk.fail_io(IoKind::truncate, FaultMode::one_shot);
  CHECK(session.run("PRAGMA wal_checkpoint(TRUNCATE)") == SQLITE_IOERR_TRUNCATE);
  disk.fail_io(IoKind::open, FaultMode::one_shot);
  CHECK(SqliteSession(disk, kDb).run("SELECT 1") == SQLITE_CANTOPEN);

  CHECK(disk.faults_fired(IoKind::write) == 1);
  CHECK(disk.faults_fired(IoKind::sync) == 2);
  CHECK(disk.faults_fired(IoKind::read) == 0);
}

TEST_CASE("an error while reading is reported, and the next read works") {
  MemoryDisk disk(draws_of(1));
  {
    SqliteSession session = open_wal(disk);
    REQUIRE(session.run("CREATE TABLE t(a); INSERT INTO t VALUES(1)") == SQLITE_OK);
  }
  SqliteSession session(disk, kDb);
  disk.fail_io(IoKind::read, FaultMode::one_shot, 1);
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

TEST_CASE("locks and the WAL index die with the process, though its connections are still open") {
  MemoryDisk disk(draws_of(1));
  SqliteSession old = open_wal(disk);
  REQUIRE(old.run("CREATE TABLE t(a); BEGIN IMMEDIATE; INSERT INTO t VALUES(1)") == SQLITE_OK);
  disk.kill();
  disk.revive();
  SqliteSession next = open_wal(disk);
  CHECK(next.run("INSERT INTO t VALUES(2)") == SQLITE_OK);
  CHECK(next.text("PRAGMA wal_checkpoint(TRUNCATE)") == "0");
  CHECK(old.run("COMMIT") != SQLITE_OK);
  CHECK(count(next) == "1");
}

// A file opened as SQLite opens one, for what no database does on demand.
class RawFile final {
 public:
  RawFile(const MemoryDisk& disk, const char* name, int flags)
      : vfs_(sqlite3_vfs_find(disk.vfs_name().c_str())),
        memory_(static_cast<std::size_t>(vfs_->szOsFile)) {
    code_ = vfs_->xOpen(vfs_, name, file(), flags, nullptr);
  }
  ~RawFile() {
    if (code_ == SQLITE_OK) file()->pMethods->xClose(file());
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  [[nodiscard]] int code() const { return code_; }
  int write(const std::string& text) {
    return file()->pMethods->xWrite(file(), text.data(), static_cast<int>(text.size()), 0);
  }
  int sync(int flags) { return file()->pMethods->xSync(file(), flags); }
  int remove(const char* name) { return vfs_->xDelete(vfs_, name, 0); }

 private:
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }

  sqlite3_vfs* vfs_;
  std::vector<unsigned char> memory_;
  int code_ = SQLITE_OK;
};

constexpr int kNewFile = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

TEST_CASE("a sync of the data alone does not make a new file's name durable") {
  for (const int flags : {SQLITE_SYNC_NORMAL, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY}) {
    bool ever_gone = false;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      const Draw draw = draws_of(seed);
      MemoryDisk disk(draw);
      RawFile file(disk, kDb, kNewFile);
      CHECK(file.write("text") == SQLITE_OK);
      CHECK(file.sync(flags) == SQLITE_OK);
      disk.power_cut(draw);
      ever_gone |= !disk.read_file(kDb).has_value();
    }
    CHECK(ever_gone == ((flags & SQLITE_SYNC_DATAONLY) != 0));
  }
}

TEST_CASE("opening and removing answer with the codes of SQLite's own VFS") {
  MemoryDisk disk(draws_of(1));
  CHECK(RawFile(disk, kDb, SQLITE_OPEN_READWRITE).code() == SQLITE_CANTOPEN);
  RawFile file(disk, kDb, kNewFile);
  REQUIRE(file.code() == SQLITE_OK);
  CHECK(RawFile(disk, kDb, kNewFile | SQLITE_OPEN_EXCLUSIVE).code() == SQLITE_CANTOPEN);
  CHECK(file.remove("/nothing") == SQLITE_IOERR_DELETE_NOENT);
  disk.fail_io(IoKind::remove, FaultMode::one_shot);
  CHECK(file.remove(kDb) == SQLITE_IOERR_DELETE);
  CHECK(file.remove(kDb) == SQLITE_OK);
  CHECK(disk.list_files().empty());
  CHECK(file.write("an open file outlives its name") == SQLITE_OK);

  RawFile temporary(disk, nullptr, kNewFile | SQLITE_OPEN_DELETEONCLOSE);
  CHECK(temporary.write("nobody else sees it") == SQLITE_OK);
  CHECK(disk.list_files().empty());
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
