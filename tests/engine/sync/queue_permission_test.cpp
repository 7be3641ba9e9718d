#include <set>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "engine/store/permission_table.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;

namespace {

Profile rights_profile() {
  Profile profile = test_profile();
  profile.permissions.emplace();
  profile.entities.at("approval").actions.at("approve").permission = "Approve";
  return profile;
}

// A queue whose user's rights are written as the permissions actor does.
struct RightsWorld : QueueWorld {
  explicit RightsWorld(Profile profile = rights_profile()) : QueueWorld(std::move(profile)) {
    store_document(kApproval, 1);
    store_document(kOtherApproval, 1);
    set_rights({"Approve"});
    go_online();
  }
  // As the table has them; the queue is told by `match`.
  void set_rights(std::set<std::string, std::less<>> granted) {
    permissions::PermissionSet set;
    set.is_known = true;
    set.granted = std::move(granted);
    REQUIRE(
        write([&](store::Transaction& tx) { return store::PermissionTable::save(tx, *key, set); }));
  }
  void match() {
    auto effects = write([&](store::Transaction& tx) { return queue->on_permissions(tx, now); });
    REQUIRE(effects);
    last = std::move(*effects);
  }
};

}  // namespace

TEST_CASE(
    "what needs a right that was taken away is blocked, says which, and returns with it (A-42)") {
  RightsWorld world;
  world.enqueue(1, kApproval, "approve");
  world.enqueue(2, kOtherApproval, "comment");
  world.set_rights({});
  world.match();
  CHECK(world.state(1) == "blocked(permission)");
  CHECK(world.state(2) == "queued");
  const auto explanation = world.explain(1);
  CHECK(explanation.would_help == "permission");
  CHECK(explanation.causes == std::vector<std::string>{"blocked(permission)", "permission.revoked",
                                                       "needs the right Approve"});
  world.answer(world.sends({2}), results({applied(2, kOtherApproval, 2)}));
  world.sends_nothing();
  world.set_rights({"Approve"});
  world.match();
  CHECK(world.state(1) == "queued");
  world.sends({1});
}

TEST_CASE(
    "nothing leaves behind the commit that took its right away, whoever is told when (A-42)") {
  RightsWorld world;
  world.enqueue(1, kApproval, "approve");
  world.enqueue(2, kOtherApproval, "comment");
  world.set_rights({});
  world.sends({2});
  CHECK(world.state(1) == "blocked(permission)");
}

TEST_CASE(
    "what a user writes without the right is accepted and held, and so is what stands on it "
    "(A-5)") {
  RightsWorld world;
  world.set_rights({});
  const auto accepted = world.enqueue(1, kApproval, "approve");
  CHECK(accepted.id == op(1));
  CHECK(world.state(1) == "blocked(permission)");
  world.enqueue(2, kApproval, "comment");
  CHECK(world.state(2) == "blocked(dependency)");
  world.sends_nothing();
  world.set_rights({"Approve"});
  world.match();
  CHECK(world.state(1) == "queued");
  CHECK(world.state(2) == "queued");
}

TEST_CASE("a held operation keeps its attempts and its due time, also over a restart (INV-Q8)") {
  RightsWorld world;
  world.enqueue(1, kApproval, "approve");
  world.answer(world.sends({1}), response(500));
  const auto before = world.get(1);
  world.set_rights({});
  world.match();
  CHECK(world.state(1) == "blocked(permission)");
  world.reopen();
  CHECK(world.state(1) == "blocked(permission)");
  world.set_rights({"Approve"});
  world.reopen();
  CHECK(world.state(1) == "unknown");
  CHECK(world.get(1).attempts == before.attempts);
  CHECK(world.get(1).due_at == before.due_at);
}

TEST_CASE(
    "a 403 asks for the rights; what it blocked returns when they are others than it was refused "
    "with, and not before") {
  RightsWorld world;
  world.match();
  world.enqueue(1, kApproval, "approve");
  world.enqueue(2, kOtherApproval, "comment");
  world.answer(world.sends({1, 2}), response(403));
  CHECK(world.last.ask_permissions);
  CHECK(world.state(2) == "blocked(permission)");
  world.match();
  CHECK(world.state(2) == "blocked(permission)");
  world.set_rights({});
  world.pass(10'000);
  world.match();
  CHECK(world.state(1) == "blocked(permission)");
  CHECK(world.state(2) == "queued");
  world.sends({2});
}

TEST_CASE(
    "INV-Q16 an edit is not said in one with a held one that a commutative operation has passed") {
  Profile profile = rights_profile();
  auto& update = profile.entities.at("po").actions.at("update");
  update.coalesce = profile::Coalesce::merge;
  update.permission = "Approve";
  RightsWorld world(std::move(profile));
  world.store_document(kPo, 7);
  world.set_rights({});
  world.enqueue(1, kPo, "update");
  REQUIRE(world.state(1) == "blocked(permission)");
  world.enqueue(2, kPo, "count");
  world.answer(world.sends({2}), results({applied(2, kPo, 8)}));
  world.set_rights({"Approve"});
  world.match();
  world.enqueue(3, kPo, "update");
  CHECK(world.state(1) == "queued");
  CHECK(world.get(3).after == op(1));
  world.answer(world.sends({1}), results({applied(1, kPo, 9)}));
  CHECK(items_of(world.sends({3})).front().at("base_version") == 9);
}
