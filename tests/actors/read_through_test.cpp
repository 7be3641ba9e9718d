#include <string>

#include <catch2/catch.hpp>

#include "tests/actors/rig.hpp"
#include "tests/engine/cache/followed_list.hpp"

namespace landfall::testing {
namespace {

using namespace std::chrono_literals;

std::string an_order(Rig& rig) {
  for (const auto& document : rig.backend().documents()) {
    if (document.key.type == "po") return document.key.id;
  }
  FAIL("the backend has no order");
  return {};
}

Json query(Rig& rig, const Json& params) {
  const Json reply = rig.call("documents.query", params);
  INFO(reply.dump());
  REQUIRE(reply.contains("result"));
  return reply["result"];
}

std::size_t told(const Rig& rig, const std::string& id) {
  std::size_t count = 0;
  for (const auto& data : rig.events("document.changed"))
    count += data["entity_id"] == id ? 1U : 0U;
  return count;
}

// Calls to the pull endpoint so far.
class Pulls final {
 public:
  explicit Pulls(Rig& rig) {
    rig.script(kPull, [this, &rig](const ScriptedTransport::Call& call) {
      ++count;
      return rig.to_backend()(call);
    });
  }
  int count = 0;
};

}  // namespace

TEST_CASE(
    "P-4 P-26: a query answers from the cache at once and refreshes behind it what is stale") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login(0).contains("result"));
  rig.advance(5s);
  Pulls pulls(rig);
  const std::string order = an_order(rig);
  Json params{{"type", "po"}, {"id", order}};
  CHECK(query(rig, params)["documents"].empty());
  CHECK(pulls.count == 0);

  params["refresh"] = "if_stale";
  const Json absent = query(rig, params);
  CHECK(absent["documents"].empty());
  CHECK(absent["as_of"].is_null());
  CHECK(absent["is_fresh"] == false);
  CHECK(pulls.count == 1);
  CHECK(told(rig, order) == 1);

  const Json fresh = query(rig, params);
  REQUIRE(fresh["documents"].size() == 1);
  CHECK(fresh["is_fresh"] == true);
  CHECK(fresh["documents"][0]["fetched_at"] == fresh["as_of"]);
  CHECK(pulls.count == 1);

  params["refresh"] = "always";
  (void)query(rig, params);
  CHECK(pulls.count == 2);
  CHECK(told(rig, order) == 1);  // the server had no newer one

  REQUIRE(rig.backend().edit_as_other({"po", order}, {{"project", "north"}}, rig.clock().now()));
  rig.advance(20min);
  params["refresh"] = "if_stale";
  const Json stale = query(rig, params);
  CHECK(stale["is_fresh"] == false);
  CHECK(told(rig, order) == 2);
  CHECK(query(rig, params)["documents"][0]["data"]["project"] == "north");
}

TEST_CASE(
    "a list that a scope carries is refreshed by a pull, and offline nothing is asked at all") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login(0).contains("result"));
  rig.advance(5s);
  Pulls pulls(rig);
  CHECK(query(rig, {{"type", "approval"}, {"refresh", "if_stale"}})["is_fresh"] == true);
  CHECK(pulls.count == 0);
  (void)query(rig, {{"type", "approval"}, {"refresh", "always"}});
  CHECK(pulls.count == 1);
  rig.set_online(false);
  const Json offline = query(rig, {{"type", "po"}, {"id", an_order(rig)}, {"refresh", "always"}});
  CHECK(offline["documents"].empty());
  CHECK(pulls.count == 1);
  CHECK(query(rig, {{"type", "approval"}})["documents"].size() > 10);
}

TEST_CASE("cache.clear empties lists and subscriptions, and what comes back is told") {
  Rig rig;
  rig.boot();
  CHECK(rig.call("cache.clear")["error"]["code"] == "engine.locked");
  REQUIRE(rig.login(0).contains("result"));
  rig.advance(5s);
  rig.set_online(false);
  const Json list{{"type", "approval"}};
  const Json opened = rig.call("documents.subscribe", list)["result"];
  FollowedList shown;
  shown.begin(opened["documents"]);
  const auto cleared = rig.call("cache.clear");
  REQUIRE(cleared.contains("result"));
  CHECK(cleared["result"]["kept"] == 1);  // the user's settings
  CHECK(rig.events("cache.cleared").size() == 1);
  const Json empty = query(rig, list);
  CHECK(empty["documents"].empty());
  CHECK(empty["as_of"].is_null());
  REQUIRE(rig.events("subscription.changed").size() == 1);
  CHECK(rig.events("subscription.changed")[0]["removed"].size() == opened["documents"].size());
  rig.set_online(true);
  rig.advance(10s);
  for (const auto& data : rig.events("subscription.changed")) shown.follow(data);
  CHECK(query(rig, list)["documents"].size() == opened["documents"].size());
  CHECK(shown.documents().size() == opened["documents"].size());
}

}  // namespace landfall::testing
