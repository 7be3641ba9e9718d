#include "engine/cache/freshness.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/store/alias_table.hpp"
#include "engine/store/transaction.hpp"
#include "tests/engine/cache/query_rig.hpp"
#include "tests/engine/sync/lane_rows.hpp"

namespace landfall::pull_test {
namespace {

using namespace std::chrono_literals;

struct FreshRig : PullRig {
  cache::QueryAnswer ask(Json params) {
    auto answer = try_answer(*this, index, params, now);
    if (!answer) stop(answer.error());
    return std::move(*answer);
  }
  // [as_of, is_fresh] of the answer.
  Json freshness(const Json& params) {
    const Json reply = ask(params).reply;
    return {reply["as_of"], reply["is_fresh"]};
  }
  [[nodiscard]] std::string at() const { return format_rfc3339(now); }
  void pass(Duration span) { now = now + span; }
  void refresh_unchanged(const EntityKey& entity) {
    refresh({entity});
    answer(ok(dump_json(Json{{"changes", Json::array()}, {"unchanged", {entity.id}}})));
  }

  cache::SummaryIndex index;
};

const Json kApprovals{{"type", "approval"}};

Json with(Json params, const char* refresh) {
  params["refresh"] = refresh;
  return params;
}

}  // namespace

TEST_CASE("P-26: a list that a scope carries is as of the last pull that reached its end") {
  FreshRig rig;
  CHECK(rig.freshness(kApprovals) == Json{nullptr, false});
  rig.start();
  rig.answer(ok(page("c1", true, {wire_document("approval", "a", 1)})));
  CHECK(rig.freshness(kApprovals) == Json{nullptr, false});
  rig.pass(2s);
  rig.answer(ok(page("c2", false, {wire_document("approval", "b", 1)})));
  const std::string first = rig.at();
  CHECK(rig.freshness(kApprovals) == Json{first, true});
  // A document that came before the end is confirmed by it all the same.
  const Json documents = rig.ask(kApprovals).reply["documents"];
  CHECK(documents[0]["fetched_at"] == first);
  // Nothing of an id is an answer too.
  CHECK(rig.freshness({{"type", "approval"}, {"id", "z"}}) == Json{first, true});
  rig.pass(900s);
  CHECK(rig.freshness(kApprovals) == Json{first, true});
  rig.pass(1ms);
  CHECK(rig.freshness(kApprovals) == Json{first, false});
  rig.request();
  rig.answer(ok(page("c2", false, {})));
  CHECK(rig.freshness(kApprovals) == Json{rig.at(), true});
  CHECK(rig.freshness({{"type", "approval"}, {"id", "a"}}) == Json{rig.at(), true});
}

TEST_CASE("P-34: a document of tier 2 is as of when the server last sent it or knew no newer one") {
  FreshRig rig;
  rig.start();
  rig.answer(ok(page("c1", false, {})));
  const EntityKey order{"po", "7"};
  const Json one{{"type", "po"}, {"id", "7"}};
  CHECK(rig.freshness(one) == Json{nullptr, false});
  rig.refresh({order});
  rig.answer(ok(
      dump_json(Json{{"changes", {wire_document("po", "7", 1)}}, {"unchanged", Json::array()}})));
  const std::string stored = rig.at();
  CHECK(rig.freshness(one) == Json{stored, true});
  rig.pass(1000s);
  CHECK(rig.freshness(one) == Json{stored, false});
  rig.refresh_unchanged(order);
  const std::string confirmed = rig.at();
  CHECK(rig.freshness(one) == Json{confirmed, true});
  // A list is as old as the oldest on it, and fresh only when it has something.
  rig.pass(600s);
  rig.refresh({{"po", "8"}});
  rig.answer(ok(
      dump_json(Json{{"changes", {wire_document("po", "8", 1)}}, {"unchanged", Json::array()}})));
  CHECK(rig.freshness({{"type", "po"}}) == Json{confirmed, true});
  rig.pass(600s);
  CHECK(rig.freshness({{"type", "po"}}) == Json{confirmed, false});
  CHECK(rig.freshness({{"type", "vendor"}}) == Json{nullptr, false});
}

TEST_CASE(
    "max_age_s of the type decides, and an instant that is ahead of now makes nothing fresh") {
  FreshRig rig;
  rig.profile.entities.find("po")->second.max_age = 10s;
  rig.now = Instant{1};
  rig.put({{"po", "7"}, 1, Instant{1}, false, "{}"});
  const Json one{{"type", "po"}, {"id", "7"}};
  rig.pass(10s);
  CHECK(rig.freshness(one)[1] == true);
  rig.pass(1ms);
  CHECK(rig.freshness(one)[1] == false);
  rig.now = Instant{0};
  CHECK(rig.freshness(one)[1] == false);
}

TEST_CASE(
    "a document is asked for under its server's id, also when it is named by the phone's own") {
  FreshRig rig;
  (void)rig.write([](store::Transaction& tx) {
    return store::AliasTable::insert(tx, {"pr", "local"}, "server");
  });
  rig.put({{"pr", "server"}, 3, Instant{1}, false, "{}"});
  rig.now = Instant{2};
  const Json by_local_id{{"type", "pr"}, {"id", "local"}, {"refresh", "always"}};
  const auto answer = rig.ask(by_local_id);
  CHECK(answer.reply["documents"][0]["entity_id"] == "server");
  CHECK(answer.reply["as_of"] == "1970-01-01T00:00:00.001Z");
  CHECK(answer.reply["is_fresh"] == true);
  CHECK(answer.used == EntityKey{"pr", "server"});
  CHECK(answer.refresh == std::vector<EntityKey>{{"pr", "server"}});
}

TEST_CASE("P-33: what did not fit tier 1 is not taken for what the server does not have") {
  FreshRig rig;
  rig.start();
  rig.answer(ok(page("c1", false, {})));
  const Json absent{{"type", "approval"}, {"id", "z"}, {"refresh", "if_stale"}};
  CHECK(rig.ask(absent).refresh.empty());
  rig.profile.limits.tier1_bytes_max = 10;
  rig.request();
  rig.answer(ok(page("c2", false, {wire_document("approval", "a", 1)})));
  CHECK(rig.freshness(absent) == Json{nullptr, false});
  CHECK(rig.ask(absent).refresh == std::vector<EntityKey>{{"approval", "z"}});
}

TEST_CASE("P-4: a query asks the server for what is stale or absent, and for nothing made here") {
  FreshRig rig;
  rig.put({{"po", "7"}, 1, Instant{1}, false, "{}"});
  rig.now = Instant{1};
  const EntityKey order{"po", "7"};
  const Json one{{"type", "po"}, {"id", "7"}};
  const Json none{{"type", "po"}, {"id", "9"}};
  using Keys = std::vector<EntityKey>;
  CHECK(rig.ask(one).refresh.empty());
  CHECK(rig.ask(with(one, "never")).refresh.empty());
  CHECK(rig.ask(with(one, "if_stale")).refresh.empty());
  CHECK(rig.ask(with(one, "always")).refresh == Keys{order});
  CHECK(rig.ask(with(none, "if_stale")).refresh == Keys{{"po", "9"}});
  CHECK(rig.ask(with(none, "never")).refresh.empty());
  rig.pass(3600s);
  CHECK(rig.ask(with(one, "if_stale")).refresh == Keys{order});
  CHECK(rig.ask(with({{"type", "po"}}, "if_stale")).refresh == Keys{order});
  CHECK_FALSE(rig.ask(with({{"type", "po"}}, "always")).pull);

  add_operation(rig, {1, {"pr", "new"}, "create"});
  CHECK(rig.ask(with({{"type", "pr"}, {"id", "new"}}, "always")).refresh.empty());
  CHECK(rig.ask(with({{"type", "pr"}}, "always")).refresh.empty());

  CHECK(rig.ask(with(kApprovals, "if_stale")).pull);
  CHECK(rig.ask(with(kApprovals, "always")).refresh.empty());
  CHECK_FALSE(rig.ask(with(kApprovals, "never")).pull);
  rig.profile.entities.find("po")->second.tier = profile::Tier::online;
  CHECK(rig.ask(with(none, "always")).refresh.empty());
  CHECK(error_of(with(one, "maybe")).field == "params.refresh");
}

}  // namespace landfall::pull_test
