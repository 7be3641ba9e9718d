#include "engine/sync/coalesce.hpp"

#include <catch2/catch.hpp>

#include "engine/profile/profile.hpp"
#include "engine/store/base_table.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/transaction.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::sync;

namespace {

Profile coalescing(profile::Coalesce rule) {
  Profile profile = test_profile();
  profile.entities.at("po").actions.at("update").coalesce = rule;
  return profile;
}

struct Editing : QueueWorld {
  explicit Editing(profile::Coalesce rule = profile::Coalesce::merge)
      : QueueWorld(coalescing(rule)) {
    store_document(kPo, 7);
  }

  Accepted edit(int number, const std::string& payload,
                const std::optional<std::string>& attestation = std::nullopt) {
    EnqueueRequest edited = request(number, kPo, "update");
    edited.payload = payload;
    edited.attestation = attestation;
    edited.base_data = R"({"seen":true})";
    auto accepted = try_enqueue(edited);
    REQUIRE(accepted.has_value());
    return std::move(*accepted);
  }
  Json payload(const PushCall& push) { return items_of(push).front().at("payload"); }
};

}  // namespace

TEST_CASE("an edit that never left and the next one go as one, on what the first stood on") {
  Editing world;
  world.edit(1, R"({"note":"a","price":1})");
  const auto accepted = world.edit(2, R"({"note":"b"})");
  REQUIRE(accepted.changes.size() == 1);
  CHECK(accepted.changes.front().id == op(1));
  CHECK(world.state(1) == "superseded");
  CHECK(world.get(2).supersedes == op(1));
  CHECK(world.get(2).base_version == 7);
  CHECK_FALSE(world.get(2).after);
  CHECK(world.counter(store::kOutboxOperations) == 1);
  const std::int64_t seq = world.get(2).seq;
  const auto base = world.database->read([&](const store::Snapshot& snapshot) {
    return store::BaseTable::find(snapshot, *world.key, seq, op(2));
  });
  REQUIRE(base.has_value());
  REQUIRE(base->has_value());
  CHECK((*base)->data == R"({"seen":true})");
  world.go_online();
  const PushCall push = world.sends({2});
  CHECK(world.payload(push) == Json{{"note", "b"}, {"price", 1}});
}

TEST_CASE("the rule replace keeps nothing of the older edit") {
  Editing world(profile::Coalesce::replace);
  world.edit(1, R"({"note":"a","price":1})");
  world.edit(2, R"({"note":"b"})");
  world.go_online();
  CHECK(world.payload(world.sends({2})) == Json{{"note", "b"}});
}

TEST_CASE("INV-Q2 what left, or may have, is not changed any more") {
  Editing world;
  world.edit(1, R"({"note":"a"})");
  world.go_online();
  const PushCall push = world.sends({1});
  world.edit(2, R"({"note":"b"})");
  CHECK(world.state(1) == "sending");
  CHECK(world.get(2).after == op(1));
  world.answer(push, lost(http::TransportFailure::silent));
  world.edit(3, R"({"price":3})");
  CHECK(world.state(1) == "unknown");
  CHECK(world.state(2) == "superseded");
  CHECK(world.get(3).after == op(1));
}

TEST_CASE("an edit that came back unsent never left, and is coalesced") {
  Editing world;
  world.edit(1, R"({"note":"a"})");
  world.go_online();
  world.answer(world.sends({1}), lost(http::TransportFailure::not_sent));
  world.edit(2, R"({"note":"b"})");
  CHECK(world.state(1) == "superseded");
}

TEST_CASE("a proof, another action and an operation between keep two edits apart") {
  Editing world;
  SECTION("a proof on the newer") {
    world.edit(1, R"({"note":"a"})");
    world.edit(2, R"({"note":"b"})", R"({"nonce":1})");
  }
  SECTION("a proof on the older") {
    world.edit(1, R"({"note":"a"})", R"({"nonce":1})");
    world.edit(2, R"({"note":"b"})");
  }
  SECTION("another action") {
    world.edit(1, R"({"note":"a"})");
    world.enqueue(2, kPo, "count");
  }
  SECTION("an operation between") {
    world.edit(1, R"({"note":"a"})");
    world.enqueue(3, kPo, "count");
    world.edit(2, R"({"note":"b"})");
  }
  CHECK(world.state(1) == "queued");
  CHECK(world.state(2) == "queued");
}

TEST_CASE("two edits that are too large together stay two") {
  Editing world;
  world.profile.limits.payload_bytes_max = 40;
  world.edit(1, R"({"a":"0123456789"})");
  world.edit(2, R"({"b":"0123456789012345"})");
  CHECK(world.state(1) == "queued");
}

TEST_CASE("the same id again after it was coalesced is the same operation") {
  Editing world;
  world.edit(1, R"({"note":"a"})");
  world.edit(2, R"({"note":"b"})");
  const auto again = world.edit(2, R"({"note":"b"})");
  CHECK(again.repeated);
  CHECK(again.supersedes == op(1));
  CHECK(world.edit(1, R"({"note":"a"})").state == OperationState::superseded);
  CHECK(world.counter(store::kOutboxOperations) == 1);
}
