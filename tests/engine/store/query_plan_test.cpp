#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/store/document_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/operation_page.hpp"
#include "engine/sync/outbox_room.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"
#include "tests/engine/cache/query_rig.hpp"
#include "tests/engine/cache/tier_rig.hpp"
#include "tests/engine/store/plain_database.hpp"
#include "tests/engine/store/statement_log.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;

namespace {

constexpr std::string_view kScan = "|3:SCAN ";
// From the first row that there ever was.
constexpr std::string_view kFromFirst = "USING INTEGER PRIMARY KEY (rowid<?)";

// The plans of statements in an empty partition: without statistics, as the engine has none.
class Planner final {
 public:
  Planner() : database_(directory_.file("plan.db"), "unix") {
    for (const auto& migration : schema::partition_migrations())
      database_.run(std::string(migration.sql));
    const auto partial = database_.rows(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'");
    for (const std::string& row : partial) partial_.insert(row.substr(2, row.size() - 3));
  }

  // What the statement reads from its first to its last row, of tables that grow with the years. An
  // index that holds only what is open, unseen or unsettled may be read like that.
  [[nodiscard]] std::vector<std::string> scans(const std::string& text) {
    std::vector<std::string> scans;
    for (const std::string& row : database_.rows("EXPLAIN QUERY PLAN " + text)) {
      if (row.find(kFromFirst) != std::string::npos) scans.push_back(row);
      const std::size_t at = row.find(kScan);
      if (at == std::string::npos) continue;
      std::string what = row.substr(at + kScan.size());
      what.pop_back();
      if (is_small(what)) continue;
      scans.push_back(std::move(what));
    }
    return scans;
  }

 private:
  [[nodiscard]] bool is_small(const std::string& what) const {
    // The calls in flight, the pull's scopes, the names of sums; the rows of a VALUES clause, or of
    // a subquery that has a line of its own.
    for (const std::string_view few : {"batches", "cursors", "counters", "meta", "("})
      if (what.starts_with(few)) return true;
    if (what.find("CONSTANT ROW") != std::string::npos) return true;
    const std::size_t at = what.rfind(" INDEX ");
    if (at == std::string::npos) return false;
    const std::string index = what.substr(at + std::string_view(" INDEX ").size());
    return partial_.contains(index);
  }

  TemporaryDirectory directory_;
  PlainDatabase database_;
  std::set<std::string> partial_;
};

// SQLite compares with one or two numbers, and fills a table with more, each time that the
// statement runs.
bool fills_table_with_list(const std::string& text) {
  static const std::regex list(R"(IN \([0-9]+(, [0-9]+){2,}\))");
  return std::regex_search(text, list);
}

// By value: the planner's own statements come into the log.
void check_plans(std::set<std::string> texts) {
  Planner planner;
  for (const std::string& text : texts) {
    INFO(text);
    const std::vector<std::string> none;
    CHECK(planner.scans(text) == none);
    CHECK_FALSE(fills_table_with_list(text));
  }
}

template <class F>
void look(QueueWorld& world, F fn) {
  REQUIRE(world.database->read(std::move(fn)).has_value());
}

// What the host asks about again and again.
void ask_about(QueueWorld& world, int number) {
  look(world, [&](const Snapshot& s) { return sync::count_outbox(s, world.profile); });
  look(world, [&](const Snapshot& s) { return world.queue->explain(s, op(number), world.now); });
  look(world, [&](const Snapshot& s) {
    return OperationTable::list(s, false, 0, limits::kForgetLookedAtMax);
  });
  look(world, [&](const Snapshot& s) {
    return sync::read_page(s, *world.key, {.limit = 10, .with_payload = true});
  });
  static_cast<void>(world.notices());
}

}  // namespace

TEST_CASE("the test of plans finds what reads a whole table") {
  Planner planner;
  CHECK(planner.scans("SELECT * FROM operations WHERE state = 5").size() == 1);
  CHECK(planner.scans("SELECT o.seq FROM operations o WHERE o.state IN (3, 7)").size() == 1);
  CHECK(planner.scans("SELECT count(*) FROM documents").size() == 1);
  CHECK(planner.scans("SELECT 1 FROM operations WHERE batch IS NOT NULL AND seq <= 9").size() == 1);
  CHECK(planner.scans("SELECT * FROM operations WHERE state = 7").empty());
  CHECK(planner.scans("SELECT * FROM operations WHERE seq = 7").empty());
  CHECK(planner.scans("SELECT count(*) FROM batches").empty());
}

TEST_CASE("no statement of the queue's daily work reads all that was ever settled") {
  StatementLog log;
  Profile rules = test_profile();
  rules.sync.on_head_dead = profile::OnHeadDead::block;
  QueueWorld world(std::move(rules));
  log.clear();  // what is asked of a new file, once
  world.go_online();
  world.store_document(kApproval, 7);
  for (int number = 1; number <= 5; ++number)
    world.enqueue(number, {"po", "PO-" + std::to_string(number)}, "count");
  ask_about(world, 1);
  const auto push = world.sends({1, 2, 3, 4, 5});
  ask_about(world, 1);
  world.answer(push, results({applied(1, {"po", "PO-1"}, 2), rejected(2, "NO"),
                              conflicting(3, {"po", "PO-3"}, 2), retry(4, "busy")}));
  ask_about(world, 2);
  world.enqueue(6, {"po", "PO-1"}, "count");
  REQUIRE(world.cancel(6).has_value());
  auto grouped = world.request(7, kApproval, "approve");
  grouped.group_id = "g";
  REQUIRE(world.try_enqueue(grouped).has_value());
  world.go_offline();
  world.go_online();
  world.reopen();
  REQUIRE(world.write([&](Transaction& tx) { return world.queue->on_permissions(tx, world.now); }));
  REQUIRE(world.write([&](Transaction& tx) { return world.queue->on_notices_seen(tx, 1); }));
  REQUIRE(world.write([&](Transaction& tx) { return world.queue->on_adopted(tx, {op(1)}); }));
  look(world, [&](const Snapshot& s) { return world.queue->look_for_settled(s, world.now); });
  REQUIRE(world.write([&](Transaction& tx) { return world.queue->on_forget(tx, world.now); }));
  look(world, [&](const Snapshot& s) { return OperationTable::unadopted(s, 10); });
  look(world, [&](const Snapshot& s) { return OperationTable::awaiting_document(s, 10); });
  look(world, [&](const Snapshot& s) { return OperationTable::failed_but_possible(s, 0, 10); });
  REQUIRE(log.texts().size() > 40);
  check_plans(log.texts());
}

TEST_CASE("no statement of the cache's daily work reads all documents") {
  StatementLog log;
  pull_test::TierRig rig;
  log.clear();  // the profile's rules were new: all rows were sorted by them, once
  rig.limit(1'000, 1'000);
  for (int i = 0; i < 8; ++i) {
    rig.store("approval", "a-" + std::to_string(i), 300);
    rig.store("pr", "pr-" + std::to_string(i), 300);
  }
  rig.remove("pr", "pr-7");
  rig.use("pr", "pr-6");
  rig.store("pr", "pr-8", 300);
  static_cast<void>(rig.status());
  static_cast<void>(rig.has({"pr", "pr-6"}));
  static_cast<void>(pull_test::query(rig, {{"type", "pr"}}));
  REQUIRE(rig.write([](Transaction& tx) {
    return remove_unnamed_documents(tx, {"tier1", 2, true, true});
  }));
  REQUIRE(log.texts().size() > 10);
  check_plans(log.texts());
}
