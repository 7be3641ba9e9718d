#include <set>

#include <catch2/catch.hpp>

#include "engine/store/counter_table.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using http::TransportFailure;
using sync::OperationEffect;

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

struct OneOperation : QueueWorld {
  explicit OneOperation(Profile rules = test_profile()) : QueueWorld(std::move(rules)) {
    store_document(kApproval, 7);
    enqueue(1, kApproval, "comment");
    go_online();
  }

  // The operation is sent at exactly this distance from now, and not a millisecond before.
  sync::PushCall sends_after(std::int64_t ms) {
    plan();
    if (!last.pushes.empty()) FAIL("sent at once");
    REQUIRE(last.wake_at.has_value());
    CHECK((*last.wake_at - now).count() == ms);
    pass(ms - 1);
    sends_nothing();
    pass(1);
    return sends({1});
  }
};

http::Answer with_retry_after(int status, const std::string& value) {
  return response(status, "", {{"Retry-After", value}});
}

}  // namespace

TEST_CASE(
    "P-31 P-32 C-19 C-21 INV-Q7 INV-Q8 retries after 5 s, 30 s and 120 s, then failed and kept, "
    "and "
    "the user is told once") {
  OneOperation world;
  const auto fault = GENERATE(0, 1, 2, 3);
  const std::vector<http::Answer> answers{lost(TransportFailure::silent), response(500),
                                          response(200, "<html>"), lost(TransportFailure::cut)};
  const auto& bad = answers[static_cast<std::size_t>(fault)];
  auto push = world.sends({1});
  for (const int delay : {5'000, 30'000, 120'000}) {
    world.pass(700);  // the answer takes its time; the delay counts from the failure
    world.answer(push, bad);
    CHECK(world.state(1) == "unknown");
    CHECK(world.last.notices.empty());
    push = world.sends_after(delay);
  }
  CHECK(world.get(1).attempts == 4);
  const auto effects = world.answer(push, bad);
  CHECK(world.state(1) == "failed");
  REQUIRE(effects.notices.size() == 1);
  CHECK(effects.notices[0].kind == "failed");
  CHECK(effects.notices[0].code == "retries.spent");
  CHECK_FALSE(effects.wake_at.has_value());
  CHECK(world.counter(store::kOutboxOperations) == 1);  // C-21: kept until the user says otherwise
  world.pass(kDayMs);
  world.sends_nothing();
  world.reopen();
  CHECK(world.last.notices.size() == 1);
  CHECK(world.notices().size() == 1);
}

TEST_CASE("C-20 INV-Q7 what never reached a deciding server costs no attempt and leaves no doubt") {
  OneOperation world;
  const auto push = world.sends({1});
  SECTION("not sent") {
    world.answer(push, lost(TransportFailure::not_sent));
    CHECK(world.state(1) == "queued");
    CHECK(world.get(1).first_sent_at == Instant{});
  }
  SECTION("no session") {
    world.answer(push, lost(TransportFailure::no_session));
    CHECK(world.state(1) == "blocked(auth)");
  }
  SECTION("401") {
    world.answer(push, response(401));
    CHECK(world.state(1) == "blocked(auth)");
  }
  SECTION("403") {
    world.answer(push, response(403));
    CHECK(world.state(1) == "blocked(permission)");
  }
  SECTION("404") {
    world.answer(push, response(404));
    CHECK(world.state(1) == "blocked(server)");
    CHECK(world.last.notices.size() == 1);
  }
  SECTION("426") {
    // The pull is to be refused too: its next answer is what says that this app is taken again.
    CHECK(world.answer(push, response(426)).pull);
    CHECK(world.state(1) == "blocked(upgrade)");
  }
  SECTION("429") {
    world.answer(push, response(429));
    CHECK(world.state(1) == "queued");
  }
  SECTION("503 with Retry-After") {
    world.answer(push, with_retry_after(503, "60"));
    CHECK(world.state(1) == "queued");
  }
  CHECK(world.get(1).attempts == 0);
  CHECK(world.get(1).effect == OperationEffect::none);
}

TEST_CASE("an operation that may have happened stays so when a later send certainly did nothing") {
  OneOperation world;
  world.answer(world.sends({1}), lost(TransportFailure::silent));
  const Instant first_sent_at = world.get(1).first_sent_at;
  world.pass(5'000);
  world.answer(world.sends({1}), GENERATE(response(429), lost(TransportFailure::not_sent)));
  CHECK(world.state(1) == "unknown");
  CHECK(world.get(1).effect == OperationEffect::possible);
  CHECK(world.get(1).first_sent_at == first_sent_at);
  CHECK(world.get(1).attempts == 1);
}

TEST_CASE("INV-Q7 408 costs an attempt and decides nothing") {
  OneOperation world;
  world.answer(world.sends({1}), response(408));
  CHECK(world.state(1) == "queued");
  CHECK(world.get(1).attempts == 1);
  CHECK(world.get(1).effect == OperationEffect::none);
  world.sends_after(5'000);
}

TEST_CASE("INV-Q8 INV-Q9 what could not be sent is tried again in 5 s, or at the edge at once") {
  OneOperation world;
  world.answer(world.sends({1}), lost(TransportFailure::not_sent));
  SECTION("no edge") { world.sends_after(5'000); }
  SECTION("edge") {
    world.go_offline();
    world.edge();
    world.pass(2'000);
    world.sends({1});
  }
}

TEST_CASE(
    "INV-Q8 the edge re-arms a ladder wait, spread over 0 to 2 s, never within 5 s of the last "
    "send") {
  OneOperation world;
  world.answer(world.sends({1}), lost(TransportFailure::silent));
  world.pass(5'000);
  world.answer(world.sends({1}), lost(TransportFailure::silent));  // due in 30 s
  world.go_offline();
  SECTION("soon after the send") {
    world.pass(1'000);
    world.edge();
    world.sends_after(4'000);
  }
  SECTION("later") {
    world.pass(10'000);
    const Instant edge_at = world.now;
    world.edge();
    world.plan();
    const Instant at = !world.last.pushes.empty() ? world.now : world.last.wake_at.value();
    CHECK(at >= edge_at);
    CHECK((at - edge_at).count() <= 2'000);
    world.now = at;
    if (world.last.pushes.empty()) world.sends({1});
  }
  SECTION("reachable again without an edge, as after server_down, re-arms nothing") {
    world.pass(10'000);
    world.connectivity(true, false);
    world.sends_after(20'000);
  }
}

TEST_CASE("P-59 sends of operations that waited offline are spread at the edge as well") {
  std::set<std::int64_t> delays;
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.auth(true);
  for (int number = 1; number <= 20; ++number) {
    world.go_offline();
    if (number == 1) world.enqueue(1, kApproval, "comment");
    world.pass(60'000);
    world.edge();
    world.plan();
    delays.insert(!world.last.pushes.empty() ? 0
                                             : (world.last.wake_at.value() - world.now).count());
    CHECK(*delays.rbegin() <= 2'000);
  }
  CHECK(delays.size() > 10);
}

TEST_CASE(
    "INV-Q8 no push before a Retry-After: not the batch's, not another one, not at the edge, not "
    "after a restart") {
  OneOperation world;
  world.answer(world.sends({1}), with_retry_after(GENERATE(429, 503), "60"));
  world.store_document(kOtherApproval, 1);
  world.enqueue(2, kOtherApproval, "comment");
  world.pass(20'000);
  world.go_offline();
  world.edge();
  world.sends_nothing();
  world.pass(20'000);
  world.reopen();
  world.go_online();
  world.sends_nothing();
  REQUIRE(world.last.wake_at.has_value());
  CHECK((*world.last.wake_at - world.now).count() == 60'000 - 20'000 - 20'000 - 2'000);
  world.now = *world.last.wake_at;
  world.sends({1, 2});
}

TEST_CASE("INV-Q8 the shorter Retry-After of a later answer does not end a longer one") {
  Profile rules = test_profile();
  deliver(rules, "approval", "comment", profile::Delivery::endpoint);
  QueueWorld world(std::move(rules));
  world.store_document(kApproval, 7);
  world.store_document(kOtherApproval, 1);
  world.enqueue(1, kApproval, "comment");
  world.enqueue(2, kOtherApproval, "comment");
  world.go_online();
  const auto pushes = world.plan().pushes;
  REQUIRE(pushes.size() == 2);
  world.answer(pushes[0], with_retry_after(503, "60"));
  world.answer(pushes[1], with_retry_after(429, "20"));
  REQUIRE(world.last.wake_at.has_value());
  CHECK(*world.last.wake_at - world.now == Duration{60'000});
  world.pass(59'999);
  world.sends_nothing();
}

TEST_CASE("a Retry-After is clamped to the profile's longest") {
  OneOperation world;
  world.answer(world.sends({1}), with_retry_after(429, "999999999"));
  world.sends_after(3'600'000);
}

TEST_CASE("a retry of one operation: busy costs an attempt, a wait or after_failed costs nothing") {
  OneOperation world;
  const auto push = world.sends({1});
  SECTION("busy") {
    world.answer(push, results({retry(1, "busy")}));
    CHECK(world.get(1).attempts == 1);
    world.sends_after(5'000);
  }
  SECTION("busy with a wait") {
    world.answer(push, results({retry(1, "busy", 45)}));
    CHECK(world.get(1).attempts == 0);
    world.sends_after(45'000);
  }
  SECTION("a shorter wait named by the server is exempt from the 5 s") {
    world.answer(push, results({retry(1, "busy", 3)}));
    world.sends_after(3'000);
  }
  SECTION("after_failed") {
    world.answer(push, results({retry(1, "after_failed")}));
    CHECK(world.get(1).attempts == 0);
    world.sends_after(5'000);
  }
  CHECK(world.get(1).attempts <= 1 + 1);
}

TEST_CASE(
    "an id that is missing in the answer is unknown and has cost an attempt; other ids are "
    "ignored") {
  OneOperation world;
  world.answer(world.sends({1}), results({applied(77, kApproval, 8)}));
  CHECK(world.state(1) == "unknown");
  CHECK(world.get(1).attempts == 1);
  world.sends_after(5'000);
}

TEST_CASE("what waits for free ends as blocked(server) after 24 h, and the user is told") {
  OneOperation world;
  const Instant begin = world.now;
  while (world.state(1) == "queued") {
    world.answer(world.sends({1}), with_retry_after(429, "3600"));
    world.pass(3'600'000);
    REQUIRE((world.now - begin).count() <= kDayMs + 2 * 3'600'000);
  }
  CHECK((world.now - begin).count() >= kDayMs);
  CHECK(world.state(1) == "blocked(server)");
  REQUIRE(world.notices().size() == 1);
  CHECK(world.notices()[0].code == "server.kept_waiting");
  REQUIRE(world.retry(1).has_value());
  world.sends({1});
}

TEST_CASE("a 401 blocks on auth, costs nothing, and a session brings it back at once") {
  OneOperation world;
  world.answer(world.sends({1}), lost(TransportFailure::silent));
  world.pass(5'000);
  world.answer(world.sends({1}), response(401));
  CHECK(world.state(1) == "blocked(auth)");
  CHECK(world.get(1).attempts == 1);
  world.store_document(kOtherApproval, 1);
  world.enqueue(2, kOtherApproval, "comment");
  world.sends_nothing();
  SECTION("the session goes and comes") {
    world.auth(false);
    world.sends_nothing();
    world.auth(true);
    CHECK(world.state(1) == "unknown");
    world.sends({1, 2});
  }
  SECTION("the owner holds the session valid all the time: asked again at the ladder's last step") {
    REQUIRE(world.last.wake_at.has_value());
    CHECK((*world.last.wake_at - world.now).count() == 120'000);
    world.pass(120'000);
    world.sends({1, 2});
  }
}

TEST_CASE("404 and 410 of the batch's path are told once, however many batches meet them") {
  OneOperation world;
  world.answer(world.sends({1}), response(404));
  world.store_document(kOtherApproval, 1);
  world.enqueue(2, kOtherApproval, "comment");
  world.answer(world.sends({2}), response(410));
  CHECK(world.state(2) == "blocked(server)");
  CHECK(world.notices().size() == 1);
}

TEST_CASE("404 is told behind an operation that the server kept waiting, which is another matter") {
  OneOperation world;
  while (world.state(1) == "queued") {
    world.answer(world.sends({1}), with_retry_after(429, "3600"));
    world.pass(3'600'000);
  }
  REQUIRE(world.state(1) == "blocked(server)");
  world.store_document(kOtherApproval, 1);
  world.enqueue(2, kOtherApproval, "comment");
  world.answer(world.sends({2}), response(404));
  CHECK(world.state(2) == "blocked(server)");
  REQUIRE(world.notices().size() == 2);
  CHECK(world.notices()[1].code == "answer.not_found");
}

TEST_CASE("a verdict that is bad news is a notice with the server's code") {
  OneOperation world;
  const auto push = world.sends({1});
  SECTION("rejected by its result") {
    world.answer(push, results({rejected(1, "COMMENT_TOO_SHORT")}));
    CHECK(world.state(1) == "rejected");
    CHECK(world.notices()[0].kind == "rejected");
    CHECK(world.notices()[0].code == "COMMENT_TOO_SHORT");
  }
  SECTION("conflict") {
    const auto effects = world.answer(push, results({conflicting(1, kApproval, 9)}));
    CHECK(world.state(1) == "conflict");
    CHECK(world.notices()[0].kind == "conflict");
    CHECK(effects.entities.size() == 1);
    CHECK(effects.pull);
  }
  SECTION("refused alone, as a whole") {
    const int status = GENERATE(400, 413, 422);
    world.answer(push, response(status, "{\"error\":{\"code\":\"BAD_SHAPE\",\"message\":\"m\"}}"));
    CHECK(world.state(1) == "rejected");
    CHECK(world.notices()[0].code == "BAD_SHAPE");
  }
  CHECK(world.notices().size() == 1);
  CHECK(world.counter(store::kOutboxOperations) == 0);
}

TEST_CASE("a failed operation that may have happened is asked about at every contact") {
  OneOperation world;
  for (const int delay : {5'000, 30'000, 120'000, 0}) {
    world.answer(world.sends({1}), lost(TransportFailure::silent));
    world.pass(delay);
  }
  REQUIRE(world.state(1) == "failed");
  world.enqueue(2, kApproval, "comment");
  CHECK(world.state(2) == "blocked(dependency)");
  world.plan();
  CHECK_FALSE(world.last.receipts.has_value());  // no contact since the session came
  world.go_offline();
  world.edge();
  world.pass(2'000);
  world.plan();
  REQUIRE(world.last.receipts.has_value());
  auto call = *world.last.receipts;
  CHECK(call.call.endpoint == "receipts");
  CHECK(call.call.body == "{\"ids\":[\"" + to_text(op(1)) + "\"]}");
  world.edge();
  world.pass(2'000);
  CHECK_FALSE(world.plan().receipts.has_value());  // one question at a time

  SECTION("applied after all: what stands on it goes on") {
    world.receipts_answer(call, receipts({applied(1, kApproval, 8)}));
    CHECK(world.state(1) == "applied");
    CHECK(world.state(2) == "queued");
    world.sends({2});
  }
  SECTION("refused after all") {
    world.receipts_answer(call, receipts({rejected(1, "NO")}));
    CHECK(world.state(1) == "rejected");
    CHECK(world.state(2) == "blocked(dependency)");
  }
  SECTION("unseen counts only when a send on its way would have arrived") {
    const Json unseen{{"id", to_text(op(1))}, {"status", "unseen"}};
    world.receipts_answer(call, receipts({unseen}));
    CHECK(world.get(1).effect == OperationEffect::possible);
    world.pass(90'000);
    world.receipts_answer(call, receipts({unseen}));
    CHECK(world.state(1) == "failed");
    CHECK(world.get(1).effect == OperationEffect::none);
  }
  SECTION("an answer that says nothing changes nothing") {
    world.receipts_answer(call, GENERATE(response(500), response(200, "<html>"), receipts({})));
    CHECK(world.state(1) == "failed");
    CHECK(world.get(1).effect == OperationEffect::possible);
  }
  SECTION("after a successful push as well") {
    world.receipts_answer(call, response(500));
    world.plan();
    world.receipts_answer(call, response(500));
    world.store_document(kOtherApproval, 1);
    world.enqueue(3, kOtherApproval, "comment");
    const auto push = world.sends({3});
    world.answer(push, results({applied(3, kOtherApproval, 2)}));
    CHECK(world.plan().receipts.has_value());
  }
}

TEST_CASE(
    "INV-Q3 a refused repeat is no verdict on what may have happened before: failed, and asked "
    "about") {
  OneOperation world;
  world.answer(world.sends({1}), lost(TransportFailure::silent));
  world.pass(5'000);
  world.answer(world.sends({1}), response(GENERATE(400, 413, 422)));
  CHECK(world.state(1) == "failed");
  CHECK(world.get(1).effect == OperationEffect::possible);
  REQUIRE(world.notices().size() == 1);
  CHECK(world.notices()[0].kind == "failed");
  world.edge();
  world.pass(2'000);
  world.plan();
  REQUIRE(world.last.receipts.has_value());
  world.receipts_answer(*world.last.receipts, receipts({applied(1, kApproval, 8)}));
  CHECK(world.state(1) == "applied");
}

TEST_CASE("an unknown whose id the server may have forgotten is never sent again by itself") {
  OneOperation world;
  world.answer(world.sends({1}), lost(TransportFailure::silent));
  world.enqueue(2, kApproval, "comment");
  world.pass(29 * kDayMs);
  world.sends_nothing();
  CHECK(world.state(1) == "blocked(outcome_unknown)");
  CHECK(world.state(2) == "blocked(dependency)");
  CHECK(world.notices().size() == 1);
  REQUIRE(world.retry(1).has_value());
  world.sends({1, 2});
}

TEST_CASE("idempotency none: what may have happened goes to the user") {
  Profile profile = test_profile();
  profile.sync.idempotency = profile::Idempotency::none;
  OneOperation world(std::move(profile));
  const auto push = world.sends({1});
  SECTION("a lost answer") { world.answer(push, lost(TransportFailure::silent)); }
  SECTION("a crash") { world.reopen(); }
  CHECK(world.state(1) == "blocked(outcome_unknown)");
  CHECK(world.notices().size() == 1);
}

TEST_CASE("idempotency receipts: what may have happened is asked about before it is sent again") {
  Profile profile = test_profile();
  profile.sync.idempotency = profile::Idempotency::receipts;
  OneOperation world(std::move(profile));
  world.answer(world.sends({1}), lost(TransportFailure::silent));
  world.pass(5'000);
  world.sends_nothing();
  REQUIRE(world.last.receipts.has_value());
  const auto call = *world.last.receipts;
  const Json unseen{{"id", to_text(op(1))}, {"status", "unseen"}};
  SECTION("applied") {
    world.receipts_answer(call, receipts({applied(1, kApproval, 8)}));
    CHECK(world.state(1) == "applied");
  }
  SECTION("unseen too early, then for certain") {
    world.receipts_answer(call, receipts({unseen}));
    CHECK(world.state(1) == "unknown");
    REQUIRE(world.last.wake_at.has_value());
    CHECK((*world.last.wake_at - world.now).count() == 85'000);
    world.pass(85'000);
    world.plan();
    REQUIRE(world.last.receipts.has_value());
    world.receipts_answer(*world.last.receipts, receipts({unseen}));
    CHECK(world.state(1) == "queued");
    world.sends({1});
  }
  SECTION("no answer: asked again later") {
    world.receipts_answer(call, response(500));
    CHECK(world.state(1) == "unknown");
    CHECK(world.last.wake_at.has_value());
  }
}
