#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "schema/limits.hpp"
#include "tests/actors/rig.hpp"
#include "tests/engine/cache/followed_list.hpp"

namespace landfall::testing {
namespace {

using namespace std::chrono_literals;

Json subscribe(Rig& rig, const Json& params) {
  const Json reply = rig.call("documents.subscribe", params);
  INFO(reply.dump());
  REQUIRE(reply.contains("result"));
  return reply["result"];
}

std::size_t changes_of(const Rig& rig, std::int64_t subscription) {
  std::size_t count = 0;
  for (const auto& data : rig.events("subscription.changed"))
    count += data["subscription"] == subscription ? 1U : 0U;
  return count;
}

// What a query shows, without when it was fetched, which is no part of a picture.
Json views(Json result) {
  for (Json& document : result["documents"]) document.erase("fetched_at");
  return result["documents"];
}

Json approve(Rig& rig, const std::string& approval) {
  return {{"id", rig.make_id()},
          {"entity_type", "approval"},
          {"entity_id", approval},
          {"action", "approve"},
          {"attestation", {{"biometric_verified", true}}},
          {"payload", Json::object()}};
}

}  // namespace

TEST_CASE(
    "INV-Q14: a list that is subscribed to shows an operation, its verdict, and nothing between") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login(0).contains("result"));
  rig.advance(5s);
  const Json pending{{"type", "approval"}, {"filter", {{"status", "pending"}}}};
  const Json opened = subscribe(rig, pending);
  const std::int64_t number = opened["subscription"];
  REQUIRE_FALSE(opened["documents"].empty());
  CHECK(opened["more"] == false);
  CHECK(opened["documents"] == views(rig.call("documents.query", pending)["result"]));
  const std::string approval = opened["documents"][0]["entity_id"];

  REQUIRE(rig.call("operations.enqueue", approve(rig, approval)).contains("result"));
  REQUIRE(changes_of(rig, number) >= 1);
  const Json left = rig.events("subscription.changed").back();
  CHECK(left["removed"] == Json::array({approval}));
  CHECK(left["added"].empty());
  CHECK(left["changed"].empty());
  // The verdict and the pull behind it change nothing in this list any more.
  const auto before = changes_of(rig, number);
  rig.advance(20s);
  CHECK(rig.states().at("applied") == 1);
  CHECK(changes_of(rig, number) == before);

  CHECK(rig.call("documents.unsubscribe", {{"subscription", number}}).contains("result"));
  CHECK(rig.call("documents.unsubscribe", {{"subscription", number}})["error"]["code"] ==
        "subscription.unknown");
  const std::string other = opened["documents"][1]["entity_id"];
  REQUIRE(rig.call("operations.enqueue", approve(rig, other)).contains("result"));
  rig.advance(20s);
  CHECK(changes_of(rig, number) == before);
}

TEST_CASE("what one step changed is one event, and a host that polls late finds one event in all") {
  Rig rig;
  rig.boot();
  rig.script(kPull, answer_with(500, ""));
  REQUIRE(rig.login(0).contains("result"));
  FollowedList list;
  const Json params{{"type", "approval"}, {"sort", {{"by", "submitted_at"}}}};
  const Json opened = subscribe(rig, params);
  CHECK(opened["documents"].empty());
  list.begin(opened["documents"]);
  rig.unscript(kPull);
  // A page of all there is to approve is stored.
  rig.advance(20s);
  const auto told = rig.events("subscription.changed");
  CHECK(told.size() == 1);
  for (const auto& changes : told) list.follow(changes);
  const Json now = views(rig.call("documents.query", params)["result"]);
  REQUIRE(now.size() > 10);
  CHECK(list.documents() == now);

  // Five commits at most, and the host polls behind the last.
  for (std::size_t i = 0; i < 5; ++i)
    (void)rig.ask("operations.enqueue", approve(rig, now[i]["entity_id"]));
  while (rig.runtime().ready() > 0) rig.step();
  rig.read_messages();
  const auto more = rig.events("subscription.changed");
  REQUIRE(more.size() == told.size() + 1);
  list.follow(more.back());
  CHECK(list.documents() != now);
  rig.settle();
  const auto all = rig.events("subscription.changed");
  for (std::size_t i = more.size(); i < all.size(); ++i) list.follow(all[i]);
  CHECK(list.documents() == views(rig.call("documents.query", params)["result"]));
}

TEST_CASE("a subscription to one document hears when it comes and goes") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login(0).contains("result"));
  rig.set_online(false);
  Json made = rig.new_requisition();
  const Json opened = subscribe(rig, {{"type", "pr"}, {"id", made["entity_id"]}});
  CHECK(opened["documents"].empty());
  REQUIRE(rig.call("operations.enqueue", made).contains("result"));
  REQUIRE(rig.events("subscription.changed").size() == 1);
  CHECK(rig.events("subscription.changed")[0]["added"][0]["document"]["pending_sync"] == true);
  REQUIRE(rig.call("operations.cancel", {{"id", made["id"]}}).contains("result"));
  REQUIRE(rig.events("subscription.changed").size() == 2);
  CHECK(rig.events("subscription.changed")[1]["removed"] == Json::array({made["entity_id"]}));
}

TEST_CASE("one subscription too many is refused, and room is made by closing one") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login(0).contains("result"));
  std::int64_t last = 0;
  for (std::size_t i = 0; i < limits::kSubscriptionsMax; ++i)
    last = subscribe(rig, {{"type", "pr"}})["subscription"];
  CHECK(rig.call("documents.subscribe", {{"type", "pr"}})["error"]["code"] ==
        "subscription.too_many");
  CHECK(rig.call("documents.unsubscribe", {{"subscription", last}}).contains("result"));
  CHECK(subscribe(rig, {{"type", "pr"}})["subscription"] > last);
  CHECK(rig.call("documents.subscribe", {{"type", "contract"}})["error"]["field"] == "params.type");
}

TEST_CASE("subscriptions end with the partition, and the host is told: a restart, a logout") {
  Rig rig;
  rig.boot();
  CHECK(rig.call("documents.subscribe", {{"type", "pr"}})["error"]["code"] == "engine.locked");
  REQUIRE(rig.login(0).contains("result"));
  rig.set_online(false);
  const std::int64_t first = subscribe(rig, {{"type", "pr"}})["subscription"];
  rig.disk().fail_io(world::IoKind::sync, world::FaultMode::one_shot);
  CHECK(rig.call("operations.enqueue", rig.new_requisition())["error"]["code"] ==
        "engine.restarted");
  CHECK(rig.engine_state() == "ready");
  auto ended = rig.events("subscription.ended");
  REQUIRE(ended.size() == 1);
  CHECK(ended[0] == Json{{"subscription", first}, {"code", "partition.closed"}});

  const std::int64_t second = subscribe(rig, {{"type", "pr"}})["subscription"];
  CHECK(second > first);
  CHECK(rig.call("documents.unsubscribe", {{"subscription", first}})["error"]["code"] ==
        "subscription.unknown");
  rig.set_online(true);
  REQUIRE(rig.call("session.logout").contains("result"));
  ended = rig.events("subscription.ended");
  REQUIRE(ended.size() == 2);
  CHECK(ended[1]["subscription"] == second);
}

}  // namespace landfall::testing
