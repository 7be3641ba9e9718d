#include "engine/sync/delta_pull.hpp"

#include "schema/limits.hpp"
#include "tests/engine/sync/pull_rig.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

// Documents of tier 2 that somebody asks for.
namespace landfall::pull_test {
namespace {

using http::TransportFailure;

const EntityKey kA{"approval", "a-1"};
const EntityKey kPo{"po", "po-1"};

std::string refreshed(std::vector<Json> changes, std::vector<std::string> unchanged) {
  return dump_json(Json{{"server_time", "2026-01-31T08:15:00.250Z"},
                        {"changes", std::move(changes)},
                        {"unchanged", std::move(unchanged)}});
}

}  // namespace

TEST_CASE("A refresh asks for documents with the versions known, before the next page (P-34)") {
  PullRig rig;
  rig.put({kPo, 3, Instant{1}, false, "{}"});
  rig.start();
  CHECK_FALSE(rig.refresh({kPo, {"vendor", "v-1"}}).pull);
  rig.answer(ok(page("c1", true, {})));
  CHECK(rig.body() ==
        Json{{"device_id", "device-1"},
             {"refresh",
              {{{"entity_type", "po"}, {"entity_id", "po-1"}, {"row_version", 3}},
               {{"entity_type", "vendor"}, {"entity_id", "v-1"}, {"row_version", nullptr}}}}});
  const auto effects = rig.answer(ok(refreshed({wire_document("vendor", "v-1", 1)}, {"po-1"})));
  CHECK(effects.refreshed == std::vector<EntityKey>{{"vendor", "v-1"}, kPo});
  CHECK(effects.changed == std::vector<EntityKey>{{"vendor", "v-1"}});
  CHECK_FALSE(effects.failed_refresh);
  CHECK(rig.body()["cursor"] == "c1");
}

TEST_CASE("A refresh that brings a tombstone is a refresh all the same") {
  PullRig rig;
  rig.put({kPo, 3, Instant{1}, false, "{}"});
  rig.fill();
  rig.refresh({kPo});
  CHECK(rig.answer(ok(refreshed({wire_tombstone("po", "po-1", 4)}, {}))).refreshed ==
        std::vector<EntityKey>{kPo});
  CHECK(rig.document(kPo)->deleted);
}

TEST_CASE("Documents that a server does not name in its answer to a refresh are reported") {
  PullRig rig;
  rig.fill();
  rig.refresh({kPo, {"vendor", "v-1"}});
  const auto effects = rig.answer(ok(refreshed({wire_document("vendor", "v-1", 1)}, {})));
  CHECK(effects.refreshed == std::vector<EntityKey>{{"vendor", "v-1"}});
  CHECK(effects.not_refreshed == std::vector<EntityKey>{kPo});
  REQUIRE(effects.failed_refresh);
  CHECK(effects.failed_refresh->code == "document.unknown");
}

TEST_CASE("A refresh that fails tells who asked, changes nothing and does not slow the scopes") {
  const auto answer =
      GENERATE(answered(500), failed(TransportFailure::silent), failed(TransportFailure::not_sent),
               ok("<html/>"), ok(refreshed({wire_document("vendor", "v-9", 1)}, {})), ok("{}"));
  PullRig rig;
  rig.fill();
  rig.refresh({kPo});
  const auto effects = rig.answer(answer);
  CHECK(effects.not_refreshed == std::vector<EntityKey>{kPo});
  CHECK(effects.failed_refresh);
  CHECK_FALSE(effects.failed_pull);
  CHECK(rig.stored() == std::vector<EntityKey>{kA});
  CHECK(rig.request().pull);
}

TEST_CASE("Offline, logged out or told to wait, a refresh is answered at once (P-4, P-27)") {
  PullRig rig;
  rig.fill();
  rig.ready(false, true);
  CHECK(rig.refresh({kPo}).failed_refresh->kind == ErrorClass::wait_network);
  rig.ready(true, false);
  CHECK(rig.refresh({kPo}).failed_refresh->kind == ErrorClass::auth);
  rig.ready(true, true);
  rig.answer(answered(503, {{"Retry-After", "60"}}));
  CHECK(rig.refresh({kPo}).failed_refresh->kind == ErrorClass::busy);
}

TEST_CASE(
    "Going offline answers the refreshes that wait; the one under way is answered by its call") {
  PullRig rig;
  rig.fill();
  rig.refresh({kPo});
  rig.refresh({{"vendor", "v-1"}});
  CHECK(rig.ready(false, true).not_refreshed == std::vector<EntityKey>{{"vendor", "v-1"}});
  const auto answer = ok(refreshed({wire_document("po", "po-1", 1)}, {}));
  CHECK(rig.answer(answer).refreshed == std::vector<EntityKey>{kPo});
}

TEST_CASE("Refreshes go 200 a call, each document once, and beyond 1,000 are refused whole") {
  PullRig rig;
  rig.start();
  std::vector<EntityKey> many;
  for (std::size_t i = 0; i < limits::kRefreshQueueMax; ++i)
    many.push_back({"po", "po-" + std::to_string(i)});
  rig.refresh(many);
  rig.refresh(many);
  const auto refused =
      rig.database->write("test", store::Durability::ordered, [&](store::Transaction& tx) {
        return rig.machine->on_refresh(tx, {{"vendor", "v-1"}}, rig.now);
      });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "pull.busy");
  CHECK(refused.error().kind == ErrorClass::busy);
  rig.answer(ok(page("c1", false, {})));
  CHECK(rig.body()["refresh"].size() == limits::kRefreshDocumentsMax);
}

}  // namespace landfall::pull_test
