#include "engine/sync/repeat_pace.hpp"

#include <algorithm>
#include <deque>

#include <catch2/catch.hpp>

#include "engine/base/random.hpp"
#include "schema/limits.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::sync;
using namespace landfall::test;
using namespace std::chrono_literals;

TEST_CASE("INV-Q9: while the server fails no minute has more repeats than allowed") {
  Random random(7);
  RepeatPace pace;
  std::deque<Instant> repeats;
  bool failing = false;
  Instant now{1'000'000};
  int held = 0;
  for (int i = 0; i < 20'000; ++i) {
    now = now + Duration{random.between(0, 6'000)};
    if (now < pace.held_until()) {
      ++held;
      continue;
    }
    pace.on_sent(now);
    if (failing) repeats.push_back(now);
    while (!repeats.empty() && now - repeats.front() >= Duration{60'000}) repeats.pop_front();
    REQUIRE(repeats.size() <= limits::kRepeatsPerMinuteMax);
    failing = random.chance(0.95);
    pace.on_answer(failing);
  }
  CHECK(held > 100);
}

TEST_CASE("a push that succeeds ends the pace at once") {
  RepeatPace pace;
  for (int i = 0; i < 100; ++i) {
    pace.on_answer(true);
    pace.on_sent(Instant{1'000});
  }
  CHECK(pace.held_until() == Instant{1'000} + Duration{60'000});
  pace.on_answer(false);
  CHECK(pace.held_until() == Instant{});
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
  CHECK(most <= static_cast<int>(limits::kRepeatsPerMinuteMax) + 1);
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
