#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>

#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"
#include "tests/engine/sync/pull_rig.hpp"

// Lists, cached reads and single documents that somebody waits for.
namespace landfall::pull_test {
namespace {

using namespace std::chrono_literals;

struct ListRig : PullRig {
  // Online, with an empty scope that was pulled to its end.
  ListRig() {
    start();
    answer(ok(page("c1", false, {})));
  }

  sync::ListAsked ask(sync::ListQuestion question) {
    auto asked = machine->on_list(std::move(question), now);
    if (!asked) stop(asked.error());
    if (asked->effects.pull) call = asked->effects.pull;
    return std::move(*asked);
  }
  sync::PullEffects fetch(const EntityKey& entity) {
    auto effects =
        *write([&](store::Transaction& tx) { return machine->on_fetch(tx, entity, now); });
    if (effects.pull) call = effects.pull;
    return effects;
  }
};

sync::ListQuestion orders(const std::string& text = "") {
  sync::ListQuestion question;
  question.type = "po";
  question.text = text;
  return question;
}

sync::ListQuestion dashboard() {
  sync::ListQuestion question;
  question.type = "kpi";
  question.read = "dashboard";
  return question;
}

http::Answer list(std::vector<Json> changes, const Json& next = nullptr) {
  return ok(dump_json(Json{{"changes", std::move(changes)}, {"next", next}}));
}

http::Answer items(std::vector<Json> documents, int pending) {
  return ok(dump_json(Json{{"server_time", "2026-01-31T08:15:00.250Z"},
                           {"items", std::move(documents)},
                           {"totals", {{"pending", pending}}}}));
}

const EntityKey kKept{"answer", "dashboard"};

}  // namespace

TEST_CASE("P-34 INV-Q12: a list's documents are stored by the rule of all others") {
  ListRig rig;
  rig.put({{"po", "old"}, 5, Instant{1}, false, R"({"v":5})"});
  const auto asked = rig.ask(orders("steel"));
  REQUIRE(rig.call);
  CHECK(rig.body()["query"]["text"] == "steel");
  const auto effects =
      rig.answer(list({wire_document("po", "old", 4), wire_document("po", "new", 1)}, "new"));
  REQUIRE(effects.lists.size() == 1);
  CHECK(effects.lists[0].ticket == asked.ticket);
  REQUIRE(effects.lists[0].answer);
  CHECK(effects.lists[0].answer->documents.size() == 2);
  CHECK(effects.lists[0].answer->next == "new");
  CHECK(effects.changed == std::vector<EntityKey>{{"po", "new"}});
  CHECK(rig.document({"po", "old"})->row_version == 5);
  CHECK(rig.document({"po", "new"})->row_version == 1);
  CHECK(rig.cursor("tier1")->cursor == "c1");
}

TEST_CASE("P-4: equal questions are one call, and each ticket is answered once") {
  ListRig rig;
  const auto first = rig.ask(orders());
  const auto sent = rig.call->number;
  CHECK(rig.ask(orders()).ticket == first.ticket);  // in flight
  const auto other = rig.ask(orders("steel"));
  CHECK(other.ticket != first.ticket);
  CHECK(rig.ask(orders("steel")).ticket == other.ticket);  // waiting
  CHECK(rig.call->number == sent);
  auto effects = rig.answer(list({}));
  REQUIRE(effects.lists.size() == 1);
  CHECK(effects.lists[0].ticket == first.ticket);
  effects = rig.answer(list({}));
  REQUIRE(effects.lists.size() == 1);
  CHECK(effects.lists[0].ticket == other.ticket);
  CHECK_FALSE(effects.pull);
  // What is asked behind the answer is another call.
  CHECK(rig.ask(orders()).ticket > other.ticket);
}

TEST_CASE("P-35: documents that are online only come with the answer and are stored nowhere") {
  ListRig rig;
  rig.profile.entities.at("po").tier = profile::Tier::online;
  rig.ask(orders());
  const auto effects = rig.answer(list({wire_document("po", "1", 1)}));
  CHECK(effects.lists[0].answer->documents.size() == 1);
  CHECK(effects.changed.empty());
  CHECK_FALSE(rig.document({"po", "1"}));

  rig.fetch({"po", "1"});
  const auto fetched = rig.answer(ok(
      dump_json(Json{{"changes", {wire_document("po", "1", 1)}}, {"unchanged", Json::array()}})));
  REQUIRE(fetched.brought.size() == 1);
  CHECK(fetched.refreshed == std::vector<EntityKey>{{"po", "1"}});
  CHECK_FALSE(rig.document({"po", "1"}));
}

TEST_CASE("P-34: a list that does not fit tier 2 comes whole all the same") {
  ListRig rig;
  rig.profile.limits.tier2_bytes_max = 1;
  rig.ask(orders());
  const auto effects = rig.answer(list({wire_document("po", "1", 1), wire_document("po", "2", 1)}));
  CHECK(effects.lists[0].answer->documents.size() == 2);
  CHECK(effects.evicted == std::vector<EntityKey>{{"po", "1"}});
  CHECK_FALSE(rig.document({"po", "1"}));
}

TEST_CASE("P-4 P-27: offline, logged out or told to wait, who asks for a list hears so at once") {
  ListRig rig;
  const auto failed = [&] {
    const auto asked = rig.ask(orders());
    REQUIRE(asked.effects.lists.size() == 1);
    CHECK(asked.effects.lists[0].ticket == asked.ticket);
    return asked.effects.lists[0].answer.error();
  };
  rig.ready(false, true);
  CHECK(failed().code == "network.not_sent");
  CHECK(failed().kind == ErrorClass::wait_network);
  rig.ready(true, false);
  CHECK(failed().code == "network.no_session");
  rig.ready(true, true);
  rig.answer(answered(503, {{"Retry-After", "60"}}));
  CHECK(failed().code == "pull.server_busy");
}

TEST_CASE("A list that cannot be had fails alone: nothing is stored and the scopes go on") {
  ListRig rig;
  rig.ask(orders());
  auto effects = rig.answer(answered(500));
  CHECK(effects.lists[0].answer.error().code == "answer.server_error");
  CHECK_FALSE(effects.failed_pull);
  CHECK(rig.request().pull);
  rig.answer(ok(page("c2", false, {})));
  rig.ask(orders());
  effects = rig.answer(list({wire_document("po", "1", 1), wire_document("pr", "1", 1)}));
  CHECK(effects.lists[0].answer.error().code == "pull.answer_invalid");
  CHECK(rig.stored().empty());
  rig.ask(orders());
  effects = rig.answer(answered(429, {{"Retry-After", "30"}}));
  CHECK_FALSE(effects.lists[0].answer);
  CHECK_FALSE(rig.request().pull);  // the server wants to be left alone
}

TEST_CASE("Lists go before the pages of scopes, and too many of them are refused") {
  ListRig rig;
  rig.request();
  REQUIRE(rig.body().contains("scope"));
  for (std::size_t i = 0; i < limits::kListQuestionsMax; ++i)
    rig.ask(orders("text " + std::to_string(i)));
  const auto refused = rig.machine->on_list(orders("one more"), rig.now);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "pull.busy");
  rig.answer(ok(page("c2", true, {})));
  CHECK(rig.body()["query"]["text"] == "text 0");
}

TEST_CASE("P-91 P-67: the answer of a cached read is a document of its own, as old as its answer") {
  ListRig rig;
  rig.ask(dashboard());
  CHECK(rig.call->call.endpoint == "dashboard");
  auto effects = rig.answer(items({wire_document("kpi", "B", 1), wire_document("kpi", "A", 1)}, 3));
  REQUIRE(rig.document(kKept));
  CHECK(rig.document(kKept)->row_version == 1);
  CHECK(Json::parse(rig.document(kKept)->data) ==
        Json{{"items", {"B", "A"}}, {"totals", {{"pending", 3}}}});
  CHECK(effects.changed.back() == kKept);

  // The same once more is no change of it, only younger.
  rig.now = rig.now + 1min;
  rig.ask(dashboard());
  effects = rig.answer(items({wire_document("kpi", "B", 1), wire_document("kpi", "A", 1)}, 3));
  CHECK(effects.changed.empty());
  CHECK(rig.read([&](const store::Snapshot& snapshot) {
             return store::find_confirmation(snapshot, kKept);
           })
            ->at == rig.now);

  rig.ask(dashboard());
  effects = rig.answer(items({wire_document("kpi", "B", 2)}, 2));
  CHECK(rig.document(kKept)->row_version == 2);
  CHECK(effects.changed == std::vector<EntityKey>{{"kpi", "B"}, kKept});
  CHECK(rig.document({"kpi", "A"}));  // a list is no word about what is not on it
}

TEST_CASE("P-97: a further page of a cached read is stored but does not replace what is kept") {
  ListRig rig;
  rig.ask(dashboard());
  rig.answer(items({wire_document("kpi", "A", 1)}, 3));
  auto further = dashboard();
  further.after = "A";
  rig.ask(further);
  rig.answer(items({wire_document("kpi", "B", 1)}, 3));
  CHECK(Json::parse(rig.document(kKept)->data)["items"] == Json::array({"A"}));
  CHECK(rig.document({"kpi", "B"}));
}

TEST_CASE("P-33: a kept answer is no scope's, so that a full pull leaves it alone") {
  ListRig rig;
  rig.ask(dashboard());
  rig.answer(items({wire_document("kpi", "A", 1)}, 3));
  rig.request();
  rig.answer(answered(410));
  rig.answer(ok(page("c1", false, {})));
  CHECK_FALSE(rig.document({"kpi", "A"}));
  CHECK(rig.document(kKept));
}

TEST_CASE("P-4: one request is in flight for a document, and who comes later shares its answer") {
  ListRig rig;
  rig.fetch({"po", "1"});
  CHECK(rig.body()["refresh"].size() == 1);
  CHECK_FALSE(rig.fetch({"po", "1"}).pull);
  const auto effects = rig.answer(ok(
      dump_json(Json{{"changes", {wire_document("po", "1", 3)}}, {"unchanged", Json::array()}})));
  CHECK(effects.refreshed == std::vector<EntityKey>{{"po", "1"}});
  CHECK(effects.brought[0].row_version == 3);
  CHECK_FALSE(effects.pull);
  // A refresh wants what the server has from now on, and is asked for by itself.
  rig.fetch({"po", "1"});
  CHECK_FALSE(rig.refresh({{"po", "1"}}).pull);
  CHECK(rig.answer(ok(R"({"changes":[],"unchanged":["1"]})")).pull);
}

TEST_CASE("wire.md: a cursor that the server does not know (400) begins its scope anew, as 410") {
  ListRig rig;
  rig.request();
  rig.answer(ok(page("c2", false, {wire_document("approval", "kept", 1)})));
  rig.request();
  auto effects = rig.answer(answered(400, {}, R"({"error":{"code":"BAD_CURSOR"}})"));
  CHECK_FALSE(effects.failed_pull);
  CHECK(rig.body()["cursor"].is_null());
  CHECK(rig.document({"approval", "kept"}));
  // Without a cursor it was not the cursor: the scope waits as after any failure, and asks again.
  effects = rig.answer(answered(400));
  REQUIRE(effects.failed_pull);
  CHECK_FALSE(effects.pull);
  CHECK(rig.wake_after(5s).pull);
  CHECK(rig.body()["cursor"].is_null());
  rig.answer(ok(page("c1", false, {wire_document("approval", "kept", 1)})));
  CHECK(rig.document({"approval", "kept"}));
}

TEST_CASE("INV-Q11: a cursor that did not move is not written again") {
  ListRig rig;
  const auto updated_ms = [&] {
    return rig.read([&](const store::Snapshot& snapshot) -> Result<std::int64_t> {
      LANDFALL_TRY_ASSIGN(store::Rows rows,
                          snapshot.select("SELECT updated_ms FROM cursors WHERE scope = 'tier1'"));
      LANDFALL_TRY_ASSIGN(const auto at,
                          rows.first([](const store::Rows& row) { return row.integer(0); }));
      return at.value_or(0);
    });
  };
  const auto first = updated_ms();
  CHECK(first == rig.now.unix_ms);
  rig.now = rig.now + 1min;
  rig.request();
  rig.answer(ok(page("c1", false, {})));
  CHECK(updated_ms() == first);
  rig.request();
  rig.answer(ok(page("c2", false, {})));
  CHECK(updated_ms() == rig.now.unix_ms);
}

}  // namespace landfall::pull_test
