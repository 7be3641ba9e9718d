#include <catch2/catch.hpp>

#include "engine/store/alias_table.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/prepared_enqueue.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::sync;

namespace {

const EntityKey kLocal{"pr", "tmp-1"};
const EntityKey kNamed{"pr", "PR-2026-000042"};

Profile naming_server() {
  Profile profile = test_profile();
  profile.entities.at("pr").ids = profile::IdSource::server;
  return profile;
}

struct Naming : QueueWorld {
  Naming() : QueueWorld(naming_server()) {}

  void hand_in(int number, const EntityKey& entity, const std::string& action) {
    PreparedEnqueue prepared = prepare(profile, request(number, entity, action));
    const auto accepted = write([&](store::Transaction& tx) -> Result<Accepted> {
      LANDFALL_TRY(SyncQueue::resolve_entity(tx, prepared));
      return queue->on_enqueue(tx, prepared, now);
    });
    REQUIRE(accepted.has_value());
  }
  EntityKey resolve(const EntityKey& entity) {
    const auto found = database->read([&](const store::Snapshot& snapshot) {
      return store::AliasTable::resolve(snapshot, entity);
    });
    REQUIRE(found.has_value());
    return *found;
  }
  SyncEffects name(const PushCall& push, const std::string& id = kNamed.id) {
    Json result = applied(1, {"pr", id}, 1);
    result["assigned_id"] = id;
    return answer(push, results({result}));
  }
  std::int64_t bytes_of_open() {
    std::int64_t bytes = 0;
    for (const Operation& operation : all()) {
      if (!is_settled(operation.state)) bytes += operation.bytes;
    }
    return bytes;
  }
};

}  // namespace

TEST_CASE("wire.md assigned_id: what stands on a create waits for the server's id") {
  Naming world;
  world.hand_in(1, kLocal, "create");
  world.hand_in(2, kLocal, "update");
  world.go_online();
  const PushCall push = world.sends({1});
  SECTION("named") {
    const SyncEffects effects = world.name(push);
    REQUIRE(effects.assigned.size() == 1);
    CHECK(effects.assigned.front().local == kLocal);
    CHECK(effects.assigned.front().server_id == kNamed.id);
    CHECK(world.get(1).entity == kNamed);
    CHECK(world.get(2).entity == kNamed);
    CHECK(world.get(2).base_version == 1);
    CHECK(world.counter(store::kOutboxBytes) == world.bytes_of_open());
    const Json sent = items_of(world.sends({2})).front();
    CHECK(sent.at("entity_id") == kNamed.id);
    CHECK(sent.at("base_version") == 1);
  }
  SECTION("lost: it goes again, and nothing else") {
    world.answer(push, lost(http::TransportFailure::silent));
    world.pass(5'000);
    world.sends({1});
  }
  SECTION("refused: what stands on it is held") {
    world.answer(push, results({rejected(1, "TITLE_MISSING")}));
    CHECK(world.state(2) == "blocked(dependency)");
    CHECK(world.resolve(kLocal) == kLocal);
  }
}

TEST_CASE("wire.md assigned_id: both ids name the entity from then on, over a restart too") {
  Naming world;
  world.hand_in(1, kLocal, "create");
  world.go_online();
  world.name(world.sends({1}));
  world.reopen();
  CHECK(world.resolve(kLocal) == kNamed);
  CHECK(world.resolve(kNamed) == kNamed);
  world.hand_in(2, kLocal, "update");
  world.hand_in(3, kNamed, "update");
  CHECK(world.get(2).entity == kNamed);
  CHECK(world.get(3).after == op(2));
  SECTION("and the same words once more are the same operation") {
    world.hand_in(2, kLocal, "update");
    CHECK(world.all().size() == 3);
  }
}

TEST_CASE("wire.md assigned_id: an id in a lost answer comes with its replay") {
  Naming world;
  world.hand_in(1, kLocal, "create");
  world.hand_in(2, kLocal, "update");
  world.go_online();
  world.answer(world.sends({1}), lost(http::TransportFailure::silent));
  world.pass(5'000);
  world.name(world.sends({1}));
  CHECK(world.get(2).entity == kNamed);
}

TEST_CASE("an id that the server has no business to give is not taken") {
  SECTION("the entity's id is the phone's") {
    QueueWorld world;
    world.enqueue(1, kLocal, "create");
    world.go_online();
    Json result = applied(1, kLocal, 1);
    result["assigned_id"] = "other";
    const auto effects = world.answer(world.sends({1}), results({result}));
    CHECK(effects.assigned.empty());
    CHECK(world.get(1).entity == kLocal);
  }
  SECTION("no id at all: the answer makes no sense") {
    Naming world;
    world.hand_in(1, kLocal, "create");
    world.go_online();
    for (const char* id : {"", "..", "."}) {
      const PushCall push = world.sends({1});
      world.name(push, id);
      CHECK(world.state(1) == "unknown");
      world.pass(300'000);
    }
  }
}
