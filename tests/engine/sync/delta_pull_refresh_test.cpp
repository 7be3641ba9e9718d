#include "engine/sync/delta_pull.hpp"

#include "schema/limits.hpp"
#include "tests/engine/sync/lane_rows.hpp"
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

// An old receipt brings version 4 of a document to a cache without it; the scope's cursor may lead
// past what became of it since.
struct OldReceipt : PullRig {
  OldReceipt() {
    fill();
    entities({{OperationId{{1}}, dump_json(wire_document("approval", "a-2", 4))}});
  }
  // The pull that the verdict asked for, or the next one; true when a refresh follows it.
  bool pull(std::vector<Json> changes = {}) {
    request();
    answer(ok(page("c" + std::to_string(++pulls), false, std::move(changes))));
    return call->number > number_of_page;
  }
  sync::PullEffects request() {
    auto effects = PullRig::request();
    number_of_page = call->number;
    return effects;
  }

  const EntityKey document_of_receipt{"approval", "a-2"};
  int pulls = 1;
  std::uint64_t number_of_page = 0;
};

TEST_CASE("INV-Q13 what a verdict brought and the pull behind it does not name is asked for") {
  OldReceipt rig;
  REQUIRE(rig.pull());
  CHECK(rig.body()["refresh"] ==
        Json{{{"entity_type", "approval"}, {"entity_id", "a-2"}, {"row_version", 4}}});
  const bool is_newer = GENERATE(true, false);
  rig.answer(
      ok(is_newer ? refreshed({wire_document("approval", "a-2", 5)}, {}) : refreshed({}, {"a-2"})));
  CHECK(rig.version_of(rig.document_of_receipt) == (is_newer ? 5 : 4));
  CHECK_FALSE(rig.pull());
}

TEST_CASE(
    "INV-Q13 what a verdict brought is asked for once where the server will not speak of it") {
  OldReceipt rig;
  REQUIRE(rig.pull());
  rig.answer(ok(refreshed({}, {})));
  CHECK_FALSE(rig.pull());
}

TEST_CASE("INV-Q13 what a verdict brought is asked for until the server has answered") {
  OldReceipt rig;
  REQUIRE(rig.pull());
  SECTION("a refresh that fails") { rig.answer(failed(TransportFailure::silent)); }
  SECTION("a process that dies") {
    rig.reopen();
    rig.start();
    rig.answer(ok(page("c9", false, {})));
    CHECK(rig.body().contains("refresh"));
    return;
  }
  CHECK(rig.pull());
}

TEST_CASE("What a verdict brought and a page names costs no refresh, nor does what was here") {
  OldReceipt rig;
  SECTION("in the version of the verdict") {
    CHECK_FALSE(rig.pull({wire_document("approval", "a-2", 4)}));
  }
  SECTION("in a newer one") { CHECK_FALSE(rig.pull({wire_document("approval", "a-2", 5)})); }
  SECTION("with the pull that follows the one under way") {
    rig.request();
    rig.PullRig::request();
    rig.answer(ok(page("c2", false, {})));
    CHECK(rig.body().contains("cursor"));
  }
  SECTION("a newer version of what the pull had brought") {
    rig.pull({wire_document("approval", "a-2", 4)});
    rig.entities({{OperationId{{2}}, dump_json(wire_document("approval", "a-1", 7))}});
    CHECK_FALSE(rig.pull());
  }
}

TEST_CASE("What a verdict brought goes with the next full pull that does not know it") {
  OldReceipt rig;
  rig.request();
  rig.answer(answered(410));
  rig.answer(ok(page("d1", false, {wire_document("approval", "a-1", 3)})));
  CHECK(rig.stored() == std::vector<EntityKey>{kA});
  CHECK(rig.body().contains("cursor"));
}

TEST_CASE("INV-Q14 an old receipt does not take back what this device made of a document since") {
  PullRig rig;
  rig.fill();
  const EntityKey entity{"approval", "a-2"};
  // Applied in version 3, pulled, and let go by the cache since.
  add_operation(rig, {.number = 7, .entity = entity, .action = "comment"});
  settle_with_entity(rig, 7, sync::OperationState::applied, wire_document("approval", "a-2", 3));
  mark_adopted(rig, 7);
  const auto verdict = [](std::uint8_t number, std::int64_t row_version) {
    return sync::EntityOfVerdict{OperationId{{number}},
                                 dump_json(wire_document("approval", "a-2", row_version))};
  };
  SECTION("it is asked for") {
    const auto effects = rig.entities({verdict(1, 2)});
    CHECK(effects.adopted.size() == 1);
    CHECK(effects.changed.empty());
    CHECK(rig.version_of(entity) == 0);
    CHECK(rig.body()["refresh"].size() == 1);
    rig.answer(ok(refreshed({wire_document("approval", "a-2", 4)}, {})));
    CHECK(rig.version_of(entity) == 4);
  }
  SECTION("unless a newer one comes with it, whose version needs no refresh") {
    const auto before = rig.call->number;
    const auto effects = rig.entities({verdict(1, 2), verdict(7, 3)});
    CHECK(effects.adopted.size() == 2);
    CHECK(rig.version_of(entity) == 3);
    CHECK(rig.call->number == before);
  }
}

// A conflict about a document of tier 2 whose verdict did not say what the server has.
struct UnseenConflict : PullRig {
  UnseenConflict() {
    fill();
    add_operation(*this, {.number = 7, .entity = kPr, .action = "update"});
    settle_with_entity(*this, 7, sync::OperationState::conflict, Json::object());
  }
  void tell() { entities({{operation, ""}}); }
  [[nodiscard]] bool is_asked() const { return body().contains("refresh"); }
  // What the sync queue hears.
  [[nodiscard]] static std::int64_t version_in(const sync::PullEffects& effects) {
    REQUIRE(effects.theirs.size() == 1);
    CHECK(effects.theirs[0].operation == operation);
    REQUIRE(effects.theirs[0].document);
    return effects.theirs[0].document->row_version;
  }

  inline static const EntityKey kPr{"pr", "pr-1"};
  inline static const OperationId operation{{7}};
};

TEST_CASE("P-29 what a conflict met is asked for at once, and told as the server has it") {
  UnseenConflict rig;
  SECTION("it was not here") {
    rig.tell();
    CHECK(rig.body()["refresh"] ==
          Json{{{"entity_type", "pr"}, {"entity_id", "pr-1"}, {"row_version", nullptr}}});
    CHECK(rig.version_in(rig.answer(ok(refreshed({wire_document("pr", "pr-1", 9)}, {})))) == 9);
    CHECK(rig.version_of(rig.kPr) == 9);
  }
  SECTION("it is as new here") {
    rig.put({rig.kPr, 3, Instant{1}, false, "{}"});
    rig.tell();
    CHECK(rig.version_in(rig.answer(ok(refreshed({}, {"pr-1"})))) == 3);
  }
  SECTION("it is gone") {
    rig.tell();
    const auto effects = rig.answer(ok(refreshed({wire_tombstone("pr", "pr-1", 0)}, {})));
    CHECK(rig.version_in(effects) == 0);
    CHECK(effects.theirs[0].document->deleted);
  }
  SECTION("it is never stored") {
    rig.profile.entities.at("pr").tier = profile::Tier::online;
    rig.tell();
    CHECK(rig.version_in(rig.answer(ok(refreshed({wire_document("pr", "pr-1", 9)}, {})))) == 9);
    CHECK(rig.version_of(rig.kPr) == 0);
  }
  SECTION("the server does not speak of it") {
    rig.put({rig.kPr, 3, Instant{1}, false, "{}"});
    rig.tell();
    const auto effects = rig.answer(ok(refreshed({}, {})));
    REQUIRE(effects.theirs.size() == 1);
    CHECK_FALSE(effects.theirs[0].document);
  }
  SECTION("it was thrown away while the question was under way") {
    rig.put({rig.kPr, 3, Instant{1}, false, "{}"});
    rig.tell();
    (void)rig.write([&](store::Transaction& tx) { return tx.run("DELETE FROM documents"); });
    CHECK(rig.answer(ok(refreshed({}, {"pr-1"}))).theirs.empty());
    REQUIRE(rig.is_asked());
    CHECK(rig.version_in(rig.answer(ok(refreshed({wire_document("pr", "pr-1", 3)}, {})))) == 3);
  }
}

TEST_CASE("P-29 the server's time comes with the answer that tells what a conflict met") {
  UnseenConflict rig;
  rig.tell();
  const Instant left_at = rig.now;
  rig.now = rig.now + Duration{40};
  http::Answer answer = ok(refreshed({wire_document("pr", "pr-1", 9)}, {}));
  answer.left_at = left_at;
  const auto effects = rig.answer(answer);
  REQUIRE(effects.server_time);
  CHECK(format_rfc3339(effects.server_time->told) == "2026-01-31T08:15:00.250Z");
  CHECK(effects.server_time->left_at == left_at);
  CHECK(effects.server_time->heard_at == rig.now);
  rig.request();
  CHECK(rig.answer(ok(page("c9", false, {}))).server_time);
  rig.request();
  CHECK_FALSE(rig.answer(answered(500)).server_time);
}

TEST_CASE(
    "P-29 INV-Q13 what a conflict met is asked for behind each pull until there is an answer") {
  UnseenConflict rig;
  SECTION("a refresh that fails") {
    rig.tell();
    CHECK(rig.answer(answered(GENERATE(404, 410, 500))).theirs.empty());
    rig.request();
  }
  SECTION("a process that dies") {
    rig.reopen();
    rig.start();
  }
  SECTION("a way that is barred") {
    rig.ready(false, true);
    rig.tell();
    rig.ready(true, true);
  }
  CHECK_FALSE(rig.is_asked());
  // The page may be older than the verdict: it decides nothing.
  CHECK(rig.answer(ok(page("c9", false, {wire_document("pr", "pr-1", 8)}))).theirs.empty());
  REQUIRE(rig.is_asked());
  CHECK(rig.version_in(rig.answer(ok(refreshed({wire_document("pr", "pr-1", 9)}, {})))) == 9);
  mark_adopted(rig, 7);
  rig.request();
  rig.answer(ok(page("c10", false, {})));
  CHECK_FALSE(rig.is_asked());
}

TEST_CASE("P-29 a refresh that left before the verdict tells a conflict nothing") {
  UnseenConflict rig;
  rig.refresh({rig.kPr});
  SECTION("it is under way") {
    rig.tell();
    CHECK(rig.answer(ok(refreshed({wire_document("pr", "pr-1", 8)}, {}))).theirs.empty());
  }
  SECTION("it waits for its turn") {
    rig.answer(ok(refreshed({wire_document("pr", "pr-1", 8)}, {})));
    rig.request();
    rig.refresh({rig.kPr});
    rig.tell();
    rig.answer(ok(page("c9", false, {})));
  }
  REQUIRE(rig.is_asked());
  CHECK(rig.version_in(rig.answer(ok(refreshed({wire_document("pr", "pr-1", 9)}, {})))) == 9);
}

}  // namespace landfall::pull_test
