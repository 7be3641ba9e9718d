#include "engine/store/salvage.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/store/alias_table.hpp"
#include "engine/store/base_table.hpp"
#include "engine/store/conflict_table.hpp"
#include "engine/store/damage_report.hpp"
#include "engine/store/key_check.hpp"
#include "engine/store/meta_table.hpp"
#include "engine/store/notification_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/reference_table.hpp"
#include "engine/store/sealer.hpp"
#include "tests/engine/store/fault_vfs.hpp"
#include "tests/engine/store/plain_database.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;
using sync::Operation;
using sync::OperationState;

namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr int kOperations = 80;
// Number 5 names what number 33 creates.
constexpr int kWaiting = 5;
constexpr int kCreate = 33;

OperationId id_of(int number) {
  OperationId id;
  id.bytes[0] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[1] = static_cast<std::uint8_t>(number);
  return id;
}

// What stood in the file: every column of an operation as text, by its seq.
using Rows = std::map<std::int64_t, std::string>;

// Without real syncs, which would be most of these tests' time.
FaultVfs& vfs() {
  static FaultVfs without_syncs;
  return without_syncs;
}

// A partition of many operations, closed: one in ten is settled, some are in flight, every fourth
// of a lane stands on the one before it.
class FilledPartition {
 public:
  FilledPartition() : random_({}), key_(SecretKey::generate(random_), 1, random_) {
    auto database = open(path());
    for (int number = 1; number <= kOperations; ++number) add(*database, number);
    add_others(*database);
    database.reset();
    bytes = read_file(path());
    rows = read_rows(path());
    REQUIRE(static_cast<int>(rows.size()) == kOperations);
  }

  [[nodiscard]] std::string path() const { return directory.file("p.db"); }
  [[nodiscard]] std::string fresh() const { return directory.file("fresh.db"); }
  Sealer& key() { return key_; }
  SeededSecureRandom& random() { return random_; }

  static std::unique_ptr<Database> open(const std::string& path) {
    return open_database(path, vfs().name(), schema::partition_migrations());
  }

  // What is salvaged of `damaged`, into `fresh`.
  Result<Salvaged> salvage(const std::string& damaged, const Sealer& key) {
    std::filesystem::remove(fresh());
    std::filesystem::remove(fresh() + "-wal");
    std::filesystem::remove(path() + "-wal");
    write_file(path(), damaged);
    auto salvaged = salvage_partition({path(), fresh(), vfs().name(), Instant{77}}, key);
    CHECK(read_file(path()) == damaged);
    return salvaged;
  }

  static Rows read_rows(const std::string& path) {
    auto database = open(path);
    const auto rows = database->read([](const Snapshot& snapshot) -> Result<Rows> {
      LANDFALL_TRY_ASSIGN(auto found, snapshot.select(kEveryColumn));
      Rows all;
      while (true) {
        LANDFALL_TRY_ASSIGN(const bool more, found.next());
        if (!more) return all;
        all[found.integer(0)] = std::string(found.text(1));
      }
    });
    REQUIRE(rows.has_value());
    return *rows;
  }

  TemporaryDirectory directory;
  std::string bytes;
  Rows rows;
  std::int64_t open_operations = 0;

 private:
  static constexpr std::string_view kEveryColumn =
      "SELECT seq, hex(id) || '|' || entity_type || '|' || entity_id || '|' || action || '|' || "
      "schema || '|' || hex(ifnull(after, '')) || '|' || ifnull(base_version, '') || '|' || state "
      "|| '|' || block_reason || '|' || effect || '|' || attempts || '|' || due_ms || '|' || wait "
      "|| '|' || hex(ifnull(batch, '')) || '|' || first_sent_ms || '|' || last_sent_ms || '|' || "
      "created_ms || '|' || settled_ms || '|' || cause || '|' || hex(hash) || '|' || bytes || '|' "
      "|| hex(payload) || '|' || hex(ifnull(attestation, '')) || '|' || hex(ifnull(result, '')) "
      "FROM operations ORDER BY seq";

  void add(Database& database, int number) {
    Operation operation;
    operation.id = id_of(number);
    operation.entity = {"pr", "lane " + std::to_string(number / 4)};
    operation.action = "update";
    operation.created_at = Instant{1'000 + number};
    operation.bytes = 100 + number;
    if (number % 4 > 1) operation.after = id_of(number - 1);
    const bool settled = number % 10 == 0;
    const OperationContent content{
        "{\"text\":\"" + std::string(static_cast<std::size_t>(number % 5) * 400, 'x') + "\"}",
        number % 3 == 0 ? std::optional<std::string>{"{}"} : std::nullopt};
    const auto added =
        database.write("test.add", Durability::ordered, [&](Transaction& tx) -> Status {
          LANDFALL_TRY_ASSIGN(
              operation.seq,
              OperationTable::insert(tx, key_, operation, OperationHash{std::byte{7}}, content));
          if (number % 7 == 0) {
            operation.state = OperationState::sending;
            operation.batch = BatchId{id_of(900).bytes};
            operation.attempts = 1;
            operation.first_sent_at = operation.last_sent_at = Instant{5'000};
          }
          if (settled) operation.state = OperationState::applied;
          if (!settled)
            LANDFALL_TRY(BaseTable::insert(tx, key_, operation.seq, operation.id, {3, "{}"}));
          LANDFALL_TRY(OperationTable::save(tx, operation));
          if (settled)
            LANDFALL_TRY(OperationTable::save_verdict(tx, key_, operation.id, "{\"a\":1}"));
          return {};
        });
    REQUIRE(added.has_value());
    if (!settled) ++open_operations;
  }

  // What stands beside the operations, one row of each.
  void add_others(Database& database) {
    const auto added =
        database.write("test.others", Durability::ordered, [&](Transaction& tx) -> Status {
          conflict::Conflict conflict;
          conflict.operation = id_of(10);
          conflict.entity = {"pr", "lane 2"};
          conflict.lost = {id_of(10)};
          conflict.body = Json{{"mine", 1}};
          LANDFALL_TRY(ConflictTable::insert(tx, key_, conflict));
          LANDFALL_TRY(AliasTable::insert(tx, {"pr", "lane 1"}, "server 1"));
          LANDFALL_TRY(ReferenceTable::insert(tx, kWaiting, id_of(kCreate)));
          LANDFALL_TRY(tx.run("INSERT INTO notices VALUES (4, ?1, 'failed', 'x', 1, 0)", id_of(1)));
          notify::Notification push;
          push.id = "push";
          LANDFALL_TRY(NotificationTable::insert(tx, key_, push, {"title", "body", std::nullopt}));
          return {};
        });
    REQUIRE(added.has_value());
  }

  SeededSecureRandom random_;
  Sealer key_;
};

bool is_held(const std::string& row) {
  return row.find("|store.corrupt|") != std::string::npos ||
         row.find("|dependency|") != std::string::npos;
}

bool stands_on_held(const Rows& rows, std::int64_t seq) {
  const auto below = rows.find(seq - 1);
  return seq % 4 > 1 && below != rows.end() && is_held(below->second);
}

// Each row of the new file is one of the old one to the byte, or stands on one that is lost, itself
// or by others: then it is held.
void check_rows(const FilledPartition& partition, const Salvaged& salvaged) {
  const Rows now = FilledPartition::read_rows(partition.fresh());
  std::int64_t open_operations = 0;
  for (const auto& [seq, row] : now) {
    REQUIRE(partition.rows.contains(seq));
    const bool waits_for_lost = row.find("|store.corrupt|") != std::string::npos;
    if (waits_for_lost) {
      CHECK_FALSE(now.contains(seq == kWaiting ? kCreate : seq - 1));
      CHECK(row.substr(0, 32) == partition.rows.at(seq).substr(0, 32));
    } else if (stands_on_held(now, seq) && seq % 10 != 0) {
      CHECK(row.find("|3|5|") != std::string::npos);
      CHECK(row.find("|dependency|") != std::string::npos);
      CHECK(row.substr(0, 32) == partition.rows.at(seq).substr(0, 32));
    } else {
      CHECK(row == partition.rows.at(seq));
    }
    if (seq % 10 != 0) ++open_operations;
  }
  CHECK(salvaged.recovered == open_operations);
  if (salvaged.lost) CHECK(salvaged.recovered + *salvaged.lost == partition.open_operations);
}

}  // namespace

TEST_CASE(
    "INV-S4: of a whole partition everything is recovered to the byte, with its commit number") {
  FilledPartition partition;
  const auto salvaged = partition.salvage(partition.bytes, partition.key());
  REQUIRE(salvaged.has_value());
  CHECK(salvaged->recovered == partition.open_operations);
  CHECK(salvaged->lost == 0);
  CHECK(FilledPartition::read_rows(partition.fresh()) == partition.rows);
  const auto before = contents_of(partition.path(), vfs().name());
  const auto after = contents_of(partition.fresh(), vfs().name());
  for (const char* table : {"operations", "bases", "conflicts", "needed_creates", "aliases",
                            "notices", "notifications", "sqlite_sequence"}) {
    INFO(table);
    CHECK_FALSE(before.at(table).empty());
    CHECK(after.at(table) == before.at(table));
  }
  CHECK(FilledPartition::open(partition.fresh())->commit_seq() ==
        FilledPartition::open(partition.path())->commit_seq());
  CHECK(FilledPartition::open(partition.fresh())->integrity_check().has_value());
  CHECK(read_integer(partition.fresh(), "SELECT count(*) FROM bases") == partition.open_operations);
  for (const char* counter : {"outbox.operations", "outbox.bytes"}) {
    const std::string sql =
        "SELECT value FROM counters WHERE name = '" + std::string(counter) + "'";
    CHECK(read_integer(partition.fresh(), sql) == read_integer(partition.path(), sql));
  }
}

TEST_CASE(
    "INV-S4: whichever page is damaged, each operation comes back to the byte or is counted") {
  FilledPartition partition;
  Random random(11);
  const std::size_t pages = partition.bytes.size() / kPageBytes;
  REQUIRE(pages > 25);
  int with_losses = 0;
  int uncounted = 0;
  for (std::size_t page = 0; page < pages; ++page) {
    std::string damaged = partition.bytes;
    const std::size_t at = page * kPageBytes + random.below(kPageBytes);
    damaged[at] =
        static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << random.below(8)));
    INFO("page " << page + 1 << " of " << pages << ", byte " << at % kPageBytes);
    const auto salvaged = partition.salvage(damaged, partition.key());
    REQUIRE(salvaged.has_value());
    check_rows(partition, *salvaged);
    if (salvaged->lost != 0) ++with_losses;
    if (!salvaged->lost) ++uncounted;
  }
  CHECK(with_losses > 0);
  CHECK(uncounted < 5);
}

TEST_CASE(
    "INV-S4: what does not open under the key is left behind, and is no damage of the new file") {
  FilledPartition partition;
  write_file(partition.path(), partition.bytes);
  run_sql(partition.path(),
          "UPDATE bases SET body = zeroblob(60) WHERE operation_seq = 1;"
          "UPDATE notifications SET content = zeroblob(60);"
          "UPDATE conflicts SET body = zeroblob(60);");
  const auto salvaged = partition.salvage(read_file(partition.path()), partition.key());
  REQUIRE(salvaged.has_value());
  CHECK(salvaged->recovered == partition.open_operations);
  CHECK(salvaged->lost == 0);
  CHECK(read_integer(partition.fresh(), "SELECT count(*) FROM bases") ==
        partition.open_operations - 1);
  CHECK(read_integer(partition.fresh(), "SELECT count(*) FROM notifications") == 0);
  CHECK(read_integer(partition.fresh(), "SELECT count(*) FROM conflicts") == 0);
}

TEST_CASE("INV-S4: what the operations that were saved name is read anew") {
  FilledPartition partition;
  const auto salvaged = partition.salvage(partition.bytes, partition.key());
  REQUIRE(salvaged.has_value());
  CHECK(read_integer(partition.fresh(),
                     "SELECT value FROM counters WHERE name = 'outbox.names_unread'") == 1);
}

TEST_CASE("INV-S4: what waits for a create that is lost is held, and says why") {
  FilledPartition partition;
  write_file(partition.path(), partition.bytes);
  run_sql(partition.path(),
          "UPDATE operations SET payload = zeroblob(60) WHERE seq = " + std::to_string(kCreate));
  const auto salvaged = partition.salvage(read_file(partition.path()), partition.key());
  REQUIRE(salvaged.has_value());
  CHECK(salvaged->lost == 1);
  check_rows(partition, *salvaged);
  CHECK(read_integer(partition.fresh(), "SELECT count(*) FROM needed_creates") == 0);
  CHECK(read_integer(partition.fresh(),
                     "SELECT count(*) FROM operations WHERE seq = " + std::to_string(kWaiting) +
                         " AND state = 3 AND cause = 'store.corrupt'") == 1);
}

TEST_CASE(
    "INV-Q10: what stands above something held because of a loss is held, however far above") {
  FilledPartition partition;
  write_file(partition.path(), partition.bytes);
  run_sql(partition.path(),
          "UPDATE operations SET payload = zeroblob(60) WHERE seq = " + std::to_string(kCreate));
  REQUIRE(partition.salvage(read_file(partition.path()), partition.key()).has_value());
  // 35 stands on 34, which stood on the create; 7 on 6, and that on what names its entity.
  CHECK(read_integer(partition.fresh(),
                     "SELECT count(*) FROM operations WHERE seq IN (6, 7, 35) AND state = 3 AND "
                     "block_reason = 5 AND cause = 'dependency' AND after IS NOT NULL AND "
                     "batch IS NULL") == 3);
  CHECK(read_integer(partition.fresh(),
                     "SELECT count(*) FROM operations o JOIN operations p ON p.id = o.after "
                     "WHERE o.state IN (0, 1, 2) AND p.state = 3") == 0);
}

TEST_CASE("INV-S4: a file cut anywhere gives what is left of it") {
  FilledPartition partition;
  std::int64_t most = 0;
  for (std::size_t size = 0; size < partition.bytes.size(); size += 15 * 512) {
    INFO("cut to " << size);
    const auto salvaged = partition.salvage(partition.bytes.substr(0, size), partition.key());
    REQUIRE(salvaged.has_value());
    check_rows(partition, *salvaged);
    if (2 * size < partition.bytes.size()) CHECK(salvaged->lost != 0);
    most = std::max(most, salvaged->recovered);
  }
  CHECK(most > partition.open_operations / 2);
}

TEST_CASE("INV-S4: under another key nothing can be sent, and all of it is counted as lost") {
  FilledPartition partition;
  const Sealer other(SecretKey::generate(partition.random()), 1, partition.random());
  const auto salvaged = partition.salvage(partition.bytes, other);
  REQUIRE(salvaged.has_value());
  CHECK(salvaged->recovered == 0);
  CHECK(salvaged->lost == partition.open_operations);
}

TEST_CASE("INV-S4: a device.db that is replaced keeps what reads, and says so until it was told") {
  TemporaryDirectory directory;
  const auto open = [&](const std::string& path) {
    return open_database(path, vfs().name(), schema::device_migrations());
  };
  const auto write = [](Database& database, auto change) {
    REQUIRE(database.write("test.change", Durability::durable, change).has_value());
  };
  write(*open(directory.file("one.db")),
        [](Transaction& tx) { return MetaTable::set(tx, "install_id", "phone"); });
  const auto salvage = [&](const char* from, const char* to, const char* kept_as) {
    REQUIRE(salvage_device(
        {directory.file(from), directory.file(to), vfs().name(), Instant{77}, kept_as}));
  };
  salvage("one.db", "two.db", "quarantine/device-1.db");
  salvage("two.db", "three.db", "quarantine/device-2.db");
  auto database = open(directory.file("three.db"));
  CHECK(database->read([](const Snapshot& snapshot) {
    return MetaTable::get(snapshot, "install_id");
  }) == "phone");
  const auto untold = [&] { return database->read(&DamageReports::untold).value(); };
  REQUIRE(untold().size() == 2);
  CHECK(untold().front().kept_as == "quarantine/device-1.db");
  CHECK(Json::parse(untold().back().data) ==
        Json{{"database", "device"}, {"kept_as", "quarantine/device-2.db"}});
  write(*database, [&](Transaction& tx) { return DamageReports::set_told(tx, untold().front()); });
  REQUIRE(untold().size() == 1);
  CHECK(untold().front().kept_as == "quarantine/device-2.db");
  // One that came to harm still says where to look.
  write(*database, [&](Transaction& tx) {
    return MetaTable::set(tx, DamageReports::name(untold().front()), "{\"data");
  });
  CHECK(Json::parse(untold().front().data) == Json{{"kept_as", "quarantine/device-2.db"}});
}

TEST_CASE(
    "INV-S4: of a file that is no database, or another app's, nothing is taken and nobody can "
    "count") {
  FilledPartition partition;
  std::string foreign(9'000, 'x');
  SECTION("text") {}
  SECTION("another app's database") {
    const std::string path = partition.directory.file("other.db");
    run_sql(path, "CREATE TABLE bookmarks(url); INSERT INTO bookmarks VALUES('x')");
    foreign = read_file(path);
  }
  const auto salvaged = partition.salvage(foreign, partition.key());
  REQUIRE(salvaged.has_value());
  CHECK(salvaged->recovered == 0);
  CHECK_FALSE(salvaged->lost.has_value());
}

TEST_CASE("INV-S4: the log of another partition is left out, and nobody knows what its own had") {
  FilledPartition partition;
  FilledPartition other;
  // Made from one seed; another nonce makes it another file.
  (void)other.key().seal("place", {}, {});
  REQUIRE(check_keys(*FilledPartition::open(partition.path()), partition.key(), partition.key()));
  const std::string bytes = read_file(partition.path());
  const auto running = FilledPartition::open(other.path());
  REQUIRE(check_keys(*running, other.key(), other.key()));
  const std::string log = read_file(other.path() + "-wal");
  REQUIRE(log.size() > kPageBytes);

  write_file(partition.path() + "-wal", log);
  const auto opened =
      Database::open({partition.path(), vfs().name(), schema::partition_migrations()});
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == "store.corrupt");
  const auto salvaged = salvage_partition(
      {partition.path(), partition.fresh(), vfs().name(), Instant{77}}, partition.key());
  REQUIRE(salvaged.has_value());
  CHECK(salvaged->recovered == partition.open_operations);
  CHECK_FALSE(salvaged->lost.has_value());
  CHECK(FilledPartition::read_rows(partition.fresh()) == partition.rows);
  CHECK(read_file(partition.path()) == bytes);
  CHECK(read_file(partition.path() + "-wal") == log);
}

TEST_CASE("INV-S4: a key that is not the partition's is found at open") {
  TemporaryDirectory directory;
  SeededSecureRandom random({});
  Sealer outbox(SecretKey::generate(random), 1, random);
  Sealer documents(SecretKey::generate(random), 1, random);
  auto database = FilledPartition::open(directory.file("p.db"));
  REQUIRE(check_keys(*database, outbox, documents).has_value());
  const auto commits = database->commit_seq();
  CHECK(check_keys(*database, outbox, documents).has_value());
  CHECK(check_outbox_key(*database, outbox).has_value());
  CHECK(database->commit_seq() == commits);
  for (const auto& wrong :
       {check_keys(*database, documents, documents), check_keys(*database, outbox, outbox),
        check_outbox_key(*database, documents)}) {
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().code == "store.wrong_key");
    CHECK(wrong.error().kind == ErrorClass::corrupt);
  }
  REQUIRE(database->write("test.damage", Durability::durable, [](Transaction& tx) {
    return MetaTable::set(tx, "key_check.outbox", "no base64 at all!");
  }));
  CHECK(check_outbox_key(*database, outbox).error().code == "store.corrupt");
}
