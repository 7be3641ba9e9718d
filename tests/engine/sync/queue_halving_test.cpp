#include <catch2/catch.hpp>

#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;

namespace {

// Operations 1 to `count`, each on an entity of its own.
struct ManyLanes : QueueWorld {
  explicit ManyLanes(int count) {
    for (int number = 1; number <= count; ++number) {
      store_document(entity(number), 1);
      enqueue(number, entity(number), "comment");
    }
    go_online();
  }

  static EntityKey entity(int number) { return {"approval", "A-" + std::to_string(number)}; }

  // The answer of a server that applies what it is asked to.
  static http::Answer all_applied(const sync::PushCall& push) {
    std::vector<Json> items;
    for (const OperationId& id : push.operations)
      items.push_back(applied(number_of(id), entity(number_of(id)), 2));
    return results(items);
  }
};

bool carries(const sync::PushCall& push, int number) {
  for (const OperationId& id : push.operations) {
    if (number_of(id) == number) return true;
  }
  return false;
}

}  // namespace

TEST_CASE(
    "400, 413 and 422 halve a batch at once, without an attempt and without delay, until the "
    "poison is alone") {
  ManyLanes world(8);
  const int status = GENERATE(400, 413, 422);
  int calls = 0;
  while (!world.plan().pushes.empty()) {
    const auto push = world.last.pushes.front();
    REQUIRE(++calls < 20);
    world.answer(push, carries(push, 6) ? response(status) : ManyLanes::all_applied(push));
  }
  CHECK(calls == 7);  // 8, 4, 4, 2, 1, 1, 2
  CHECK(world.state(6) == "rejected");
  CHECK(world.get(6).attempts == 0);
  for (const int number : {1, 2, 3, 4, 5, 7, 8}) CHECK(world.state(number) == "applied");
}

TEST_CASE("halves keep the order of acceptance, and nothing else joins them") {
  ManyLanes world(4);
  const auto push = world.sends({1, 2, 3, 4});
  world.store_document(ManyLanes::entity(5), 1);
  world.enqueue(5, ManyLanes::entity(5), "comment");
  world.answer(push, response(413));
  auto half = world.sends({1, 2});
  world.answer(half, response(413));
  half = world.sends({1});
  world.answer(half, ManyLanes::all_applied(half));
  half = world.sends({2});
  world.answer(half, ManyLanes::all_applied(half));
  half = world.sends({3, 4});
  world.answer(half, ManyLanes::all_applied(half));
  world.sends({5});
}

TEST_CASE("INV-Q4 halves of one lane go one after the other") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  for (int number = 1; number <= 4; ++number) world.enqueue(number, kApproval, "comment");
  world.go_online();
  world.answer(world.sends({1, 2, 3, 4}), response(413));
  auto half = world.sends({1, 2});
  world.answer(half, results({applied(1, kApproval, 8), retry(2, "busy")}));
  world.sends_nothing();  // 3 waits behind 2
  world.pass(5'000);
  half = world.sends({2});
  world.answer(half, results({applied(2, kApproval, 9)}));
  world.sends({3, 4});
}

TEST_CASE("5xx halves from the second failure, each half at its ladder delay") {
  ManyLanes world(4);
  world.answer(world.sends({1, 2, 3, 4}), response(503));
  world.sends_nothing();
  world.pass(5'000);
  world.answer(world.sends({1, 2, 3, 4}), response(500));
  world.sends_nothing();
  world.pass(29'999);
  world.sends_nothing();
  world.pass(1);
  auto half = world.sends({1, 2});
  world.answer(half, response(502));
  half = world.sends({3, 4});
  world.answer(half, ManyLanes::all_applied(half));
  world.sends_nothing();
  world.pass(120'000);
  half = world.sends({1});
  world.answer(half, response(500));
  CHECK(world.state(1) == "failed");
  half = world.sends({2});
  world.answer(half, ManyLanes::all_applied(half));
  CHECK(world.state(2) == "applied");
}

TEST_CASE(
    "only an operation that was alone fails; one whose retries are spent in company goes on "
    "halving at 120 s") {
  ManyLanes world(2);
  for (const int delay : {5'000, 30'000, 120'000}) {
    world.answer(world.sends({1, 2}), lost(http::TransportFailure::silent));
    world.pass(delay);
  }
  world.answer(world.sends({1, 2}), lost(http::TransportFailure::silent));
  CHECK(world.state(1) == "unknown");
  CHECK(world.state(2) == "unknown");
  CHECK(world.notices().empty());
  world.pass(119'999);
  world.sends_nothing();
  world.pass(1);
  world.answer(world.sends({1}), lost(http::TransportFailure::silent));
  CHECK(world.state(1) == "failed");
  const auto half = world.sends({2});
  world.answer(half, ManyLanes::all_applied(half));
  CHECK(world.state(2) == "applied");
}

TEST_CASE("an operation that only is busy for others goes alone before it fails") {
  ManyLanes world(2);
  for (const int delay : {5'000, 30'000, 120'000, 120'000}) {
    world.answer(world.sends({1, 2}), results({retry(1, "busy"), retry(2, "busy")}));
    world.pass(delay);
  }
  CHECK(world.state(1) == "queued");
  world.answer(world.sends({1}), results({retry(1, "busy")}));
  CHECK(world.state(1) == "failed");
  CHECK(world.get(1).effect == sync::OperationEffect::none);
  const auto half = world.sends({2});
  world.answer(half, ManyLanes::all_applied(half));
}
