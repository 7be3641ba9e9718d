#include "engine/store/conflict_table.hpp"

#include <cstddef>
#include <memory>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/secure_random.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/transaction.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;
using conflict::Conflict;
using conflict::ConflictState;

namespace {

OperationId op(int number) {
  OperationId id;
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

class Inbox {
 public:
  Inbox() : key_(SecretKey::generate(random_), 1, random_) {
    database_ = open_database(directory_.file("p.db"), "", schema::partition_migrations());
  }

  static Conflict conflict(int number, std::size_t body_bytes = 10) {
    Conflict made;
    made.operation = op(number);
    made.entity = {"pr", "PR-1"};
    made.generation = 2;
    made.row_version = 9;
    made.lost = {op(number), op(100)};
    made.created_at = Instant{5};
    made.body = {{"note", std::string(body_bytes, 'x')}};
    return made;
  }

  void insert(const Conflict& conflict) {
    write([&](Transaction& tx) { return ConflictTable::insert(tx, key_, conflict); });
  }
  void save(const Conflict& conflict) {
    write([&](Transaction& tx) { return ConflictTable::save(tx, key_, conflict); });
  }

  [[nodiscard]] Conflict find(int number) {
    const auto found = database_->read(
        [&](const Snapshot& snapshot) { return ConflictTable::find(snapshot, key_, op(number)); });
    REQUIRE(found.has_value());
    REQUIRE(found->has_value());
    return **found;
  }

  // "1 2+": the last bytes of the ids, and whether there are more.
  [[nodiscard]] std::string page(bool settled, std::int64_t after_seq, std::size_t limit) {
    const auto page = database_->read([&](const Snapshot& snapshot) {
      return ConflictTable::list(snapshot, key_, settled, after_seq, limit);
    });
    REQUIRE(page.has_value());
    std::string text;
    for (const Conflict& each : page->conflicts) {
      text += (text.empty() ? "" : " ") + std::to_string(each.operation.bytes[15]);
    }
    return text + (page->has_more ? "+" : "");
  }

  [[nodiscard]] std::string path() const { return directory_.file("p.db"); }

 private:
  template <class F>
  void write(F&& step) {
    const Status done = database_->write("test", Durability::durable, std::forward<F>(step));
    if (!done) FAIL(done.error().code << ": " << done.error().message);
  }

  TemporaryDirectory directory_;
  LibsodiumRandom random_;
  Sealer key_;
  std::unique_ptr<Database> database_;
};

}  // namespace

TEST_CASE("P-29: a conflict is read as it was written, and as it was decided") {
  Inbox inbox;
  inbox.insert(Inbox::conflict(1));
  Conflict row = inbox.find(1);
  CHECK(row.state == ConflictState::open);
  CHECK(row.entity == EntityKey{"pr", "PR-1"});
  CHECK(row.generation == 2);
  CHECK(row.row_version == 9);
  CHECK(row.lost == std::vector{op(1), op(100)});
  CHECK(row.heirs.empty());
  CHECK_FALSE(row.taken_back);
  CHECK(row.created_at == Instant{5});
  CHECK(row.body["note"] == "xxxxxxxxxx");

  row.state = ConflictState::chosen;
  row.lost = {op(1)};
  row.heirs = {op(7), op(8)};
  row.taken_back = true;
  row.resolved_at = Instant{6};
  row.body["note"] = "decided";
  inbox.save(row);
  const Conflict saved = inbox.find(1);
  CHECK(saved.state == ConflictState::chosen);
  CHECK(saved.lost == std::vector{op(1)});
  CHECK(saved.heirs == std::vector{op(7), op(8)});
  CHECK(saved.taken_back);
  CHECK(saved.created_at == Instant{5});
  CHECK(saved.resolved_at == Instant{6});
  CHECK(saved.body["note"] == "decided");
}

TEST_CASE("P-29: the inbox is read in pages, which end early when conflicts are large") {
  Inbox inbox;
  for (int number = 1; number <= 3; ++number) inbox.insert(Inbox::conflict(number));
  Conflict decided = inbox.find(2);
  decided.state = ConflictState::merged;
  inbox.save(decided);
  CHECK(inbox.page(false, 0, 50) == "1 3");
  CHECK(inbox.page(true, 0, 50) == "1 2 3");
  CHECK(inbox.page(true, 0, 3) == "1 2 3");
  CHECK(inbox.page(true, 0, 2) == "1 2+");
  CHECK(inbox.page(true, 2, 2) == "3");

  const std::size_t half = limits::kConflictBytesMax / 2;
  for (int number = 4; number <= 5; ++number) inbox.insert(Inbox::conflict(number, half));
  // On disk they are small, and still only one at a time is in memory.
  CHECK(read_file(inbox.path() + "-wal").size() < half);
  CHECK(inbox.page(false, 3, 50) == "4+");
  CHECK(inbox.page(false, 4, 50) == "5");
}

TEST_CASE("P-29: a conflict is sealed on disk") {
  Inbox inbox;
  Conflict secret = Inbox::conflict(1);
  secret.body = {{"note", "a remark for nobody else"}};
  inbox.insert(secret);
  CHECK(read_file(inbox.path()).find("remark for nobody") == std::string::npos);
  CHECK(read_file(inbox.path() + "-wal").find("remark for nobody") == std::string::npos);
}
