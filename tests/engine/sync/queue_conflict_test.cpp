#include <algorithm>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/store/base_table.hpp"
#include "engine/store/conflict_table.hpp"
#include "schema/limits.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::sync;
using namespace landfall::test;
using conflict::ConflictState;
using Word = conflict::ConflictChoice::Word;

namespace {

const EntityKey kPr{"pr", "PR-1"};

// A server that has version 9 of a purchase requisition, and a phone that saw version 1.
class ConflictWorld : public QueueWorld {
 public:
  ConflictWorld() { go_online(); }

  void change(int number, const std::string& payload, const std::string& base = kBase,
              const EntityKey& entity = kPr, const std::string& action = "update") {
    EnqueueRequest made = request(number, entity, action);
    made.payload = payload;
    made.base_version = 1;
    made.base_data = base;
    if (action == "approve") made.attestation = kWord;
    const auto accepted = try_enqueue(made);
    if (!accepted) FAIL(accepted.error().code << ": " << accepted.error().message);
  }

  [[nodiscard]] Json in_conflict(const OperationId& id, const std::string& data,
                                 std::int64_t row_version = 9,
                                 const EntityKey& entity = kPr) const {
    return {{"id", to_text(id)},
            {"status", "conflict"},
            {"entity",
             {{"entity_type", entity.type},
              {"entity_id", entity.id},
              {"row_version", row_version},
              {"updated_at", "2026-01-01T00:00:00.000Z"},
              {"deleted", false},
              {"data", Json::parse(data)}}},
            {"reason", "row_version"}};
  }

  [[nodiscard]] PushCall only_push() {
    const auto pushes = plan().pushes;
    REQUIRE(pushes.size() == 1);
    return pushes.front();
  }

  // The next push carries operation `number` and whatever else; it meets `data`.
  void meets(int number, const std::string& data, const EntityKey& entity = kPr) {
    const auto call = only_push();
    answer(call, results({in_conflict(op(number), data, 9, entity)}));
  }

  [[nodiscard]] conflict::Conflict conflict(int number) {
    const auto found = write(
        [&](store::Transaction& tx) { return store::ConflictTable::find(tx, *key, op(number)); });
    REQUIRE(found.has_value());
    REQUIRE(found->has_value());
    return **found;
  }

  [[nodiscard]] Operation heir(int number, std::size_t index = 0) {
    const auto row = conflict(number);
    REQUIRE(row.heirs.size() > index);
    for (const Operation& operation : all()) {
      if (operation.id == row.heirs[index]) return operation;
    }
    FAIL("the heir is not there");
    return {};
  }

  [[nodiscard]] std::string payload_of(const OperationId& id) {
    const auto content =
        write([&](store::Transaction& tx) { return store::OperationTable::content(tx, *key, id); });
    REQUIRE(content.has_value());
    return content->payload;
  }

  [[nodiscard]] std::optional<std::string> attestation_of(const OperationId& id) {
    const auto content =
        write([&](store::Transaction& tx) { return store::OperationTable::content(tx, *key, id); });
    REQUIRE(content.has_value());
    return content->attestation;
  }

  Result<SyncEffects> resolve(int number, Word word, const conflict::Choices& choices = {},
                              const std::optional<std::string>& attestation = std::nullopt) {
    return write([&](store::Transaction& tx) {
      return queue->on_resolve(tx, {op(number), word, choices, attestation}, now);
    });
  }
  Result<SyncEffects> reopen_conflict(int number) {
    return write([&](store::Transaction& tx) { return queue->on_reopen(tx, op(number), now); });
  }

  static constexpr const char* kWord = R"({"biometric_verified":true})";
  static constexpr const char* kBase = R"({"title":"t","note":"n","status":"draft"})";
};

const char* const kTheirProject = R"({"title":"t","note":"n","status":"draft","project":"q"})";
const char* const kTheirNote = R"({"title":"t","note":"theirs","status":"draft"})";

}  // namespace

TEST_CASE("P-29 INV-Q12: what the rules can merge is sent anew, in the step of the verdict") {
  ConflictWorld world;
  world.change(1, R"({"title":"mine","note":"n"})");
  const Instant meant_at = world.get(1).created_at;
  world.pass(1000);
  world.meets(1, kTheirProject);
  CHECK(world.state(1) == "superseded");
  CHECK(world.conflict(1).state == ConflictState::merged);
  CHECK(world.notices().empty());
  const Operation heir = world.heir(1);
  CHECK(heir.state == OperationState::queued);
  CHECK(heir.supersedes == op(1));
  CHECK(heir.base_version == 9);
  CHECK(heir.created_at == meant_at);
  CHECK(world.payload_of(heir.id) == R"({"title":"mine"})");
  REQUIRE(world.last.conflicts.size() == 1);
  CHECK(world.last.conflicts[0].heirs == std::vector{heir.id});
  const auto push = world.only_push();

  CHECK(push.operations == std::vector{heir.id});
  // It is merged against what it met, should it meet a conflict again.
  const auto base = world.write([&](store::Transaction& tx) {
    return store::BaseTable::find(tx, *world.key, heir.seq, heir.id);
  });
  CHECK(Json::parse((*base)->data) == Json::parse(kTheirProject));
}

TEST_CASE("P-29 C-21: what stood on a lost operation is not lost with it") {
  ConflictWorld world;
  world.change(1, R"({"title":"mine"})");
  world.change(2, R"({"note":"mine"})", "", kPr, "note");
  world.meets(1, kTheirProject);
  CHECK(world.state(1) == "superseded");
  CHECK(world.state(2) == "superseded");
  const Operation first = world.heir(1, 0);
  const Operation second = world.heir(1, 1);
  CHECK(first.supersedes == op(1));
  CHECK(second.supersedes == op(2));
  CHECK(second.after == first.id);
  CHECK(world.payload_of(second.id) == R"({"note":"mine"})");
  CHECK(world.counter("outbox.operations") == 2);
}

TEST_CASE("P-29: what is open waits in the inbox, with a notice, and holds what stands on it") {
  ConflictWorld world;
  world.change(1, R"({"title":"mine","note":"mine"})");
  world.change(2, R"({"title":"later"})");
  world.meets(1, kTheirNote);
  CHECK(world.state(1) == "conflict");
  CHECK(world.state(2) == "blocked(dependency)");
  REQUIRE(world.notices().size() == 1);
  CHECK(world.notices()[0].kind == "conflict");
  const auto row = world.conflict(1);
  CHECK(row.state == ConflictState::open);
  CHECK(row.lost == std::vector{op(1), op(2)});
  CHECK(row.body["base"] == Json::parse(ConflictWorld::kBase));
  CHECK(row.body["mine"]["note"] == "mine");
  CHECK(row.body["theirs"]["note"] == "theirs");
  CHECK(row.body["open"][0]["rule"] == "ask");
  const auto causes = world.explain(1).causes;
  CHECK(std::find(causes.begin(), causes.end(), "conflict open: note by ask") != causes.end());

  world.reopen();
  REQUIRE(world.last.conflicts.size() == 1);
  CHECK(world.last.conflicts[0].open == std::vector<std::string>{"note"});
}

TEST_CASE("P-29: the user's choice becomes operations that supersede the lost ones") {
  ConflictWorld world;
  world.change(1, R"({"title":"mine","note":"mine"})");
  world.change(2, R"({"project":"p"})");
  world.meets(1, kTheirNote);
  world.pass(60'000);
  SECTION("mine") {
    REQUIRE(world.resolve(1, Word::mine));
    CHECK(world.payload_of(world.heir(1, 0).id) == R"({"note":"mine","title":"mine"})");
    CHECK(world.payload_of(world.heir(1, 1).id) == R"({"project":"p"})");
    CHECK(world.heir(1).created_at == world.now);
  }
  SECTION("by field") {
    REQUIRE(world.resolve(1, Word::by_field, {{"note", conflict::Side::theirs}}));
    CHECK(world.payload_of(world.heir(1, 0).id) == R"({"title":"mine"})");
  }
  CHECK(world.conflict(1).state == ConflictState::chosen);
  CHECK(world.state(1) == "superseded");
  CHECK(world.state(2) == "superseded");
  CHECK(world.resolve(1, Word::mine).error().code == "conflict.not_open");
}

TEST_CASE("P-29: with theirs the server's version stays, and nothing is sent") {
  ConflictWorld world;
  world.change(1, R"({"note":"mine"})");
  world.change(2, R"({"title":"later"})");
  world.meets(1, kTheirNote);
  REQUIRE(world.resolve(1, Word::theirs));
  CHECK(world.conflict(1).state == ConflictState::given_up);
  CHECK(world.state(1) == "conflict");
  CHECK(world.state(2) == "superseded");
  CHECK(world.counter("outbox.operations") == 0);
  CHECK(world.plan().pushes.empty());
}

TEST_CASE("P-29: a choice names every open field and no other") {
  ConflictWorld world;
  world.change(1, R"({"note":"mine"})");
  world.meets(1, kTheirNote);
  const auto none = world.resolve(1, Word::by_field);
  CHECK(none.error().code == "conflict.field_open");
  CHECK(none.error().field == "choices.note");
  const auto other = world.resolve(1, Word::by_field, {{"title", conflict::Side::mine}});
  CHECK(other.error().code == "conflict.unknown_field");
  CHECK(world.resolve(2, Word::mine).error().code == "conflict.not_found");
  CHECK(world.conflict(1).state == ConflictState::open);
  CHECK(world.state(1) == "conflict");
}

TEST_CASE("P-29: a choice is taken back as long as nothing of it was sent") {
  ConflictWorld world;
  world.change(1, R"({"note":"mine"})");
  world.change(2, R"({"title":"later"})");
  world.meets(1, kTheirNote);
  CHECK(world.reopen_conflict(1).error().code == "conflict.not_decided");
  const Word word = GENERATE(Word::mine, Word::theirs);
  REQUIRE(world.resolve(1, word));
  REQUIRE(world.reopen_conflict(1));
  CHECK(world.conflict(1).state == ConflictState::open);
  CHECK(world.conflict(1).heirs.empty());
  CHECK(world.state(1) == "conflict");
  CHECK(world.state(2) == "superseded");
  CHECK(world.counter("outbox.operations") == 0);
  CHECK(world.plan().pushes.empty());
  REQUIRE(world.resolve(1, Word::mine));
  CHECK(world.payload_of(world.heir(1, 1).id) == R"({"title":"later"})");
  const auto push = world.only_push();

  CHECK(push.operations.size() == 2);
  CHECK(world.reopen_conflict(1).error().code == "conflict.sent");
  CHECK(world.conflict(1).state == ConflictState::chosen);
}

TEST_CASE("P-29: a choice that carries later work is not taken back") {
  ConflictWorld world;
  world.change(1, R"({"note":"mine"})");
  world.meets(1, kTheirNote);
  world.go_offline();
  REQUIRE(world.resolve(1, Word::mine));
  world.change(3, R"({"title":"later"})");
  CHECK(world.get(3).after == world.heir(1).id);
  CHECK(world.reopen_conflict(1).error().code == "conflict.sent");
}

TEST_CASE("P-29: merges by the rules are taken back too") {
  ConflictWorld world;
  world.change(1, R"({"title":"mine"})");
  world.meets(1, kTheirProject);
  const OperationId heir = world.heir(1).id;
  REQUIRE(world.reopen_conflict(1));
  CHECK(world.conflict(1).state == ConflictState::open);
  for (const Operation& operation : world.all()) {
    if (operation.id == heir) CHECK(operation.state == OperationState::cancelled);
  }
}

TEST_CASE("P-29 P-53: an approval is never sent anew by itself, and never over a rejection") {
  ConflictWorld world;
  world.change(1, "{}", R"({"status":"pending","amount":1})", kApproval, "approve");
  SECTION("the amount was changed") {
    world.meets(1, R"({"status":"pending","amount":2})", kApproval);
    CHECK(world.conflict(1).state == ConflictState::open);
    CHECK(world.conflict(1).body["reason"] == "confirm");
    CHECK(world.resolve(1, Word::mine).error().code == "operation.attestation_required");
    CHECK(world.resolve(1, Word::mine, {}, "{}").error().code == "operation.attestation_invalid");
    REQUIRE(world.resolve(1, Word::mine, {}, ConflictWorld::kWord));
    CHECK(world.heir(1).action == "approve");
    CHECK(world.attestation_of(world.heir(1).id) == ConflictWorld::kWord);
  }
  SECTION("it was rejected") {
    world.meets(1, R"({"status":"rejected","amount":1})", kApproval);
    CHECK(world.conflict(1).state == ConflictState::kept_theirs);
    CHECK(world.state(1) == "conflict");
    CHECK(world.notices().size() == 1);
    CHECK(world.resolve(1, Word::mine).error().code == "conflict.not_open");
    CHECK(world.reopen_conflict(1).error().code == "conflict.no_choice");
  }
}

TEST_CASE("P-29 INV-Q9: a server that finds a conflict every time is asked about in the end") {
  ConflictWorld world;
  world.change(1, R"({"title":"mine"})");
  OperationId id = op(1);
  for (std::int64_t i = 0; i <= limits::kMergesInARowMax; ++i) {
    const auto push = world.only_push();

    REQUIRE(push.operations == std::vector{id});
    world.answer(push, results({world.in_conflict(id, kTheirProject, 9 + i)}));
    REQUIRE(world.last.conflicts.size() == 1);
    if (i == limits::kMergesInARowMax) break;
    REQUIRE(world.last.conflicts[0].heirs.size() == 1);
    id = world.last.conflicts[0].heirs[0];
  }
  CHECK(world.last.conflicts[0].state == ConflictState::open);
  CHECK(world.plan().pushes.empty());
}

TEST_CASE("P-29: until its document comes a conflict is given up or superseded by hand") {
  ConflictWorld world;
  world.change(1, R"({"title":"mine"})");
  const auto push = world.sends({1});
  world.answer(push, results({Json{{"id", to_text(op(1))}, {"status", "conflict"}}}));
  CHECK(world.state(1) == "conflict");
  CHECK(world.notices().size() == 1);
  REQUIRE(world.last.conflicts.size() == 1);
  CHECK(world.conflict(1).state == ConflictState::open);
  CHECK(conflict::question_of(world.conflict(1).body) == "unseen");
  CHECK(world.resolve(1, Word::mine).error().code == "conflict.unfit");
  SECTION("given up") {
    REQUIRE(world.resolve(1, Word::theirs));
    CHECK(world.conflict(1).state == ConflictState::given_up);
    CHECK(world.state(1) == "conflict");
  }
  SECTION("superseded") {
    EnqueueRequest request = world.request(2, kPr, "update");
    request.payload = R"({"title":"mine, once more"})";
    request.base_version = 9;
    request.supersedes = op(1);
    REQUIRE(world.try_enqueue(request));
    CHECK(world.conflict(1).heirs == std::vector{op(2)});
  }
}

TEST_CASE("P-29: superseding by hand closes the conflict") {
  ConflictWorld world;
  world.change(1, R"({"note":"mine"})");
  world.meets(1, kTheirNote);
  EnqueueRequest request = world.request(2, kPr, "update");
  request.payload = R"({"note":"both"})";
  request.base_version = 9;
  request.supersedes = op(1);
  const auto accepted = world.try_enqueue(request);
  REQUIRE(accepted);
  REQUIRE(accepted->conflicts.size() == 1);
  CHECK(world.conflict(1).state == ConflictState::chosen);
  CHECK(world.conflict(1).heirs == std::vector{op(2)});
}

TEST_CASE("P-29: superseding by hand is taken back with all that stood on the lost operation") {
  ConflictWorld world;
  world.change(1, R"({"note":"mine"})");
  world.change(2, R"({"title":"second"})");
  world.meets(1, kTheirNote);
  world.change(3, R"({"project":"third"})");
  REQUIRE(world.get(3).after == op(2));
  world.go_offline();
  EnqueueRequest request = world.request(4, kPr, "update");
  request.payload = R"({"note":"both"})";
  request.base_version = 9;
  request.supersedes = op(1);
  REQUIRE(world.try_enqueue(request));
  CHECK(world.state(3) == "superseded");
  REQUIRE(world.reopen_conflict(1));
  CHECK(world.state(4) == "cancelled");
  REQUIRE(world.resolve(1, Word::mine));
  CHECK(world.payload_of(world.heir(1, 0).id) == R"({"note":"mine"})");
  CHECK(world.payload_of(world.heir(1, 1).id) == R"({"title":"second"})");
  CHECK(world.payload_of(world.heir(1, 2).id) == R"({"project":"third"})");
}

TEST_CASE("P-29: a receipt that tells of a conflict once more changes nothing") {
  ConflictWorld world;
  world.profile.sync.idempotency = profile::Idempotency::receipts;
  world.change(1, R"({"note":"mine"})");
  world.answer(world.sends({1}), lost(http::TransportFailure::silent));
  world.pass(200'000);
  const auto call = world.plan().receipts;
  REQUIRE(call.has_value());
  world.receipts_answer(*call, receipts({world.in_conflict(op(1), kTheirNote)}));
  REQUIRE(world.conflict(1).state == ConflictState::open);
  world.receipts_answer(*call, receipts({world.in_conflict(op(1), kTheirNote)}));
  CHECK(world.last.conflicts.empty());
  CHECK(world.conflict(1).state == ConflictState::open);
  CHECK(world.notices().size() == 1);
}

TEST_CASE("P-29: of a conflict that is too large its copies and long names are left out") {
  ConflictWorld world;
  constexpr int kEdits = 12;
  const std::string large(limits::kPayloadBytesMax - 16 * 1024, '.');
  const bool in_names = GENERATE(false, true);
  world.change(1, R"({"note":"mine"})");
  for (int number = 2; number <= kEdits; ++number) {
    const std::string name = std::to_string(number);
    const Json edit = in_names ? Json{{name + large, 1}} : Json{{name, large}};
    world.change(number, edit.dump());
  }
  world.meets(1, kTheirNote);
  CHECK(world.state(1) == "conflict");
  CHECK(world.notices().size() == 1);
  world.reopen();
  CHECK(world.last.conflicts.size() == 1);
  CHECK(world.conflict(1).body["mine"].is_null());
  CHECK(world.conflict(1).body["fields"].size() == (in_names ? 1 : kEdits));
  CHECK(world.conflict(1).body["theirs"]["note"] == "theirs");
  REQUIRE(world.resolve(1, Word::mine));
  CHECK(world.conflict(1).heirs.size() == kEdits);
}

TEST_CASE("P-29: a conflict that a receipt tells of is resolved as well") {
  ConflictWorld world;
  world.profile.sync.idempotency = profile::Idempotency::receipts;
  world.change(1, R"({"title":"mine"})");
  world.answer(world.sends({1}), lost(http::TransportFailure::silent));
  world.pass(200'000);
  const auto call = world.plan().receipts;
  REQUIRE(call.has_value());
  world.receipts_answer(*call, receipts({world.in_conflict(op(1), kTheirProject)}));
  CHECK(world.conflict(1).state == ConflictState::merged);
  CHECK(world.state(1) == "superseded");
}

TEST_CASE("P-29: the base of an operation that stood on another is what that one produced") {
  ConflictWorld world;
  world.change(1, R"({"title":"first"})");
  world.change(2, R"({"note":"mine"})");
  Json first = world.in_conflict(op(1), R"({"title":"first","note":"n","status":"draft"})", 2);
  first["status"] = "applied";
  const auto push = world.sends({1, 2});
  world.answer(push,
               results({first, world.in_conflict(
                                   op(2), R"({"title":"other","note":"n","status":"draft"})")}));
  CHECK(world.state(1) == "applied");
  CHECK(world.conflict(2).state == ConflictState::merged);
  CHECK(world.payload_of(world.heir(2).id) == R"({"note":"mine"})");
}
