// What servers, portals and attackers answer (reliability 4, "Server JSON"): a bad answer is
// refused whole, with a code and the field; nothing acknowledged is lost or settled wrongly, no
// page is half applied, and a cursor moves only with its page.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/sync/delta_pull.hpp"
#include "engine/sync/push_results.hpp"
#include "schema/limits.hpp"
#include "tests/engine/json_mutations.hpp"
#include "tests/engine/sync/pull_rig.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

namespace landfall::test {
namespace {

using pull_test::PullRig;
using pull_test::wire_document;
using pull_test::wire_tombstone;
using sync::OperationResults;

// ---- Push and receipts, as texts

Json push_answer() {
  Json named = applied(1, kApproval, 8);
  named["entity"]["data"] = Json{{"note", kMarker}};
  named["assigned_id"] = "A-1";
  named["replayed"] = true;
  return Json{
      {"server_time", "2026-01-01T00:00:00.000Z"},
      {"results", {named, conflicting(2, kPo, 9), rejected(3, "NO"), retry(4, "busy", 30)}}};
}

Json receipts_answer() {
  const Json unseen{{"id", to_text(op(4))}, {"status", "unseen"}};
  return Json{
      {"server_time", "2026-01-01T00:00:00.000Z"},
      {"receipts", {applied(1, kApproval, 8), conflicting(2, kPo, 9), rejected(3, "NO"), unseen}}};
}

const std::vector<OperationId>& asked() {
  static const std::vector<OperationId> ids{op(1), op(2), op(3), op(4)};
  return ids;
}

// Each operation is told what the server meant, or nothing at all.
template <class Parse>
void check_each_mutation(const Json& valid, Parse parse) {
  const Result<OperationResults> meant = parse(valid.dump());
  REQUIRE(meant.has_value());
  REQUIRE(meant->size() == 4);
  int refused = 0;
  int taken = 0;
  for (const MutatedJson& mutated : mutations_of(valid)) {
    const Result<OperationResults> parsed = parse(mutated.text);
    INFO(mutated.what);
    if (!parsed) {
      ++refused;
      check_safe(parsed.error());
      continue;
    }
    ++taken;
    for (const auto& [id, result] : *parsed) {
      REQUIRE(meant->contains(id));
      CHECK(result.status == meant->at(id).status);
      CHECK(result.row_version.value_or(1) >= 1);
      CHECK(sync::clean_code(result.code) == result.code);
      CHECK(Json::accept(result.verdict));
    }
  }
  CHECK(refused > 300);
  CHECK(taken > 100);
}

TEST_CASE("a push answer with any one place wrong settles no operation otherwise than it says") {
  check_each_mutation(push_answer(), [](const std::string& text) {
    return sync::parse_push_results(text, asked());
  });
}

TEST_CASE("a receipts answer with any one place wrong settles no operation otherwise") {
  check_each_mutation(receipts_answer(),
                      [](const std::string& text) { return sync::parse_receipts(text, asked()); });
}

TEST_CASE("an endpoint's answer with any one place wrong is refused or is the verdict it was") {
  profile::Endpoint endpoint;
  endpoint.reply = {{"entity", "data.approval"}, {"assigned_id", "data.id"}};
  Json valid{{"data", {{"approval", applied(1, kApproval, 8)["entity"]}, {"id", "server-7"}}}};
  valid["data"]["approval"]["data"]["note"] = kMarker;
  int refused = 0;
  for (const MutatedJson& mutated : mutations_of(valid)) {
    INFO(mutated.what);
    const auto parsed = sync::parse_endpoint_reply(endpoint, mutated.text, op(1));
    if (!parsed) {
      ++refused;
      check_safe(parsed.error());
      continue;
    }
    REQUIRE(parsed->size() == 1);
    CHECK(parsed->at(op(1)).entity.has_value());
    CHECK(parsed->at(op(1)).row_version.value_or(0) >= 1);
  }
  CHECK(refused > 100);
}

TEST_CASE("a push answer's error names the field that is wrong") {
  const auto field_of = [](const std::string& pointer, const Json& value) {
    Json answer = push_answer();
    answer[Json::json_pointer(pointer)] = value;
    const auto parsed = sync::parse_push_results(answer.dump(), asked());
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error().field.value_or("");
  };
  CHECK(field_of("/results", 7) == "results");
  CHECK(field_of("/results/1/id", 7) == "results[1].id");
  CHECK(field_of("/results/1/status", "done") == "results[1].status");
  CHECK(field_of("/results/0/entity", "x") == "results[0].entity");
  CHECK(field_of("/results/0/entity/row_version", "8") == "results[0].entity.row_version");
  CHECK(field_of("/results/0/entity/row_version", -5) == "results[0].entity.row_version");
  CHECK(field_of("/results/0/entity/row_version", 0) == "results[0].entity.row_version");
  CHECK(field_of("/results/0/entity/entity_type", 7) == "results[0].entity.entity_type");
  CHECK(field_of("/results/0/entity/entity_id", Json::array()) == "results[0].entity.entity_id");
  CHECK(field_of("/results/0/assigned_id", "..") == "results[0].assigned_id");
  CHECK(field_of("/results/2/error", "x") == "results[2].error");
  CHECK(field_of("/results/3/retry_after_s", "30") == "results[3].retry_after_s");
}

TEST_CASE("an answer with a million values is refused before a tree is made of it") {
  std::string rows = "{}";
  for (int i = 1; i < 1'000'000; ++i) rows += ",{}";
  REQUIRE(rows.size() < limits::kSyncResponseBytesMax);
  const auto push = sync::parse_push_results("{\"results\":[" + rows + "]}", asked());
  REQUIRE_FALSE(push.has_value());
  CHECK(push.error().code == "json.too_many_values");
  const auto page = sync::parse_page(
      R"({"scope":"tier1","cursor":"c","has_more":false,"changes":[)" + rows + "]}", "tier1");
  REQUIRE_FALSE(page.has_value());
  CHECK(page.error().code == "pull.answer_invalid");
  CHECK(page.error().message.find("json.too_many_values") == 0);
}

// ---- Push and receipts, with a queue behind them

// Three operations, two of one lane, and what a server that is well says of each.
struct ThreeOperations : QueueWorld {
  ThreeOperations() {
    store_document(kApproval, 7);
    store_document(kPo, 4);
    enqueue(1, kApproval, "comment");
    enqueue(2, kApproval, "comment");
    enqueue(3, kPo, "update");
    go_online();
  }

  static Json well() {
    return Json{{"server_time", "2026-01-01T00:00:00.000Z"},
                {"results",
                 {applied(1, kApproval, 8), applied(2, kApproval, 9), rejected(3, "NOT_ALLOWED")}}};
  }
  // Whatever is sent is answered well until nothing is left.
  void drain() {
    for (int round = 0; round < 20 && counter("outbox.operations") > 0; ++round) {
      pass(121'000);
      for (const auto& push : plan().pushes) answer(push, response(200, well().dump()));
    }
  }
};

const std::map<int, std::string> kEnd{{1, "applied"}, {2, "applied"}, {3, "rejected"}};

void check_nothing_lost(ThreeOperations& world) {
  CHECK(world.all().size() == 3);
  for (const auto& [number, end] : kEnd) {
    const sync::Operation operation = world.get(number);
    if (is_settled(operation.state)) CHECK(world.state(number) == end);
  }
  world.drain();
  for (const auto& [number, end] : kEnd) CHECK(world.state(number) == end);
  CHECK(world.all().size() == 3);
}

TEST_CASE(
    "INV-Q1 INV-Q6 behind any bad push answer every operation is there and ends as it ought") {
  const auto mutations = mutations_of(ThreeOperations::well());
  // One in thirty, so that every place and every wrong value has its turn.
  for (std::size_t i = 0; i < mutations.size(); i += 31) {
    INFO(mutations[i].what);
    ThreeOperations world;
    const auto push = world.sends({1, 2, 3});
    world.answer(push, response(200, mutations[i].text));
    check_nothing_lost(world);
  }
}

TEST_CASE("a verdict with the document of another entity is no verdict, and settles nothing") {
  const EntityKey foreign = GENERATE(EntityKey{"approval", "A-999"}, EntityKey{"po", "A-1"});
  const bool in_conflict = GENERATE(false, true);
  Json answer = ThreeOperations::well();
  answer["results"][0] = in_conflict ? conflicting(1, foreign, 99) : applied(1, foreign, 99);
  ThreeOperations world;
  const auto push = world.sends({1, 2, 3});
  const auto effects = world.answer(push, response(200, answer.dump()));
  CHECK(effects.entities.empty());
  CHECK(effects.conflicts.empty());
  for (int number = 1; number <= 3; ++number) CHECK(world.state(number) == "unknown");
  CHECK(world.get(1).cause == "answer.makes_no_sense");
  check_nothing_lost(world);
}

TEST_CASE("a receipt with the document of another entity says nothing of any operation") {
  Profile profile = test_profile();
  profile.sync.idempotency = profile::Idempotency::receipts;
  QueueWorld world(profile);
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.go_online();
  world.answer(world.sends({1}), lost(http::TransportFailure::silent));
  world.pass(121'000);
  const auto ask = [&] {
    for (int round = 0; round < 10 && !world.plan().receipts; ++round) world.pass(121'000);
    REQUIRE(world.last.receipts.has_value());
    return *world.last.receipts;
  };
  world.receipts_answer(ask(), receipts({applied(1, {"approval", "A-999"}, 99)}));
  CHECK(world.state(1) == "unknown");
  world.receipts_answer(ask(), receipts({applied(1, kApproval, 8)}));
  CHECK(world.state(1) == "applied");
}

TEST_CASE("a create may come back under the id that the server made, an update may not") {
  Profile profile = test_profile();
  profile.entities.at("pr").ids = profile::IdSource::server;
  sync::Operation operation;
  operation.entity = {"pr", "tmp-1"};
  operation.action = "create";
  sync::OperationResult result;
  CHECK(sync::may_belong_to(result, profile, operation));
  result.entity_type = "pr";
  result.entity_id = "PR-7";
  CHECK(sync::may_belong_to(result, profile, operation));
  result.assigned_id = "PR-8";
  CHECK_FALSE(sync::may_belong_to(result, profile, operation));
  result.assigned_id = "PR-7";
  CHECK(sync::may_belong_to(result, profile, operation));
  result.assigned_id.reset();
  operation.action = "update";
  CHECK_FALSE(sync::may_belong_to(result, profile, operation));
  result.entity_id = "tmp-1";
  CHECK(sync::may_belong_to(result, profile, operation));
  result.entity_type = "po";
  CHECK_FALSE(sync::may_belong_to(result, profile, operation));
}

TEST_CASE("an applied version below the one that was changed is a verdict all the same") {
  // A server that was set back to a backup: what it decided is decided.
  ThreeOperations world;
  Json answer = ThreeOperations::well();
  answer["results"][0] = applied(1, kApproval, 2);
  world.answer(world.sends({1, 2, 3}), response(200, answer.dump()));
  CHECK(world.state(1) == "applied");
  CHECK(world.get(1).result_version == 2);
  check_nothing_lost(world);
}

// ---- Pull

const EntityKey kA{"approval", "a-1"};
const EntityKey kB{"approval", "a-2"};

Json page_answer() {
  return Json::parse(
      pull_test::page("c2", false,
                      {wire_document("approval", "a-1", 5, {{"note", kMarker}}),
                       wire_document("approval", "a-2", 1), wire_tombstone("approval", "a-3", 2)}));
}

// What is here: documents with their versions, and the cursor.
std::map<std::string, std::int64_t> seen(PullRig& rig) {
  std::map<std::string, std::int64_t> all;
  for (const EntityKey& entity : rig.stored())
    all[entity.type + "/" + entity.id] = rig.document(entity)->row_version;
  all["cursor " + rig.cursor("tier1")->cursor.value_or("")] = 0;
  return all;
}

// A scope that was pulled once, with one document, and whose next page is asked for.
struct Pulled : PullRig {
  Pulled() {
    start();
    answer(pull_test::ok(pull_test::page("c1", false, {wire_document("approval", "a-1", 3)})));
  }
  sync::PullEffects next(const std::string& body) {
    now = now + Duration{121'000};
    request();
    return answer(pull_test::ok(body));
  }
};

TEST_CASE(
    "INV-Q11 a page with any one place wrong is applied whole with its cursor, or not at all") {
  Pulled rig;
  int refused = 0;
  int taken = 0;
  for (const MutatedJson& mutated : mutations_of(page_answer())) {
    INFO(mutated.what);
    const auto before = seen(rig);
    const auto effects = rig.next(mutated.text);
    if (!effects.failed_pull) {
      ++taken;
      const Json body = Json::parse(mutated.text);
      CHECK(rig.cursor("tier1")->cursor == body.at("cursor").get<std::string>());
      for (const Json& item : body.at("changes")) {
        const auto stored = rig.document({item.at("entity_type"), item.at("entity_id")});
        REQUIRE(stored.has_value());
        CHECK(stored->row_version >= item.at("row_version").get<std::int64_t>());
      }
      continue;
    }
    ++refused;
    CHECK(seen(rig) == before);
    CHECK(effects.changed.empty());
    CHECK(effects.scopes_completed.empty());
    if (effects.failed_pull->code != "pull.cursor_stuck")
      CHECK(effects.failed_pull->code == "pull.answer_invalid");
    CHECK(effects.failed_pull->kind == ErrorClass::transient);
    check_safe(*effects.failed_pull);
  }
  CHECK(refused > 300);
  CHECK(taken > 50);
}

TEST_CASE(
    "INV-Q11 each bad form of a page is refused by the name of its field, and nothing moves") {
  struct Form {
    std::string what;
    std::string body;
    std::string told;
  };
  const auto with = [](const std::string& pointer, const Json& value) {
    Json page = page_answer();
    page[Json::json_pointer(pointer)] = value;
    return page.dump();
  };
  const auto two = [](const Json& first, const Json& second) {
    return pull_test::page("c2", false, {first, second});
  };
  const std::vector<Form> forms = {
      {"no zone", with("/changes/0/updated_at", "2026-01-31T08:15:00"), "changes.0.updated_at"},
      {"an impossible day", with("/changes/1/updated_at", "2026-02-30T08:15:00Z"),
       "changes.1.updated_at"},
      {"version 0", with("/changes/0/row_version", 0), "changes.0.row_version"},
      {"gone at version 0", with("/changes/0", wire_tombstone("approval", "a-1", 0)),
       "changes.0.row_version"},
      {"a version below zero", with("/changes/0/row_version", -7), "changes.0.row_version"},
      {"a version as text", with("/changes/0/row_version", "8"), "changes.0.row_version"},
      {"deleted and updated at once",
       two(wire_document("approval", "a-2", 4), wire_tombstone("approval", "a-2", 4)),
       "changes.1.row_version"},
      {"one version with two states",
       two(wire_document("approval", "a-2", 4, {{"n", 1}}),
           wire_document("approval", "a-2", 4, {{"n", 2}})),
       "changes.1.row_version"},
      {"a cursor of 1 MB", with("/cursor", std::string(1'000'000, 'c')), "cursor"},
      {"no cursor", with("/cursor", nullptr), "cursor"},
      {"another scope", with("/scope", "tier2"), "scope"},
      {"more documents than a page has",
       pull_test::page("c2", false,
                       std::vector<Json>(limits::kPullPageMax + 1, wire_document("po", "p", 1))),
       "changes"},
      {"5 MB", page_answer().dump() + std::string(5'000'000, ' '), "json.too_large"},
      {"1e400", R"({"scope":"tier1","cursor":"c2","has_more":false,"changes":[],"x":1e400})",
       "at byte 65"},
      {"no UTF-8", "{\"scope\":\"\xff\"}", "at byte 10"},
      {"100,000 levels", std::string(100'000, '{'), "json.too_deep"},
      {"HTML", "<html><body>Welcome to the portal</body></html>", "at byte 0"},
      {"nothing", "", "at byte 0"},
  };
  Pulled rig;
  const auto before = seen(rig);
  for (const Form& form : forms) {
    INFO(form.what);
    const auto effects = rig.next(form.body);
    REQUIRE(effects.failed_pull.has_value());
    INFO(effects.failed_pull->message);
    CHECK(effects.failed_pull->code == "pull.answer_invalid");
    CHECK(effects.failed_pull->message.find(form.told) != std::string::npos);
    check_safe(*effects.failed_pull);
    CHECK(seen(rig) == before);
  }
  // The server is well again, and nothing is missing.
  CHECK_FALSE(rig.next(page_answer().dump()).failed_pull);
  CHECK(rig.document(kA)->row_version == 5);
  CHECK(rig.cursor("tier1")->cursor == "c2");
}

TEST_CASE("INV-Q12 versions that go back, in one page or from page to page, take nothing back") {
  Pulled rig;
  const auto newest = wire_document("approval", "a-2", 9);
  CHECK_FALSE(rig.next(pull_test::page("c2", false, {newest, wire_document("approval", "a-2", 8)}))
                  .failed_pull);
  CHECK(rig.document(kB)->row_version == 9);
  CHECK_FALSE(
      rig.next(pull_test::page("c3", false, {wire_tombstone("approval", "a-2", 4)})).failed_pull);
  CHECK(rig.document(kB)->row_version == 9);
  CHECK_FALSE(rig.document(kB)->deleted);
  // The same once more is no contradiction.
  CHECK_FALSE(rig.next(pull_test::page("c4", false, {newest, newest})).failed_pull);
  CHECK(rig.cursor("tier1")->cursor == "c4");
}

TEST_CASE("P-4: who asks for an id that never was hears so, and nobody else") {
  Pulled rig;
  const EntityKey never{"approval", "never-was"};
  const Json absent = wire_tombstone("approval", "never-was", 0);
  CHECK(rig.next(pull_test::page("c2", false, {absent})).failed_pull);
  CHECK(rig.cursor("tier1")->cursor != "c2");
  rig.refresh({never});
  const auto effects = rig.answer(pull_test::ok(Json{
      {"server_time", "2026-01-31T08:15:00.250Z"},
      {"changes", {absent}},
      {"unchanged", Json::array()}}.dump()));
  CHECK(effects.refreshed == std::vector<EntityKey>{never});
  CHECK_FALSE(effects.failed_refresh.has_value());
}

TEST_CASE("a refresh with any one place wrong answers each document that was asked for once") {
  Pulled rig;
  const Json valid{{"server_time", "2026-01-31T08:15:00.250Z"},
                   {"changes", {wire_document("approval", "a-1", 6, {{"note", kMarker}})}},
                   {"unchanged", {"a-2"}}};
  int refused = 0;
  for (const MutatedJson& mutated : mutations_of(valid)) {
    INFO(mutated.what);
    const auto before = seen(rig);
    rig.refresh({kA, kB});
    const auto effects = rig.answer(pull_test::ok(mutated.text));
    auto told = effects.refreshed;
    told.insert(told.end(), effects.not_refreshed.begin(), effects.not_refreshed.end());
    std::sort(told.begin(), told.end());
    CHECK(told == std::vector<EntityKey>{kA, kB});
    CHECK(effects.not_refreshed.empty() == !effects.failed_refresh.has_value());
    if (!effects.refreshed.empty()) continue;
    ++refused;
    CHECK(seen(rig) == before);
    check_safe(*effects.failed_refresh);
  }
  CHECK(refused > 200);
}

}  // namespace
}  // namespace landfall::test
