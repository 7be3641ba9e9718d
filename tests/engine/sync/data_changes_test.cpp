#include "engine/sync/data_changes.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <map>

#include "engine/base/random.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"
#include "tests/engine/sync/lane_rows.hpp"
#include "tests/engine/sync/pull_rig.hpp"

namespace landfall::pull_test {
namespace {

using namespace std::chrono_literals;
using sync::ChangeVerdict;
using sync::OperationState;

const EntityKey kApproval{"approval", "a"};
const EntityKey kOrder{"po", "p"};

struct ChangesRig : Partition {
  using Partition::Partition;

  void tell(const EntityKey& entity, std::int64_t row_version) {
    changes.on_changed({entity, row_version}, now);
  }
  sync::ChangesToAsk look(bool page_under_way = false) {
    return read([&](const store::Snapshot& snapshot) {
      return changes.on_look(snapshot, page_under_way, now);
    });
  }
  sync::ChangesToAsk look_after(Duration span) {
    now = now + span;
    return look();
  }
  void has(const EntityKey& entity, std::int64_t row_version) {
    put({entity, row_version, Instant{1}, false, "{}"});
  }

  Instant now{1'750'000'000'000};
  sync::DataChanges changes{profile};
};

}  // namespace

TEST_CASE("A change is known, an echo or news by what is here and what is under way") {
  CHECK(sync::judge_change({kApproval, 5}, {5, false}) == ChangeVerdict::known);
  CHECK(sync::judge_change({kApproval, 5}, {6, true}) == ChangeVerdict::known);
  CHECK(sync::judge_change({kApproval, 5}, {4, true}) == ChangeVerdict::echo);
  CHECK(sync::judge_change({kApproval, 5}, {std::nullopt, true}) == ChangeVerdict::echo);
  CHECK(sync::judge_change({kApproval, 5}, {4, false}) == ChangeVerdict::news);
  CHECK(sync::judge_change({kApproval, 5}, {std::nullopt, false}) == ChangeVerdict::news);
}

TEST_CASE("P-28: a burst of changes is looked at once and asks for one pull") {
  ChangesRig rig;
  CHECK(rig.changes.is_empty());
  CHECK_FALSE(rig.changes.next_look_at());
  for (int i = 0; i < 20; ++i) rig.tell({"approval", std::to_string(i)}, 2);
  const Instant look_at = rig.now + Duration{limits::kChangesGatherMs};
  CHECK(rig.changes.next_look_at() == look_at);
  // Before its time nothing is asked, and what comes meanwhile puts nothing off.
  CHECK_FALSE(rig.look_after(100ms).any());
  rig.tell({"approval", "late"}, 2);
  CHECK(rig.changes.next_look_at() == look_at);
  const auto ask = rig.look_after(200ms);
  CHECK(ask.pull);
  CHECK(ask.refresh.empty());
  CHECK(rig.changes.is_empty());
  CHECK_FALSE(rig.changes.next_look_at());
  CHECK_FALSE(rig.look_after(1h).any());
}

TEST_CASE("INV-Q12: a version that is here or older asks for nothing") {
  ChangesRig rig;
  rig.has(kApproval, 7);
  rig.tell(kApproval, 7);
  rig.tell(kApproval, 6);
  CHECK_FALSE(rig.look_after(1s).any());
  CHECK(rig.changes.is_empty());
  // Of one entity the newest counts.
  rig.tell(kApproval, 8);
  rig.tell(kApproval, 7);
  CHECK(rig.look_after(1s).pull);
}

TEST_CASE("P-58: the echo of an own operation waits for its answer and is then compared") {
  ChangesRig rig;
  rig.has(kApproval, 1);
  const auto state = GENERATE(OperationState::sending, OperationState::unknown);
  add_operation(rig, {1, kApproval, "approve", "{}", state});
  rig.tell(kApproval, 2);
  CHECK_FALSE(rig.look_after(1s).any());
  CHECK_FALSE(rig.changes.is_empty());
  SECTION("the answer brought the version, which is not a document yet") {
    settle_with_entity(rig, 1, OperationState::applied, wire_document("approval", "a", 2));
    CHECK_FALSE(rig.look_after(1s).any());
    CHECK(rig.changes.is_empty());
  }
  SECTION("somebody else made a newer one meanwhile") {
    rig.tell(kApproval, 3);
    settle_with_entity(rig, 1, OperationState::applied, wire_document("approval", "a", 2));
    CHECK(rig.look_after(1s).pull);
  }
  SECTION("no answer comes") {
    const Instant at = rig.now - 1s + Duration{limits::kEchoWaitMs};
    CHECK(rig.changes.next_look_at() == at);
    CHECK_FALSE(rig.look_after(28s).any());
    CHECK(rig.look_after(1s).pull);
  }
}

TEST_CASE("An operation that never left is no reason to wait") {
  ChangesRig rig;
  rig.has(kApproval, 1);
  add_operation(rig, {1, kApproval, "approve", "{}", OperationState::queued});
  rig.tell(kApproval, 2);
  CHECK(rig.look_after(1s).pull);
}

TEST_CASE("While a page is under way changes wait for its end, because it may have brought them") {
  ChangesRig rig;
  rig.tell(kApproval, 2);
  rig.tell({"approval", "b"}, 4);
  rig.now = rig.now + 1s;
  CHECK_FALSE(rig.look(true).any());
  rig.has(kApproval, 2);
  CHECK_FALSE(rig.look(true).any());
  CHECK(rig.look(false).pull);  // b was not in it
  CHECK(rig.changes.is_empty());
}

TEST_CASE(
    "P-34 P-35: a document on demand is asked for when it is here, one that is online never") {
  ChangesRig rig;
  rig.profile.entities.at("vendor").tier = profile::Tier::online;
  rig.has(kOrder, 1);
  rig.tell(kOrder, 2);
  rig.tell({"po", "nobody looked at it"}, 2);
  rig.tell({"vendor", "v"}, 2);
  const auto ask = rig.look_after(1s);
  CHECK_FALSE(ask.pull);
  CHECK(ask.refresh == std::vector<EntityKey>{kOrder});
  CHECK(rig.changes.is_empty());
  // A type that a later version of the app knows may be in any scope.
  rig.tell({"contract", "c"}, 1);
  CHECK(rig.look_after(1s).pull);
}

TEST_CASE("More changes than are told apart are one pull all the same") {
  ChangesRig rig;
  for (std::size_t i = 0; i < limits::kChangesWaitingMax; ++i) {
    rig.has({"approval", std::to_string(i)}, 9);
    rig.tell({"approval", std::to_string(i)}, 9);
  }
  rig.now = rig.now + 1s;
  rig.tell({"approval", "one more"}, 9);
  CHECK_FALSE(rig.look(true).any());
  CHECK_FALSE(rig.changes.is_empty());
  CHECK(rig.look_after(1s).pull);
  CHECK(rig.changes.is_empty());
}

// Whatever is told in whatever order: once it is quiet nothing waits, and every version that is not
// here was asked for, and none that is.
TEST_CASE("INV-Q11: no change is forgotten and none is asked for in vain, over random histories") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    ChangesRig rig;
    Random random(seed);
    std::map<EntityKey, std::int64_t> server;
    std::map<EntityKey, std::int64_t> here;
    const auto pull = [&] {
      for (const auto& [entity, row_version] : server) {
        if (here[entity] < row_version) rig.has(entity, row_version);
        here[entity] = row_version;
      }
    };
    const auto is_behind = [&] {
      for (const auto& [entity, row_version] : server) {
        if (here[entity] < row_version) return true;
      }
      return false;
    };
    std::map<EntityKey, std::int64_t> told;
    for (int step = 0; step < 60; ++step) {
      const EntityKey entity{"approval", std::to_string(random.below(4))};
      const auto choice = random.below(4);
      if (choice == 0) ++server[entity];
      if (choice <= 1 && server.contains(entity)) {
        rig.tell(entity, server[entity]);
        told[entity] = server[entity];
      }
      if (choice == 2) pull();
      rig.now = rig.now + Duration{random.between(0, 400)};
      if (choice != 3) continue;
      bool untold_news = false;
      for (const auto& [key, row_version] : told) untold_news |= here[key] < row_version;
      const bool is_time = rig.changes.next_look_at() && *rig.changes.next_look_at() <= rig.now;
      const auto ask = rig.look();
      REQUIRE(ask.pull == (is_time && untold_news));
      if (ask.pull) pull();
    }
    for (const auto& [entity, row_version] : server) rig.tell(entity, row_version);
    const bool behind = is_behind();
    REQUIRE(rig.look_after(1s).pull == behind);
    REQUIRE(rig.changes.is_empty());
  }
}

}  // namespace landfall::pull_test
