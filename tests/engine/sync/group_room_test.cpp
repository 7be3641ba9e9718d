#include "engine/sync/group_room.hpp"

#include <cstddef>
#include <string>
#include <utility>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/host/outgoing.hpp"
#include "engine/sync/outbox_room.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::sync;

namespace {

// "comment" of approvals and "update" of orders leave in groups of at most three.
Profile grouping() {
  Profile profile = test_profile();
  deliver(profile, "approval", "comment", profile::Delivery::group);
  deliver(profile, "po", "update", profile::Delivery::group);
  profile.endpoints.at("approval.comment").operations_max = 3;
  profile.endpoints.at("po.update").operations_max = 3;
  return profile;
}

EntityKey approval(int number) { return {"approval", "A-" + std::to_string(number)}; }

struct Grouping : QueueWorld {
  explicit Grouping(Profile rules = grouping()) : QueueWorld(std::move(rules)) {}

  EnqueueRequest in_group(int number, const EntityKey& entity, const std::string& action,
                          const std::string& group = "g") const {
    EnqueueRequest made = request(number, entity, action);
    made.base_version = 1;
    made.group_id = group;
    return made;
  }
  EnqueueRequest comment(int number, const std::string& group = "g") const {
    return in_group(number, approval(number), "comment", group);
  }
  void accept(const EnqueueRequest& made) {
    const auto accepted = try_enqueue(made);
    if (!accepted) FAIL(accepted.error().message);
  }
  void fill() {
    for (int number = 1; number <= 3; ++number) accept(comment(number));
  }
  bool is_refused(const EnqueueRequest& made) {
    const std::size_t before = all().size();
    const auto accepted = try_enqueue(made);
    if (accepted) return false;
    CHECK(accepted.error().code == "operation.group_full");
    CHECK(all().size() == before);
    return true;
  }
};

}  // namespace

TEST_CASE("P-55 INV-Q15 of one bulk decision twenty are acknowledged, and the 21st is refused") {
  Grouping world(test_profile());
  const auto approve = [&](int number) {
    return world.in_group(number, approval(number), "approve");
  };
  for (int number = 1; number <= 20; ++number) world.accept(approve(number));
  const auto refused = world.try_enqueue(approve(21));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == ErrorClass::refused);
  CHECK(refuses_one(refused.error()));
  CHECK(host::error_json(refused.error()) ==
        Json{{"class", "refused"},
             {"code", "operation.group_full"},
             {"message", "the group may have 20 operations and has 20"},
             {"field", "group_id"}});
  CHECK(world.all().size() == 20);

  SECTION("as long as the file is there, and whichever of the two calls it would go in") {
    world.reopen();
    CHECK(world.is_refused(approve(21)));
    CHECK(world.is_refused(world.in_group(21, approval(21), "reject")));
  }
  SECTION("it goes in a group of its own, or alone") {
    world.accept(world.in_group(21, approval(21), "approve", "another"));
    world.store_document(approval(22), 1);
    world.enqueue(22, approval(22), "approve");
  }
  SECTION("what was acknowledged is acknowledged again") {
    const auto again = world.try_enqueue(approve(20));
    REQUIRE(again.has_value());
    CHECK(again->repeated);
  }
}

TEST_CASE("P-55 INV-Q15 of a group are those that stand for something, also when they were sent") {
  Grouping world;
  world.fill();
  SECTION("one that was taken back leaves its place") {
    REQUIRE(world.cancel(2).has_value());
    world.accept(world.comment(4));
    CHECK(world.is_refused(world.comment(5)));
  }
  SECTION("one that was discarded leaves its place") {
    REQUIRE(world.discard(2).has_value());
    world.accept(world.comment(4));
    CHECK(world.is_refused(world.comment(5)));
  }
  SECTION("what was sent and what has its verdict does not") {
    world.go_online();
    const PushCall call = world.sends({1, 2, 3});
    CHECK(world.is_refused(world.comment(4)));
    world.answer(call, results({applied(1, approval(1), 2), rejected(2, "NO"),
                                conflicting(3, approval(3), 2)}));
    CHECK(world.is_refused(world.comment(4)));
  }
  SECTION("those of all types that leave in groups count together") {
    CHECK(world.is_refused(world.in_group(4, kPo, "update")));
  }
}

TEST_CASE("P-55 INV-Q15 what takes the place of one of its group is not counted twice") {
  Grouping world;
  world.fill();
  const auto instead_of = [&](int number, int other) {
    EnqueueRequest made = world.in_group(number, approval(other), "comment");
    made.supersedes = op(other);
    return made;
  };
  SECTION("of one that waits") {
    world.accept(instead_of(4, 2));
    CHECK(world.state(2) == "superseded");
    CHECK(world.is_refused(world.comment(5)));
  }
  SECTION("of one that the server refused") {
    world.go_online();
    world.answer(world.sends({1, 2, 3}), results({applied(1, approval(1), 2), rejected(2, "NO"),
                                                  applied(3, approval(3), 2)}));
    world.accept(instead_of(4, 2));
    CHECK(world.is_refused(world.comment(5)));
  }
  SECTION("of one that another of the group stands on: both leave") {
    REQUIRE(world.cancel(3).has_value());
    world.accept(world.in_group(4, approval(2), "comment"));
    CHECK(world.get(4).after == op(2));
    world.accept(instead_of(5, 2));
    CHECK(world.state(4) == "superseded");
    world.accept(world.comment(6));
    CHECK(world.is_refused(world.comment(7)));
  }
  SECTION("but one of another group makes no room") {
    world.accept(world.comment(4, "another"));
    CHECK(world.is_refused(instead_of(5, 4)));
    CHECK(world.state(4) == "queued");
  }
}

TEST_CASE("P-55 what goes in no group's call, or in one without a bound, is not counted") {
  Profile rules = grouping();
  rules.endpoints.at("po.update").operations_max = 0;
  Grouping world(std::move(rules));
  for (int number = 1; number <= 5; ++number) {
    world.accept(world.in_group(number, {"po", "PO-" + std::to_string(number)}, "update"));
    world.accept(world.in_group(10 + number, {"po", "PO-" + std::to_string(number)}, "count"));
  }
}
