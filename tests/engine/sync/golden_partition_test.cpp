#include <cstdlib>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/store/add_checksums.hpp"
#include "engine/store/alias_table.hpp"
#include "engine/store/conflict_table.hpp"
#include "engine/store/notice_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/sync/queue_fixture.hpp"
#include "tests/source_tree.hpp"

// Partitions as older versions of the engine wrote them (tests/golden): each opens with all that it
// held (INV-S7). With LANDFALL_MAKE_GOLDEN=1 in the environment this test first writes that of the
// present version: once, before the schema changes; a file that is there is never written again.

using namespace landfall;
using namespace landfall::test;
using namespace landfall::sync;

namespace {

const std::string kFolder = testing::source_tree() + "/tests/golden";
const EntityKey kPr{"pr", "PR-3"};

EntityKey order(int number) { return {"po", "PO-" + std::to_string(number)}; }

// An operation in each state that a phone can be switched off with.
void live_a_little(QueueWorld& world) {
  world.store_document(kApproval, 7);
  world.store_document(kOtherApproval, 3);
  world.go_online();
  world.enqueue(1, kApproval, "comment");
  world.answer(world.sends({1}), results({applied(1, kApproval, 8)}));
  world.enqueue(2, kOtherApproval, "comment");
  world.answer(world.sends({2}), results({rejected(2, "COMMENT_CLOSED")}));
  EnqueueRequest edit = world.request(3, kPr, "update");
  edit.payload = R"({"note":"mine"})";
  edit.base_version = 1;
  edit.base_data = R"({"note":"old"})";
  REQUIRE(world.try_enqueue(edit).has_value());
  Json met = conflicting(3, kPr, 2);
  met["entity"]["data"] = {{"note", "theirs"}};
  world.answer(world.sends({3}), results({met}));
  world.enqueue(6, order(6), "count");
  while (world.state(6) != "failed") {
    world.answer(world.sends({6}), response(500));
    world.pass(120'000);
  }
  world.enqueue(7, order(6), "update");
  world.enqueue(8, order(8), "count");
  world.answer(world.sends({8}), lost(http::TransportFailure::silent));
  world.enqueue(13, order(13), "count");
  world.sends({13});
  EnqueueRequest attested = world.request(9, order(9), "count");
  attested.attestation = R"({"biometric_verified":true})";
  REQUIRE(world.try_enqueue(attested).has_value());
  world.enqueue(10, order(10), "count");
  REQUIRE(world.cancel(10).has_value());
  world.enqueue(11, order(11), "count");
  REQUIRE(world.discard(11).has_value());
  world.enqueue(12, order(12), "count");
  const auto named = world.write([](store::Transaction& tx) {
    return store::AliasTable::insert(tx, {"pr", "tmp-1"}, "PR-2026-000042");
  });
  REQUIRE(named.has_value());
}

Json content_of(QueueWorld& world) {
  Json operations = Json::array();
  for (const Operation& operation : world.all()) {
    const auto content = world.database->read([&](const store::Snapshot& snapshot) {
      return store::OperationTable::content(snapshot, *world.key, operation.id);
    });
    REQUIRE(content.has_value());
    // What was on its way when the process ended is unknown.
    const bool was_sending = operation.state == OperationState::sending;
    operations.push_back({{"id", to_text(operation.id)},
                          {"entity", operation.entity.type + "/" + operation.entity.id},
                          {"action", operation.action},
                          {"state", was_sending ? "unknown" : world.state(number_of(operation.id))},
                          {"payload", content->payload},
                          {"attestation", content->attestation.value_or("")}});
  }
  Json notices = Json::array();
  for (const Notice& notice : world.notices()) notices.push_back(notice.kind + " " + notice.code);
  const auto conflicts = world.database->read([&](const store::Snapshot& snapshot) {
    return store::ConflictTable::list(snapshot, *world.key, true, 0, 50);
  });
  REQUIRE(conflicts.has_value());
  Json inbox = Json::array();
  for (const auto& conflict : conflicts->conflicts) {
    inbox.push_back({to_text(conflict.operation), conflict::to_string(conflict.state),
                     conflict::question_of(conflict.body)});
  }
  const auto named = world.database->read([](const store::Snapshot& snapshot) {
    return store::AliasTable::resolve(snapshot, {"pr", "tmp-1"});
  });
  REQUIRE(named.has_value());
  return {
      {"operations", operations}, {"notices", notices}, {"conflicts", inbox}, {"named", named->id}};
}

// A queue over that file instead of its own, opened as an update of the app opens it.
void take_file(QueueWorld& world, const std::string& from) {
  const std::string path = world.directory.file("p.db");
  world.queue.reset();
  world.database.reset();
  for (const char* log : {"-wal", "-shm"}) std::filesystem::remove(path + log);
  std::filesystem::copy_file(from, path, std::filesystem::copy_options::overwrite_existing);
  const auto added = store::add_checksums(store::system_files(),
                                          {world.directory.path(), path, "", Instant{5}},
                                          schema::partition_migrations());
  REQUIRE(added.has_value());
  world.database = open_database(path, "", schema::partition_migrations());
  world.reopen();
}

void make_golden() {
  QueueWorld world;
  live_a_little(world);
  const auto version = schema::partition_migrations().back().version;
  const std::string path = kFolder + "/partition_" + std::to_string(version);
  REQUIRE_FALSE(std::filesystem::exists(path + ".db"));
  write_file(path + ".json", content_of(world).dump(2) + "\n");
  world.queue.reset();
  world.database.reset();
  run_sql(world.directory.file("p.db"), "VACUUM INTO '" + path + ".db'");
}

}  // namespace

TEST_CASE("INV-S7 the partitions of all versions before open with all that they held") {
  if (std::getenv("LANDFALL_MAKE_GOLDEN") != nullptr) make_golden();
  std::size_t versions = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".db") continue;
    ++versions;
    INFO(entry.path().filename());
    QueueWorld world;
    world.pass(3'600'000);
    take_file(world, entry.path());
    const std::string expected = read_file(kFolder + "/" + entry.path().stem().string() + ".json");
    CHECK(content_of(world) == Json::parse(expected));
    // And goes on where it was: what was lost first, then what was never sent.
    world.go_online();
    const PushCall push = world.sends({8, 13, 9, 12});
    world.answer(push, results({applied(8, order(8), 2), applied(13, order(13), 2),
                                applied(9, order(9), 2), applied(12, order(12), 2)}));
    CHECK(world.state(13) == "applied");
    REQUIRE(world.retry(6).has_value());
    world.sends({6, 7});
  }
  CHECK(versions >= 1);
}
