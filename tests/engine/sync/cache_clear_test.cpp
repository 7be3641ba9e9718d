#include <chrono>
#include <optional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/store/document_table.hpp"
#include "tests/engine/sync/lane_rows.hpp"
#include "tests/engine/sync/pull_rig.hpp"

namespace landfall::pull_test {
namespace {

struct ClearRig : PullRig {
  sync::PullEffects clear(std::optional<EntityKey> kept = std::nullopt) {
    auto effects = *write([&](store::Transaction& tx) { return machine->on_clear(tx, kept, now); });
    if (effects.pull) call = effects.pull;
    return effects;
  }
  [[nodiscard]] cache::CacheStatus status() {
    return read(
        [&](const store::Snapshot& snapshot) { return cache::read_status(snapshot, profile); });
  }
};

std::string refreshed(std::vector<Json> changes, std::vector<std::string> unchanged) {
  return dump_json(Json{{"changes", std::move(changes)}, {"unchanged", std::move(unchanged)}});
}

}  // namespace

TEST_CASE(
    "a cleared cache keeps what unsettled operations refer to, and pulls from the beginning") {
  ClearRig rig;
  rig.start();
  rig.answer(ok(page("c1", false,
                     {wire_document("approval", "a", 1), wire_document("approval", "b", 1),
                      wire_document("approval", "c", 1), wire_tombstone("kpi", "k", 2)})));
  rig.put({{"pr", "p"}, 1, Instant{1}, false, "{}"});
  add_operation(rig, {1, {"approval", "a"}, "approve"});
  add_operation(rig, {2, {"approval", "b"}, "approve"});
  settle_with_entity(rig, 2, sync::OperationState::applied, wire_document("approval", "b", 2));
  add_operation(rig, {3, {"approval", "c"}, "approve"});
  settle_with_entity(rig, 3, sync::OperationState::applied, wire_document("approval", "c", 1));
  mark_adopted(rig, 3);
  const auto effects = rig.clear();
  REQUIRE(effects.cleared);
  CHECK(effects.cleared->kept == 2);
  CHECK(effects.cleared->removed == 3);
  CHECK(rig.stored() == std::vector<EntityKey>{{"approval", "a"}, {"approval", "b"}});
  CHECK(rig.status().pinned.sums.documents == 2);
  CHECK(rig.status().on_demand.sums == store::TierSums{});
  CHECK(rig.status().evicted == store::TierSums{});
  CHECK(rig.cursor("tier1")->cursor == std::nullopt);
  REQUIRE(effects.pull);
  CHECK(rig.body()["cursor"].is_null());
  // What the full pull does not name any more goes at its end, as ever.
  rig.answer(ok(page("c9", false, {wire_document("approval", "a", 1)})));
  CHECK(rig.stored() == std::vector<EntityKey>{{"approval", "a"}});
}

TEST_CASE("what others cannot do without stays, until the full pull has its word on it") {
  ClearRig rig;
  rig.start();
  rig.answer(
      ok(page("c1", false,
              {wire_document("kpi", "u", 1), wire_document("kpi", "v", 1)})));
  CHECK(rig.clear(EntityKey{"kpi", "u"}).cleared->kept == 1);
  CHECK(rig.stored() == std::vector<EntityKey>{{"kpi", "u"}});
  rig.answer(ok(page("c2", false, {})));
  CHECK(rig.stored().empty());
}

TEST_CASE("Retry-After counts also when it comes with a page that is of no use any more") {
  ClearRig rig;
  rig.start();
  rig.answer(ok(page("c1", false, {})));
  rig.request();
  CHECK_FALSE(rig.clear().pull);
  SECTION("the server wants to be left alone") {
    const auto effects = rig.answer(answered(503, {{"Retry-After", "60"}}));
    CHECK_FALSE(effects.pull);
    CHECK(effects.wake_at == rig.now + std::chrono::seconds{60});
  }
  SECTION("it knows the old cursor no more, which nobody needs") {
    const auto effects = rig.answer(answered(410));
    REQUIRE(effects.pull);
    CHECK(rig.body()["cursor"].is_null());
  }
}

TEST_CASE("INV-Q11: a page that was under way when the cache was cleared is not applied") {
  ClearRig rig;
  rig.start();
  rig.answer(ok(page("c1", false, {wire_document("approval", "a", 1)})));
  rig.request();
  CHECK(rig.body()["cursor"] == "c1");
  CHECK_FALSE(rig.clear().pull);
  // It would name what changed since c1, and its cursor would stand for all that was before.
  const auto effects = rig.answer(ok(page("c2", false, {wire_document("approval", "b", 1)})));
  CHECK(effects.scopes_completed.empty());
  CHECK(rig.stored().empty());
  REQUIRE(effects.pull);
  CHECK(rig.body()["cursor"].is_null());
  rig.answer(ok(
      page("c2", false, {wire_document("approval", "a", 1), wire_document("approval", "b", 1)})));
  CHECK(rig.stored().size() == 2);
}

TEST_CASE("what was cleared while it was being refreshed is asked for once more, in full") {
  ClearRig rig;
  rig.start();
  rig.answer(ok(page("c1", false, {})));
  rig.put({{"po", "7"}, 4, Instant{1}, false, "{}"});
  rig.refresh({{"po", "7"}});
  CHECK(rig.body()["refresh"][0]["row_version"] == 4);
  rig.clear();
  auto effects = rig.answer(ok(refreshed({}, {"7"})));
  CHECK(effects.refreshed.empty());
  CHECK(effects.not_refreshed.empty());
  CHECK(rig.body()["refresh"][0]["row_version"].is_null());
  SECTION("and comes") {
    effects = rig.answer(ok(refreshed({wire_document("po", "7", 4)}, {})));
    CHECK(effects.refreshed == std::vector<EntityKey>{{"po", "7"}});
    CHECK(rig.document({"po", "7"})->row_version == 4);
  }
  SECTION("or a server that says nothing of it is not asked for ever") {
    effects = rig.answer(ok(refreshed({}, {"7"})));
    CHECK(effects.not_refreshed == std::vector<EntityKey>{{"po", "7"}});
    REQUIRE(effects.failed_refresh);
    CHECK(effects.failed_refresh->code == "document.unknown");
  }
}

TEST_CASE("what waits to be refreshed when the cache is cleared is asked for in full") {
  ClearRig rig;
  rig.start();
  rig.put({{"po", "7"}, 4, Instant{1}, false, "{}"});
  rig.refresh({{"po", "7"}});  // behind the page that is under way
  rig.clear();
  rig.answer(ok(page("c1", false, {})));
  CHECK(rig.body()["refresh"][0]["row_version"].is_null());
}

}  // namespace landfall::pull_test
