#include <catch2/catch.hpp>

#include "engine/store/counter_table.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;

namespace {

void check_refused(const Result<sync::SyncEffects>& result, const std::string& code) {
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == code);
}

struct Failed : QueueWorld {
  Failed() {
    store_document(kApproval, 7);
    enqueue(1, kApproval, "comment");
    go_online();
    for (const int delay : {5'000, 30'000, 120'000, 0}) {
      answer(sends({1}), lost(http::TransportFailure::silent));
      pass(delay);
    }
    REQUIRE(state(1) == "failed");
    enqueue(2, kApproval, "comment");
    enqueue(3, kApproval, "comment");
    REQUIRE(state(3) == "blocked(dependency)");
  }
};

}  // namespace

TEST_CASE(
    "P-32 a failed operation is retried under its own id, from the first step, with what stands on "
    "it") {
  Failed world;
  const int attempts_before = world.get(1).attempts;
  CHECK(attempts_before == 4);
  REQUIRE(world.retry(1).has_value());
  CHECK(world.state(1) == "unknown");
  CHECK(world.state(2) == "queued");
  CHECK(world.state(3) == "queued");
  world.sends_nothing();  // not within 5 s of its last send
  world.pass(5'000);
  world.answer(world.sends({1, 2, 3}), lost(http::TransportFailure::silent));
  CHECK(world.get(1).attempts == 1);
  CHECK(world.state(1) == "unknown");
}

TEST_CASE("retry is for failed and blocked ones, not for what waits for another operation") {
  Failed world;
  check_refused(world.retry(2), "operation.wrong_state");
  check_refused(world.retry(9), "operation.not_found");
  world.store_document(kOtherApproval, 1);
  world.enqueue(4, kOtherApproval, "comment");
  check_refused(world.retry(4), "operation.wrong_state");
  world.answer(world.sends({4}), response(403));
  REQUIRE(world.retry(4).has_value());
  world.pass(5'000);
  world.answer(world.sends({4}), results({rejected(4, "NO")}));
  check_refused(world.retry(4), "operation.wrong_state");
}

TEST_CASE("only what never left is cancelled") {
  Failed world;
  check_refused(world.cancel(1), "operation.may_have_happened");
  REQUIRE(world.cancel(3).has_value());
  CHECK(world.state(3) == "cancelled");
  check_refused(world.cancel(3), "operation.wrong_state");
  world.store_document(kOtherApproval, 1);
  world.enqueue(4, kOtherApproval, "comment");
  const auto push = world.sends({4});
  check_refused(world.cancel(4), "operation.may_have_happened");
  world.answer(push, response(429));
  REQUIRE(world.cancel(4).has_value());  // the server refused to look at it
  CHECK(world.counter(store::kOutboxOperations) == 2);
}

TEST_CASE("discarding what may have happened needs the word that this is understood") {
  Failed world;
  check_refused(world.discard(1), "operation.may_have_happened");
  REQUIRE(world.discard(1, true).has_value());
  CHECK(world.state(1) == "discarded");
  CHECK(world.state(2) == "blocked(dependency)");
  check_refused(world.discard(1, true), "operation.wrong_state");
  REQUIRE(world.discard(2).has_value());
  CHECK(world.counter(store::kOutboxOperations) == 1);
}

TEST_CASE(
    "an operation that is discarded while it is in flight stays discarded, whatever the answer "
    "says") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.go_online();
  const auto push = world.sends({1});
  check_refused(world.discard(1), "operation.may_have_happened");
  REQUIRE(world.discard(1, true).has_value());
  CHECK(world.answer(push, results({applied(1, kApproval, 8)})).pull);
  CHECK(world.state(1) == "discarded");
  CHECK_FALSE(world.queue->in_flight());
}

TEST_CASE("explain names the chain of causes and what would help") {
  Failed world;
  auto why = world.explain(3);
  CHECK(why.causes == std::vector<std::string>{"blocked(dependency)",
                                               to_text(op(2)) + " is blocked(dependency)",
                                               to_text(op(1)) + " is failed", "retries.spent"});
  CHECK(why.would_help == "retry");
  CHECK_FALSE(why.next_attempt_at.has_value());

  world.store_document(kOtherApproval, 1);
  world.enqueue(4, kOtherApproval, "comment");
  CHECK(world.explain(4).would_help == "wait");
  world.go_offline();
  CHECK(world.explain(4).would_help == "network");
  world.go_online();
  world.auth(false);
  CHECK(world.explain(4).would_help == "login");
  world.queue->on_renewal(true);
  CHECK(world.explain(4).would_help == "wait");
  CHECK(world.explain(4).causes.back() == "session.renewing");
  world.queue->on_renewal(false);
  CHECK(world.explain(4).would_help == "login");
  world.auth(true);
  auto push = world.sends({4});
  CHECK(world.explain(4).causes.front() == "sending");
  world.answer(push, response(429, "", {{"Retry-After", "60"}}));
  why = world.explain(4);
  CHECK(why.would_help == "wait");
  CHECK((why.next_attempt_at.value() - world.now).count() == 60'000);
  world.pass(60'000);
  world.answer(world.sends({4}), response(401));
  CHECK(world.explain(4).would_help == "login");
  world.auth(true);
  world.answer(world.sends({4}), response(426));
  CHECK(world.explain(4).would_help == "update_app");
  world.reopen();
  world.go_online();
  world.pass(5'000);
  world.answer(world.sends({4}), results({rejected(4, "NO")}));
  why = world.explain(4);
  CHECK(why.would_help == "resolve");
  CHECK(why.causes == std::vector<std::string>{"rejected", "NO"});
}
