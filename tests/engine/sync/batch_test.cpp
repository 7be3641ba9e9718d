#include "engine/sync/batch.hpp"

#include "engine/profile/profile.hpp"

#include <catch2/catch.hpp>

#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::sync;

namespace {

constexpr Instant kNow{1'000'000};

struct Chooser {
  Profile profile = test_profile();
  BatchChooser chooser;
  int number = 0;

  explicit Chooser(std::optional<std::int64_t> part = std::nullopt,
                   BatchChooser::Company company = BatchChooser::Company::together)
      : chooser(profile, company, {3, 1'000}, part, kNow) {}

  bool offer(const std::string& lane, std::int64_t due_ms = 0, std::int64_t bytes = 10,
             std::optional<OperationState> predecessor = std::nullopt,
             std::optional<std::int64_t> part = std::nullopt) {
    return offer_as("comment", "", lane, due_ms, bytes, predecessor, part);
  }
  bool offer_as(const std::string& action, const std::string& group, const std::string& lane,
                std::int64_t due_ms = 0, std::int64_t bytes = 10,
                std::optional<OperationState> predecessor = std::nullopt,
                std::optional<std::int64_t> part = std::nullopt) {
    Operation operation;
    operation.action = action;
    if (!group.empty()) operation.group_id = group;
    operation.seq = ++number;
    operation.id = op(number);
    operation.entity = {"approval", lane};
    operation.due_at = Instant{due_ms};
    operation.bytes = bytes;
    operation.part = part;
    return chooser.offer({std::move(operation), predecessor});
  }
  std::vector<int> chosen() {
    choice = chooser.take();
    std::vector<int> numbers;
    for (const Operation& operation : choice.operations) numbers.push_back(number_of(operation.id));
    return numbers;
  }
  BatchChoice choice;
};

}  // namespace

TEST_CASE("INV-Q4 a lane is held by its first operation that does not join") {
  Chooser chooser;
  CHECK(chooser.offer("a", kNow.unix_ms + 500));
  CHECK(chooser.offer("a"));
  CHECK(chooser.offer("b"));
  CHECK(chooser.offer("b"));
  CHECK(chooser.chosen() == std::vector<int>{3, 4});
  CHECK(chooser.choice.look_again_at == kNow + Duration{500});
}

TEST_CASE("the batch ends when it is full by count or by bytes") {
  Chooser by_count;
  CHECK(by_count.offer("a"));
  CHECK(by_count.offer("b"));
  CHECK_FALSE(by_count.offer("c"));
  CHECK(by_count.chosen() == std::vector<int>{1, 2, 3});
  Chooser by_bytes;
  CHECK(by_bytes.offer("a", 0, 600));
  CHECK_FALSE(by_bytes.offer("b", 0, 600));
  CHECK(by_bytes.chosen() == std::vector<int>{1});
  Chooser oversized;
  CHECK(oversized.offer("a", 0, 5'000));
  CHECK(oversized.chosen() == std::vector<int>{1});
}

TEST_CASE("what stands on an operation that is not on its way does not join") {
  Chooser chooser;
  CHECK(chooser.offer("a", 0, 10, OperationState::failed));
  CHECK(chooser.offer("b", 0, 10, OperationState::blocked));
  CHECK(chooser.offer("c", 0, 10, OperationState::applied));
  CHECK(chooser.chosen() == std::vector<int>{3});
}

TEST_CASE("a part goes with nothing else, and the others hold their lanes") {
  Chooser chooser(7);
  CHECK(chooser.offer("a"));
  CHECK(chooser.offer("a", 0, 10, std::nullopt, 7));
  CHECK(chooser.offer("b", 0, 10, std::nullopt, 7));
  CHECK(chooser.chosen() == std::vector<int>{3});
}

TEST_CASE(
    "the choice of a batch looks at due parts first and takes the lowest with a ready member") {
  QueueWorld world;
  world.store_document(kApproval, 1);
  world.store_document(kOtherApproval, 1);
  world.store_document({"approval", "A-3"}, 1);
  world.enqueue(1, kApproval, "comment");
  world.enqueue(2, kApproval, "comment");
  world.enqueue(3, kOtherApproval, "comment");
  world.enqueue(4, {"approval", "A-3"}, "comment");
  const auto give = [&](int number, std::optional<std::int64_t> part, std::int64_t due_ms) {
    Operation operation = world.get(number);
    operation.part = part;
    operation.due_at = Instant{due_ms};
    REQUIRE(world.write(
        [&](store::Transaction& tx) { return store::OperationTable::save(tx, operation); }));
  };
  const auto chosen = [&] {
    std::vector<int> numbers;
    const auto choice = world.database->read([&](const store::Snapshot& snapshot) {
      return choose_batch(snapshot, world.profile, {{8, 100'000}, 0, {}}, world.now);
    });
    REQUIRE(choice.has_value());
    for (const Operation& operation : choice->operations)
      numbers.push_back(number_of(operation.id));
    return numbers;
  };
  CHECK(chosen() == std::vector<int>{1, 2, 3, 4});
  give(1, 1, world.now.unix_ms + 1);
  give(2, 2, 0);  // due, but behind 1
  give(3, 3, 0);
  CHECK(chosen() == std::vector<int>{3});
  give(3, 3, world.now.unix_ms + 1);
  CHECK(chosen() == std::vector<int>{4});
  give(1, 1, 0);
  CHECK(chosen() == std::vector<int>{1});
}

TEST_CASE("the bytes that count against the outbox are never fewer than those on the wire") {
  Operation operation;
  operation.id = op(1);
  operation.entity = {"approval", "with \"quotes\" and \n"};
  operation.action = "comment";
  operation.base_version = INT64_MAX;
  const store::OperationContent content{"{\"a\":1}", "{}"};
  CHECK(wire_bytes_max(operation, content) >=
        static_cast<std::int64_t>(wire_operation({operation, op(1), content}).size()));
  CHECK(Json::parse(wire_operation({operation, op(1), content})).at("entity_id") ==
        operation.entity.id);
}

TEST_CASE("P-55 a call carries one group and no more of it than its endpoint takes") {
  Chooser chooser;
  chooser.profile.endpoints.at("bulk_approve").operations_max = 2;
  CHECK(chooser.offer_as("approve", "g1", "a"));
  CHECK(chooser.offer_as("approve", "g2", "b"));  // another group
  CHECK(chooser.offer_as("comment", "g1", "c"));  // goes with a push
  CHECK_FALSE(chooser.offer_as("approve", "g1", "d"));
  CHECK(chooser.chosen() == std::vector<int>{1, 4});
  CHECK(chooser.choice.way.group_id == "g1");
}

TEST_CASE("P-55 of a group only those go that head their lanes") {
  Chooser chooser;
  CHECK(chooser.offer_as("approve", "g1", "a"));
  CHECK(chooser.offer_as("approve", "g1", "a"));
  CHECK(chooser.offer_as("approve", "g1", "b", 0, 10, OperationState::sending));
  CHECK(chooser.chosen() == std::vector<int>{1});
}

TEST_CASE(
    "P-93 those of an endpoint leave alone, each at the head of its lane, and hold their lanes in "
    "a push") {
  Chooser together;
  deliver(together.profile, "approval", "approve", profile::Delivery::endpoint);
  CHECK(together.offer_as("approve", "", "a"));
  CHECK(together.offer("a"));
  CHECK(together.offer("b"));
  CHECK(together.chosen() == std::vector<int>{3});

  Chooser alone(std::nullopt, BatchChooser::Company::alone);
  deliver(alone.profile, "approval", "approve", profile::Delivery::endpoint);
  CHECK(alone.offer_as("approve", "", "a"));
  CHECK(alone.offer_as("approve", "", "a"));
  CHECK(alone.offer("b"));
  CHECK(alone.offer_as("approve", "", "b"));
  CHECK(alone.offer_as("approve", "", "c"));
  CHECK(alone.chosen() == std::vector<int>{1, 5});
}
