#include "engine/sync/references.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/store/counter_table.hpp"
#include "engine/store/document_tiers.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/prepared_enqueue.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::sync;

namespace {

const EntityKey kLocal{"pr", "tmp-1"};
const EntityKey kNamed{"pr", "PR-2026-000042"};

// Requisitions are named by the server, and the commutative "count" of an order names some.
Profile referring() {
  Profile profile = test_profile();
  profile.entities.at("pr").ids = profile::IdSource::server;
  profile::PayloadField one;
  one.refers_to = "pr";
  profile::PayloadField several;
  several.type = profile::FieldType::array;
  several.refers_to = "pr";
  auto& count = profile.entities.at("po").actions.at("count");
  count.payload.emplace("pr_id", one);
  count.payload.emplace("more", several);
  return profile;
}

struct Referring : QueueWorld {
  Referring() : QueueWorld(referring()) { store_document(kPo, 7); }

  void create(int number, const EntityKey& entity = kLocal) { enqueue(number, entity, "create"); }
  void refer(int number, const std::string& payload) {
    EnqueueRequest made = request(number, kPo, "count");
    made.payload = payload;
    const auto accepted = try_enqueue(made);
    if (!accepted) FAIL(accepted.error().message);
  }
  void name(const PushCall& push, int number = 1, const std::string& id = kNamed.id) {
    Json result = applied(number, {"pr", id}, 1);
    result["assigned_id"] = id;
    answer(push, results({result}));
  }
  Json sent_payload(int number) { return items_of(sends({number})).front().at("payload"); }
  // In tier 2, where what is least recently used goes.
  void store_on_demand(const EntityKey& entity) {
    store_document(entity, 1);
    REQUIRE(write([](store::Transaction& tx) {
      return tx.run("UPDATE documents SET tier = 2, bytes = 100");
    }));
  }
  std::vector<EntityKey> evictable() {
    const auto placed = database->read([](const store::Snapshot& snapshot) {
      return store::least_used_evictable(snapshot, 1'000'000, std::nullopt);
    });
    REQUIRE(placed.has_value());
    std::vector<EntityKey> entities;
    for (const auto& each : *placed) entities.push_back(each.entity);
    return entities;
  }
  // The number of documents that a clearing leaves.
  std::int64_t kept_when_cleared() {
    const auto cleared =
        write([](store::Transaction& tx) { return store::clear_documents(tx, std::nullopt); });
    REQUIRE(cleared.has_value());
    return cleared->kept;
  }
  std::int64_t bytes_of_open() {
    std::int64_t bytes = 0;
    for (const Operation& operation : all())
      if (!is_settled(operation.state)) bytes += operation.bytes;
    return bytes;
  }
};

}  // namespace

TEST_CASE("the entities that a payload names are those of the fields that refer") {
  const Profile profile = referring();
  const auto& action = *profile.action("po", "count");
  const auto named = named_entities(
      action, Json{{"pr_id", "a"}, {"more", {"b", "a", 7}}, {"other", "c"}, {"n", nullptr}});
  CHECK(named == std::vector<EntityKey>{{"pr", "b"}, {"pr", "a"}});
  CHECK(named_entities(action, Json{{"pr_id", 5}}).empty());
}

TEST_CASE("P-80 wire.md assigned_id: what names a thing made here waits, and goes by its new id") {
  Referring world;
  world.create(1);
  world.refer(2, R"({"more":["tmp-1","PR-9"],"pr_id":"tmp-1"})");
  world.go_online();
  const PushCall create = world.sends({1});
  CHECK(world.state(2) == "queued");
  world.sends_nothing();
  SECTION("named") {
    world.name(create);
    // Its host reads it with the names of now.
    CHECK(Json::parse(world.explain(2).payload) ==
          Json{{"more", {kNamed.id, "PR-9"}}, {"pr_id", kNamed.id}});
    CHECK(world.sent_payload(2) == Json{{"more", {kNamed.id, "PR-9"}}, {"pr_id", kNamed.id}});
    CHECK(world.counter(store::kOutboxBytes) == world.bytes_of_open());
  }
  SECTION("its answer was lost: it goes alone once more") {
    world.answer(create, lost(http::TransportFailure::silent));
    world.pass(5'000);
    world.name(world.sends({1}));
    CHECK(world.sent_payload(2).at("pr_id") == kNamed.id);
  }
  SECTION("the process dies before the answer and after it") {
    world.reopen();
    world.go_online();
    world.pass(5'000);
    world.name(world.sends({1}));
    world.reopen();
    world.go_online();
    CHECK(world.sent_payload(2).at("pr_id") == kNamed.id);
  }
  SECTION("the server keeps the phone's id") {
    world.answer(create, results({applied(1, kLocal, 1)}));
    CHECK(world.sent_payload(2).at("pr_id") == "tmp-1");
  }
}

TEST_CASE("what names a thing made here is held while its create is dead, and explains itself") {
  Referring world;
  world.create(1);
  world.refer(2, R"({"pr_id":"tmp-1"})");
  CHECK(world.explain(2).causes ==
        std::vector<std::string>{"queued", "names what " + to_text(op(1)) + " makes",
                                 "network.unreachable"});
  world.go_online();
  world.answer(world.sends({1}), results({rejected(1, "TITLE_MISSING")}));
  CHECK(world.state(2) == "blocked(dependency)");
  CHECK(world.explain(2).causes == std::vector<std::string>{"blocked(dependency)",
                                                            to_text(op(1)) + " is rejected",
                                                            "TITLE_MISSING"});
  CHECK(world.explain(2).would_help == "resolve");
  CHECK_FALSE(world.retry(2).has_value());

  SECTION("another create of the same thing takes its place") {
    EnqueueRequest again = world.request(3, kLocal, "create");
    again.supersedes = op(1);
    REQUIRE(world.try_enqueue(again).has_value());
    CHECK(world.state(2) == "queued");
    world.name(world.sends({3}), 3);
    CHECK(world.sent_payload(2).at("pr_id") == kNamed.id);
  }
  SECTION("what is said later is held at once") {
    world.refer(4, R"({"pr_id":"tmp-1"})");
    CHECK(world.state(4) == "blocked(dependency)");
  }
  SECTION("it can be discarded, and its lane goes on") {
    world.refer(4, R"({"pr_id":"PR-9"})");
    REQUIRE(world.discard(2).has_value());
    world.sends({4});
  }
}

TEST_CASE("two that are needed are both waited for") {
  Referring world;
  const EntityKey other{"pr", "tmp-2"};
  world.create(1);
  world.create(2, other);
  world.refer(3, R"({"more":["tmp-1","tmp-2"]})");
  world.go_online();
  const PushCall both = world.sends({1, 2});
  Json first = applied(1, kNamed, 1);
  first["assigned_id"] = kNamed.id;
  world.answer(both, results({first, rejected(2, "TITLE_MISSING")}));
  CHECK(world.state(3) == "blocked(dependency)");
  EnqueueRequest again = world.request(4, other, "create");
  again.supersedes = op(2);
  REQUIRE(world.try_enqueue(again).has_value());
  CHECK(world.state(3) == "queued");
  world.name(world.sends({4}), 4, "PR-2026-000043");
  CHECK(world.sent_payload(3).at("more") == Json{kNamed.id, "PR-2026-000043"});
}

TEST_CASE("a thing that was named before is known by its new id from the start") {
  Referring world;
  world.create(1);
  world.go_online();
  world.name(world.sends({1}));
  world.refer(2, R"({"pr_id":"tmp-1"})");
  SECTION("the same words once more are the same operation") {
    world.refer(2, R"({"pr_id":"tmp-1"})");
    CHECK(world.all().size() == 2);
  }
  CHECK(world.sent_payload(2).at("pr_id") == kNamed.id);
}

TEST_CASE("a thing whose create was taken back is the server's to judge") {
  Referring world;
  world.create(1);
  REQUIRE(world.cancel(1).has_value());
  world.refer(2, R"({"pr_id":"tmp-1"})");
  world.go_online();
  CHECK(world.sent_payload(2).at("pr_id") == "tmp-1");
}

TEST_CASE("P-34: the documents of what an operation names stay until it is settled") {
  Referring world;
  const EntityKey other{"pr", "PR-9"};
  const EntityKey third{"pr", "PR-10"};
  for (const EntityKey& entity : {kNamed, other, third}) world.store_on_demand(entity);
  world.refer(1, R"({"more":["PR-9"],"pr_id":"PR-2026-000042"})");
  world.refer(2, R"({"pr_id":"PR-9"})");
  CHECK(world.evictable() == std::vector<EntityKey>{third});
  world.reopen();
  world.go_online();
  CHECK(world.evictable() == std::vector<EntityKey>{third});
  const PushCall push = world.sends({1, 2});
  SECTION("the first is settled, the second names one of them still") {
    world.answer(push, results({applied(1, kPo, 8), retry(2, "busy")}));
    CHECK(world.evictable() == std::vector<EntityKey>{kNamed, third});
    // The order, and the requisition.
    CHECK(world.kept_when_cleared() == 2);
  }
  SECTION("a refusal is a verdict") {
    world.answer(push, results({rejected(1, "NO"), rejected(2, "NO")}));
    CHECK(world.evictable().size() == 4);
    CHECK(world.kept_when_cleared() == 0);
  }
  SECTION("their user takes the last one back") {
    world.answer(push, results({rejected(1, "NO"), retry(2, "busy")}));
    REQUIRE(world.discard(2, true).has_value());
    CHECK(world.evictable().size() == 4);
  }
}

TEST_CASE("P-34: what is named by the phone's id stays under the server's") {
  Referring world;
  world.store_on_demand(kNamed);
  world.create(1);
  world.refer(2, R"({"pr_id":"tmp-1"})");
  world.go_online();
  world.name(world.sends({1}));
  REQUIRE(world.write(
      [](store::Transaction& tx) { return tx.run("UPDATE operations SET adopted = 1"); }));
  CHECK(world.evictable().empty());
  world.answer(world.sends({2}), results({applied(2, kPo, 8)}));
  CHECK(world.evictable().size() == 1);
}

TEST_CASE("P-34 INV-S7: what the operations of an older program name is read from their payloads") {
  Referring world;
  for (const EntityKey& entity : {kNamed, kPo}) world.store_on_demand(entity);
  for (int number = 1; number <= 150; ++number) world.refer(number, R"({"pr_id":"PR-1"})");
  world.refer(151, R"({"pr_id":"PR-2026-000042"})");
  REQUIRE(world.write([](store::Transaction& tx) -> Status {
    LANDFALL_TRY(tx.run("DELETE FROM named_entities"));
    return store::CounterTable::set(tx, store::kOutboxNamesUnread, 1);
  }));
  CHECK(world.evictable() == std::vector<EntityKey>{kNamed});
  world.reopen();
  CHECK(world.evictable().empty());
  CHECK(world.counter(store::kOutboxNamesUnread) == 0);
}
