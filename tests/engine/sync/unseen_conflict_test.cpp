#include <algorithm>
#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/store/conflict_table.hpp"
#include "schema/limits.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

// A conflict whose verdict does not say what the server has: an endpoint that answers 409 and
// nothing else.
using namespace landfall;
using namespace landfall::sync;
using namespace landfall::test;
using conflict::ConflictState;
using Word = conflict::ConflictChoice::Word;

namespace {

const EntityKey kPr{"pr", "PR-1"};
const char* const kTheirProject = R"({"title":"t","note":"n","status":"draft","project":"q"})";
const char* const kTheirNote = R"({"title":"t","note":"theirs","status":"draft"})";

Profile with_endpoint() {
  Profile profile = test_profile();
  deliver(profile, "pr", "update", profile::Delivery::endpoint);
  return profile;
}

Document theirs(const std::string& data, std::int64_t row_version = 9) {
  return {kPr, row_version, Instant{1'767'225'600'000}, false, data};
}

Document gone(std::int64_t row_version) {
  return {kPr, row_version, Instant{1'767'225'600'000}, true, "{}"};
}

// A phone that saw version 1 of a purchase requisition, which is of tier 2.
class UnseenWorld : public QueueWorld {
 public:
  UnseenWorld() : QueueWorld(with_endpoint()) { go_online(); }

  void change(int number, const std::string& payload, const std::string& action = "update") {
    EnqueueRequest made = request(number, kPr, action);
    made.payload = payload;
    made.base_version = 1;
    made.base_data = R"({"title":"t","note":"n","status":"draft"})";
    REQUIRE(try_enqueue(made));
  }

  // The one call that leaves meets a conflict.
  void meets_409(const std::string& body = "") {
    const auto pushes = plan().pushes;
    REQUIRE(pushes.size() == 1);
    answer(pushes.front(), response(409, body));
  }

  void change_and_meet(const std::string& payload) {
    change(1, payload);
    meets_409();
    REQUIRE(state(1) == "conflict");
  }

  // delta_pull was answered.
  SyncEffects brings(const OperationId& operation, const std::optional<Document>& document) {
    auto effects = write([&](store::Transaction& tx) {
      return queue->on_documents_of_conflicts(tx, {{operation, document}}, now);
    });
    REQUIRE(effects);
    return std::move(*effects);
  }

  [[nodiscard]] conflict::Conflict conflict(const OperationId& id) {
    const auto found =
        write([&](store::Transaction& tx) { return store::ConflictTable::find(tx, *key, id); });
    REQUIRE((found && *found));
    return **found;
  }
  [[nodiscard]] conflict::Conflict conflict() { return conflict(op(1)); }

  Result<SyncEffects> resolve(Word word, const conflict::Choices& choices = {}) {
    return write([&](store::Transaction& tx) {
      return queue->on_resolve(tx, {op(1), word, choices}, now);
    });
  }

  [[nodiscard]] std::string payload_of(const OperationId& id) {
    const auto content =
        write([&](store::Transaction& tx) { return store::OperationTable::content(tx, *key, id); });
    REQUIRE(content);
    return content->payload;
  }

  // Whether the server is still to be asked, as delta_pull sees it.
  [[nodiscard]] bool is_asked_for() {
    const auto waiting = write(
        [](store::Transaction& tx) { return store::OperationTable::awaiting_document(tx, 10); });
    REQUIRE(waiting);
    return !waiting->empty();
  }
};

bool asks_for(const SyncEffects& effects, const OperationId& id) {
  return std::any_of(effects.entities.begin(), effects.entities.end(), [&](const auto& each) {
    return each.operation == id && each.document.empty();
  });
}

}  // namespace

TEST_CASE("P-29 wire.md: behind a 409 without the document the document is asked for, once") {
  UnseenWorld world;
  world.change(1, R"({"title":"mine"})");
  SECTION("an answer without a body") { world.meets_409(); }
  SECTION("a document that is none") {
    const Json item{
        {"id", to_text(op(1))}, {"status", "conflict"}, {"entity", {{"row_version", 9}}}};
    world.meets_409(endpoint_answer(item).response->body);
    CHECK_FALSE(world.get(1).result_version);
  }
  CHECK(world.last.entities.size() == 1);
  CHECK(asks_for(world.last, op(1)));
  CHECK(world.last.pull);
  CHECK(conflict::question_of(world.conflict().body) == "unseen");
  CHECK(world.notices().size() == 1);
  world.brings(op(1), theirs(kTheirProject));
  CHECK_FALSE(world.is_asked_for());
}

TEST_CASE("P-29 INV-Q12: what the rules can merge goes when the server has said what it has") {
  UnseenWorld world;
  world.change(1, R"({"title":"mine"})");
  world.change(2, R"({"note":"later"})");
  world.meets_409();
  const auto effects = world.brings(op(1), theirs(kTheirProject));
  CHECK(world.state(1) == "superseded");
  CHECK(world.state(2) == "superseded");
  const auto row = world.conflict();
  CHECK(row.state == ConflictState::merged);
  CHECK(row.row_version == 9);
  REQUIRE(row.heirs.size() == 2);
  CHECK(world.payload_of(row.heirs[0]) == R"({"title":"mine"})");
  CHECK(world.payload_of(row.heirs[1]) == R"({"note":"later"})");
  REQUIRE(effects.conflicts.size() == 1);
  CHECK(effects.conflicts[0].state == ConflictState::merged);
  CHECK(effects.wake_at == world.now);
  const auto pushes = world.plan().pushes;
  REQUIRE(pushes.size() == 1);
  CHECK(pushes[0].operations == std::vector{row.heirs[0]});
  CHECK(items_of(pushes[0])[0].at("base_version") == 9);
}

TEST_CASE("P-29: what is left open is the user's, by each of their words") {
  UnseenWorld world;
  world.change_and_meet(R"({"title":"mine","note":"mine"})");
  CHECK(world.resolve(Word::mine).error().code == "conflict.unfit");
  const auto effects = world.brings(op(1), theirs(kTheirNote));
  REQUIRE(effects.conflicts.size() == 1);
  CHECK(effects.conflicts[0].open == std::vector<std::string>{"note"});
  const auto row = world.conflict();
  CHECK(row.state == ConflictState::open);
  CHECK(row.body["base"]["note"] == "n");
  CHECK(row.body["mine"]["note"] == "mine");
  CHECK(row.body["theirs"]["note"] == "theirs");
  CHECK(world.notices().size() == 1);
  SECTION("mine") {
    REQUIRE(world.resolve(Word::mine));
    CHECK(world.payload_of(world.conflict().heirs.at(0)) == R"({"note":"mine","title":"mine"})");
  }
  SECTION("by field") {
    REQUIRE(world.resolve(Word::by_field, {{"note", conflict::Side::theirs}}));
    CHECK(world.payload_of(world.conflict().heirs.at(0)) == R"({"title":"mine"})");
  }
  SECTION("theirs") {
    REQUIRE(world.resolve(Word::theirs));
    CHECK(world.conflict().state == ConflictState::given_up);
    CHECK(world.plan().pushes.empty());
  }
}

TEST_CASE("P-29: what somebody deleted meanwhile stays so, and the user is told") {
  const auto row_version = GENERATE(std::int64_t{0}, std::int64_t{9});
  UnseenWorld world;
  world.change_and_meet(R"({"title":"mine"})");
  world.brings(op(1), gone(row_version));
  CHECK(world.conflict().state == ConflictState::kept_theirs);
  CHECK(world.conflict().body["deleted"] == true);
  CHECK(world.state(1) == "conflict");
  CHECK(world.notices().size() == 1);
  CHECK(world.plan().pushes.empty());
}

TEST_CASE("P-29: of what the server says nothing the conflict waits for its user, and none asks") {
  UnseenWorld world;
  world.change_and_meet(R"({"title":"mine"})");
  world.brings(op(1), std::nullopt);
  CHECK_FALSE(world.is_asked_for());
  CHECK(world.conflict().state == ConflictState::open);
  REQUIRE(world.resolve(Word::theirs));
  CHECK(world.conflict().state == ConflictState::given_up);
}

TEST_CASE("P-29 INV-Q13: a process that dies asks again until the server has answered") {
  UnseenWorld world;
  world.change_and_meet(R"({"note":"mine"})");
  world.reopen();
  CHECK(asks_for(world.last, op(1)));
  CHECK(world.is_asked_for());
  world.brings(op(1), theirs(kTheirNote));
  CHECK(world.conflict().body["theirs"]["note"] == "theirs");
  world.reopen();
  CHECK(world.last.entities.empty());
}

TEST_CASE("P-29: `newer` is decided by the server's time that came with the document") {
  UnseenWorld world;
  world.profile.entities.at("pr").conflict.otherwise = profile::FieldRule::newer;
  world.profile.entities.at("pr").conflict.fields.clear();
  world.change_and_meet(R"({"note":"mine"})");
  const Instant made = world.get(1).created_at;
  world.reopen();  // it has heard no time of the server yet
  // The device's clock is a day ahead.
  const Duration ahead{86'400'000};
  world.queue->on_server_time({world.now - ahead, world.now, world.now});
  Document later = theirs(kTheirNote);
  const bool is_mine = GENERATE(false, true);
  later.updated_at = made - ahead + (is_mine ? Duration{-1'000} : Duration{1'000});
  world.brings(op(1), later);
  CHECK(world.conflict().state == (is_mine ? ConflictState::merged : ConflictState::kept_theirs));
}

TEST_CASE("P-29: what was decided before the document came stays decided") {
  UnseenWorld world;
  world.change_and_meet(R"({"title":"mine"})");
  ConflictState decided = ConflictState::given_up;
  SECTION("given up") { REQUIRE(world.resolve(Word::theirs)); }
  SECTION("superseded by hand") {
    EnqueueRequest request = world.request(2, kPr, "update");
    request.payload = R"({"title":"mine, once more"})";
    request.base_version = 9;
    request.supersedes = op(1);
    REQUIRE(world.try_enqueue(request));
    decided = ConflictState::chosen;
  }
  CHECK_FALSE(world.is_asked_for());
  // The answer to a question that was under way.
  const auto effects = world.brings(op(1), theirs(kTheirProject));
  CHECK(effects.conflicts.empty());
  CHECK(world.conflict().state == decided);
}

TEST_CASE("P-29: one that was given up unseen and is taken back is asked for, and never merged") {
  UnseenWorld world;
  world.change_and_meet(R"({"title":"mine"})");
  REQUIRE(world.resolve(Word::theirs));
  world.brings(op(1), theirs(kTheirProject));
  const auto reopened = world.write(
      [&](store::Transaction& tx) { return world.queue->on_reopen(tx, op(1), world.now); });
  REQUIRE(reopened);
  CHECK(asks_for(*reopened, op(1)));
  CHECK(world.is_asked_for());
  world.brings(op(1), theirs(kTheirProject));
  CHECK(world.conflict().state == ConflictState::open);
  CHECK(conflict::question_of(world.conflict().body) == "confirm");
  REQUIRE(world.resolve(Word::mine));
  CHECK(world.payload_of(world.conflict().heirs.at(0)) == R"({"title":"mine"})");
}

TEST_CASE("P-29 INV-Q9: a server that says 409 every time is asked about in the end") {
  UnseenWorld world;
  world.change(1, R"({"title":"mine"})");
  OperationId id = op(1);
  for (std::int64_t i = 0; i <= limits::kMergesInARowMax; ++i) {
    world.meets_409();
    REQUIRE(asks_for(world.last, id));
    world.brings(id, theirs(kTheirProject, 9 + i));
    const auto row = world.conflict(id);
    CHECK(row.generation == i);
    if (i == limits::kMergesInARowMax) break;
    REQUIRE(row.heirs.size() == 1);
    id = row.heirs[0];
  }
  CHECK(world.conflict(id).state == ConflictState::open);
  CHECK(world.plan().pushes.empty());
}
