#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "engine/base/random.hpp"
#include "simulator/world/memory_disk.hpp"
#include "tests/simulator/sqlite_session.hpp"

namespace landfall::world {
namespace {

constexpr const char* kDb = "/phone/a.db";
constexpr int kTransactions = 40;

Draw draws_of(std::uint64_t seed) {
  return [random = std::make_shared<Random>(seed)] { return random->next(); };
}

struct Pragmas {
  std::string journal = "WAL";
  std::string synchronous = "FULL";
};

SqliteSession open_queue(const MemoryDisk& disk, const Pragmas& pragmas) {
  SqliteSession session(disk, kDb);
  session.run("PRAGMA journal_mode=" + pragmas.journal);
  session.run("PRAGMA synchronous=" + pragmas.synchronous);
  session.run("PRAGMA wal_autocheckpoint=20");
  session.run("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, state INT, body BLOB)");
  session.run("CREATE INDEX IF NOT EXISTS by_state ON t(state, id)");
  return session;
}

// Commits until the disk dies; what is in the answer was acknowledged by SQLite.
std::set<int> commit_until_dead(MemoryDisk& disk, const Pragmas& pragmas) {
  std::set<int> acknowledged;
  SqliteSession session = open_queue(disk, pragmas);
  for (int id = 0; id < kTransactions && !disk.is_dead(); ++id) {
    const std::string number = std::to_string(id);
    const std::string bytes = std::to_string(100 + id * 977 % 3000);
    std::string sql = "BEGIN IMMEDIATE; INSERT INTO t VALUES(";
    sql.append(number).append(", 0, randomblob(").append(bytes).append("));");
    sql.append("UPDATE t SET state=1 WHERE id=").append(number).append("-3; COMMIT");
    const int code = session.run(sql);
    if (code == SQLITE_OK) acknowledged.insert(id);
  }
  return acknowledged;
}

struct Tally {
  int runs = 0;
  int lost = 0;
  int damaged = 0;
};

void examine(const MemoryDisk& disk, const Pragmas& pragmas, const std::set<int>& acknowledged,
             Tally& tally) {
  ++tally.runs;
  SqliteSession session = open_queue(disk, pragmas);
  if (session.text("PRAGMA integrity_check") != "ok") ++tally.damaged;
  for (const int id : acknowledged) {
    const auto found = session.text("SELECT id FROM t WHERE id=" + std::to_string(id));
    if (!found) ++tally.lost;
  }
}

using Crash = void (*)(MemoryDisk&, const Draw&);

// One run for each point at which the process can die, then a second death during recovery.
Tally crash_everywhere(const Pragmas& pragmas, std::uint64_t seeds, std::uint64_t step,
                       Crash crash) {
  std::uint64_t changes = 0;
  {
    MemoryDisk disk(draws_of(0));
    commit_until_dead(disk, pragmas);
    changes = disk.io_operations();
  }
  Tally tally;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    for (std::uint64_t at = seed % step; at < changes; at += step) {
      const Draw draw = draws_of(seed * 1'000'003 + at);
      MemoryDisk disk(draw);
      disk.crash_at(at);
      const std::set<int> acknowledged = commit_until_dead(disk, pragmas);
      crash(disk, draw);
      disk.revive();
      disk.crash_at(disk.io_operations() + draw() % 8);
      open_queue(disk, pragmas);
      crash(disk, draw);
      disk.revive();
      examine(disk, pragmas, acknowledged, tally);
    }
  }
  return tally;
}

void cut(MemoryDisk& disk, const Draw& draw) { disk.power_cut(draw); }
void kill(MemoryDisk& disk, const Draw&) { disk.kill(); }

TEST_CASE("a power cut at any I/O loses no commit that was synced, and harms no database") {
  const Tally tally = crash_everywhere({"WAL", "FULL"}, 3, 1, cut);
  CHECK(tally.runs > 500);
  CHECK(tally.lost == 0);
  CHECK(tally.damaged == 0);
}

TEST_CASE("a power cut takes commits that were not synced, without harm to the database") {
  const Tally tally = crash_everywhere({"WAL", "NORMAL"}, 3, 3, cut);
  CHECK(tally.lost > 0);
  CHECK(tally.damaged == 0);
}

TEST_CASE("a power cut harms a database that never syncs") {
  const Tally tally = crash_everywhere({"WAL", "OFF"}, 3, 3, cut);
  CHECK(tally.lost > 0);
  CHECK(tally.damaged > 0);
}

TEST_CASE("a power cut loses nothing under a rollback journal that is synced with its directory") {
  const Tally tally = crash_everywhere({"DELETE", "EXTRA"}, 1, 3, cut);
  CHECK(tally.lost == 0);
  CHECK(tally.damaged == 0);
}

TEST_CASE("a kill at any I/O loses nothing, synced or not") {
  const Tally normal = crash_everywhere({"WAL", "NORMAL"}, 1, 1, kill);
  CHECK(normal.lost == 0);
  CHECK(normal.damaged == 0);
  const Tally off = crash_everywhere({"WAL", "OFF"}, 1, 3, kill);
  CHECK(off.lost == 0);
  CHECK(off.damaged == 0);
}

// Over many cuts: did the file ever stay, and was it ever gone?
struct Fates {
  bool ever_there = false;
  bool ever_gone = false;
};

Fates cut_often(const std::string& name, const std::function<void(MemoryDisk&)>& before) {
  Fates fates;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Draw draw = draws_of(seed);
    MemoryDisk disk(draw);
    before(disk);
    disk.power_cut(draw);
    const bool is_there = disk.read_file(name).has_value();
    (is_there ? fates.ever_there : fates.ever_gone) = true;
  }
  return fates;
}

TEST_CASE("a power cut may take a new file's name or give a removed file back, until a sync") {
  const std::string wal = std::string(kDb) + "-wal";
  const auto write = [](MemoryDisk& disk, const std::string& synchronous) {
    SqliteSession session = open_queue(disk, {"WAL", synchronous});
    session.run("INSERT INTO t VALUES(1, 0, 'x')");
    return session;
  };
  const Fates created = cut_often(wal, [&](MemoryDisk& disk) {
    const SqliteSession session = write(disk, "OFF");
    disk.kill();
  });
  CHECK(created.ever_there);
  CHECK(created.ever_gone);

  const Fates synced = cut_often(wal, [&](MemoryDisk& disk) {
    const SqliteSession session = write(disk, "FULL");
    disk.kill();
  });
  CHECK_FALSE(synced.ever_gone);

  const Fates removed = cut_often(wal, [&](MemoryDisk& disk) { write(disk, "FULL"); });
  CHECK(removed.ever_there);
  CHECK(removed.ever_gone);
}

Bytes media_after_a_cut(std::uint64_t seed) {
  const Draw draw = draws_of(seed);
  MemoryDisk disk(draw);
  disk.crash_at(70);
  commit_until_dead(disk, {"WAL", "NORMAL"});
  disk.power_cut(draw);
  Bytes all;
  for (const std::string& name : disk.list_files()) {
    const Bytes bytes = *disk.read_file(name);
    all.insert(all.end(), name.begin(), name.end());
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

TEST_CASE("equal draws leave equal bytes on the medium, other draws others") {
  CHECK(media_after_a_cut(5) == media_after_a_cut(5));
  CHECK(media_after_a_cut(5) != media_after_a_cut(6));
}

}  // namespace
}  // namespace landfall::world
