#include "engine/sync/repeat_pace.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/base/random.hpp"
#include "schema/limits.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::sync;
using namespace landfall::test;
using namespace std::chrono_literals;

TEST_CASE("INV-Q9: while the server fails no minute has more repeats than allowed, to whatever") {
  Random random(7);
  http::RepeatBudget device;
  RepeatPace pace(device);
  const std::vector<std::string> targets{"push", "approve/A-1", "approve/A-2", "bulk"};
  std::set<std::string> failing;
  std::deque<Instant> repeats;
  Instant now{1'000'000};
  int held = 0;
  for (int i = 0; i < 20'000; ++i) {
    now = now + Duration{random.between(0, 6'000)};
    const std::string& target = targets[random.below(targets.size())];
    if (now < pace.held_until(target)) {
      ++held;
      continue;
    }
    pace.on_sent(target, now);
    if (failing.contains(target)) repeats.push_back(now);
    while (!repeats.empty() && now - repeats.front() >= Duration{60'000}) repeats.pop_front();
    REQUIRE(repeats.size() <= limits::kPushRepeatsPerMinuteMax);
    const bool has_failed = random.chance(0.95);
    if (has_failed) failing.insert(target);
    if (!has_failed) failing.erase(target);
    pace.on_answer(target, has_failed);
  }
  CHECK(held > 100);
}

TEST_CASE("INV-Q9: only what failed last is held, and a success ends it at once") {
  http::RepeatBudget device;
  RepeatPace pace(device);
  for (int i = 0; i < 100; ++i) {
    pace.on_answer("approve/A-1", true);
    pace.on_sent("approve/A-1", Instant{1'000});
  }
  CHECK(pace.held_until("approve/A-1") == Instant{1'000} + Duration{60'000});
  CHECK(pace.held_until("approve/A-2") == Instant{});
  pace.on_answer("approve/A-2", true);
  CHECK(pace.held_until("approve/A-2") == Instant{1'000} + Duration{60'000});
  pace.on_answer("approve/A-1", false);
  CHECK(pace.held_until("approve/A-1") == Instant{});
}

TEST_CASE("INV-Q9: repeats that are chosen together count for each other") {
  http::RepeatBudget device;
  RepeatPace pace(device);
  pace.on_answer("push", true);
  const std::size_t sent = limits::kPushRepeatsPerMinuteMax - 1;
  for (std::size_t i = 0; i < sent; ++i)
    pace.on_sent("push", Instant{1'000 * static_cast<std::int64_t>(i + 1)});
  CHECK(pace.held_until("push") == Instant{});
  CHECK(pace.held_until("push", 1) == Instant{61'000});
  CHECK(pace.held_until("push", 2) == Instant{62'000});
}

TEST_CASE("INV-X4 INV-Q9: a server that fails everywhere is held everywhere") {
  http::RepeatBudget device;
  RepeatPace pace(device);
  for (std::size_t i = 0; i < limits::kFailingTargetsMax; ++i)
    pace.on_answer("approve/" + std::to_string(i), true);
  CHECK(pace.is_repeat("approve/never called"));
  pace.on_answer("approve/0", false);
  CHECK_FALSE(pace.is_repeat("approve/never called"));
}

// After an outage each decision is called once more, and its target never again.
TEST_CASE("INV-Q9: any success ends that a server is held everywhere, and failures count anew") {
  http::RepeatBudget device;
  RepeatPace pace(device);
  for (std::size_t i = 0; i < limits::kFailingTargetsMax; ++i)
    pace.on_answer("approve/" + std::to_string(i), true);
  REQUIRE(pace.is_repeat("approve/later"));
  pace.on_answer("approve/later", false);
  CHECK_FALSE(pace.is_repeat("approve/later"));
  // One of them that fails again does not hold the others, and is held itself.
  pace.on_answer("approve/1", true);
  CHECK(pace.is_repeat("approve/1"));
  CHECK_FALSE(pace.is_repeat("approve/later"));
}

TEST_CASE("INV-Q9: a push that is held holds no endpoint that did not fail") {
  Profile rules = test_profile();
  deliver(rules, "approval", "comment", profile::Delivery::endpoint);
  rules.sync.batch_operations_max = 1;
  QueueWorld world(std::move(rules));
  world.store_document(kApproval, 7);
  world.go_online();
  for (int number = 1; number <= 40; ++number)
    world.enqueue(number, {"po", "PO-" + std::to_string(number)}, "count");
  // One order after the other fails, until no further call may go to where all of them go.
  std::size_t failed = 0;
  while (true) {
    const SyncEffects effects = world.plan();
    if (effects.pushes.empty()) break;
    failed += effects.pushes.size();
    for (const auto& push : effects.pushes) world.answer(push, response(503));
  }
  CHECK(failed == limits::kPushRepeatsPerMinuteMax + 1);
  world.enqueue(100, kApproval, "comment");
  CHECK(is_endpoint_call(world.sends({100})));
  world.pass(60'000);
  world.sends({1});
}

TEST_CASE(
    "INV-Q9: a large outbox does not storm a server that is down, and goes out when it is up") {
  QueueWorld world;
  world.go_online();
  constexpr int kOperations = 400;
  for (int number = 1; number <= kOperations; ++number)
    world.enqueue(number, {"po", "PO-" + std::to_string(number)}, "count");
  std::deque<Instant> sends;
  int most = 0;
  const Instant heals = world.now + Duration{3 * 60'000};
  while (world.now < heals) {
    for (const auto& push : world.plan().pushes) {
      sends.push_back(world.now);
      world.answer(push, response(503));
    }
    while (!sends.empty() && world.now - sends.front() >= Duration{60'000}) sends.pop_front();
    most = std::max(most, static_cast<int>(sends.size()));
    world.pass(100);
  }
  CHECK(most > 1);
  CHECK(most <= static_cast<int>(limits::kPushRepeatsPerMinuteMax) + 1);
  const Instant patience = world.now + Duration{10 * 60'000};
  int left = kOperations;
  while (left > 0 && world.now < patience) {
    for (const auto& push : world.plan().pushes) {
      Json verdicts = Json::array();
      for (const auto& id : push.operations)
        verdicts.push_back({{"id", to_text(id)}, {"status", "applied"}});
      world.answer(push, results(verdicts));
      left -= static_cast<int>(push.operations.size());
    }
    world.pass(1'000);
  }
  CHECK(left == 0);
}

TEST_CASE("INV-Q9: pushes that fail wait for what else the device repeats, and count for it") {
  http::RepeatBudget device;
  RepeatPace pace(device);
  pace.on_answer("push", true);
  for (std::size_t i = 0; i < limits::kRepeatsForAcceptedMax - 1; ++i)
    device.on_repeat(Instant{1'000});
  CHECK(pace.held_until("push") == Instant{});
  CHECK(pace.held_until("push", 1) == Instant{61'000});
  pace.on_sent("push", Instant{2'000});
  CHECK(pace.held_until("push") == Instant{61'000});
  CHECK(pace.held_until("approve/A-1") == Instant{});
}

TEST_CASE("INV-Q9: a queue's pushes wait while its device has repeated too much") {
  QueueWorld world;
  world.go_online();
  world.enqueue(1, {"po", "PO-1"}, "count");
  world.answer(world.sends({1}), response(503));
  world.pass(10'000);
  for (std::size_t i = 0; i < limits::kRepeatsForAcceptedMax; ++i)
    world.repeats.on_repeat(world.now);
  CHECK(world.plan().pushes.empty());
  world.pass(60'000);
  world.sends({1});
}

// As when one visit to another outbox follows the other.
TEST_CASE("INV-Q9: what failed in the queue before is a repeat in the next one as well") {
  QueueWorld world;
  world.go_online();
  world.enqueue(1, {"po", "PO-1"}, "count");
  world.pace->on_answer(target_of(Way{}, {"po", "PO-1"}), true);
  for (std::size_t i = 0; i < limits::kRepeatsForAcceptedMax; ++i)
    world.repeats.on_repeat(world.now);
  CHECK(world.plan().pushes.empty());
  world.pass(60'000);
  world.sends({1});
}
