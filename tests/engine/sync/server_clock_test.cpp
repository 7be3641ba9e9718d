#include "engine/sync/server_clock.hpp"

#include <chrono>
#include <string>

#include <rapidcheck.h>
#include <catch2/catch.hpp>

using namespace landfall;
using namespace landfall::sync;
using namespace std::chrono_literals;

namespace {

constexpr Instant kNow{1'800'000'000'000};

std::string answer_at(Instant server_time) {
  return R"({"server_time":")" + format_rfc3339(server_time) + R"(","results":[]})";
}

}  // namespace

TEST_CASE("P-29 the answer that took least says best how far the clocks are apart") {
  ServerClock clock;
  CHECK(clock.offset() == 0ms);
  clock.take(answer_at(kNow + 60s + 1s), kNow - 4s, kNow);
  CHECK(clock.offset() == 63s);
  clock.take(answer_at(kNow + 62s), kNow - 200ms, kNow);
  CHECK(clock.offset() == 62s + 100ms);
  clock.take(answer_at(kNow + 60s), kNow - 10s, kNow);
  CHECK(clock.offset() == 62s + 100ms);
}

TEST_CASE("a clock that was set makes the older answers worthless") {
  ServerClock clock;
  clock.take(answer_at(kNow), kNow - 20ms, kNow);
  const Instant set = kNow - 24h;
  clock.take(answer_at(kNow + 5s), set - 6s, set);
  CHECK(clock.offset() == 24h + 8s);
}

TEST_CASE("what is no time of a server is not taken") {
  ServerClock clock;
  clock.take(answer_at(kNow + 60s), kNow, kNow);
  for (const char* body :
       {"", "<html>", "[]", "{}", R"({"server_time":5})", R"({"server_time":"soon"})"}) {
    clock.take(body, kNow, kNow);
  }
  CHECK(clock.offset() == 60s);
  SECTION("and a call that came back before it left, or that nobody timed, is a bad witness") {
    clock.take(answer_at(kNow + 50s), kNow + 5s, kNow);
    clock.take(answer_at(kNow + 50s), std::nullopt, kNow);
    CHECK(clock.offset() == 60s);
  }
}

TEST_CASE("an answer's time is read as a tree of it would be read") {
  ServerClock clock;
  const std::string time = format_rfc3339(kNow + 60s);
  SECTION("of two the last counts") {
    clock.take(R"({"server_time":"2020-01-01T00:00:00Z","server_time":")" + time + "\"}", kNow,
               kNow);
    CHECK(clock.offset() == 60s);
    clock.take(R"({"server_time":")" + format_rfc3339(kNow) + R"(","server_time":5})", kNow, kNow);
    CHECK(clock.offset() == 60s);
  }
  SECTION("behind a byte order mark, which the quick reader does not take") {
    clock.take("\xEF\xBB\xBF{\"server_time\":\"" + time + "\"}", kNow, kNow);
    CHECK(clock.offset() == 60s);
  }
  SECTION("below the first level it is another's") {
    clock.take(R"({"a":{"server_time":")" + time + "\"}}", kNow, kNow);
    CHECK_FALSE(clock.is_known());
  }
}

TEST_CASE("whatever the network does, the estimate is no worse than half of the fastest call") {
  CHECK(rc::check([] {
    ServerClock clock;
    const Duration truth{*rc::gen::inRange<std::int64_t>(-90'000'000, 90'000'000)};
    Duration fastest = 1h;
    Instant now = kNow;
    const int calls = *rc::gen::inRange(1, 8);
    for (int i = 0; i < calls; ++i) {
      const Duration there{*rc::gen::inRange<std::int64_t>(0, 15'000)};
      const Duration back{*rc::gen::inRange<std::int64_t>(0, 15'000)};
      clock.take(answer_at(now + there + truth), now, now + there + back);
      fastest = std::min(fastest, there + back);
      now = now + there + back + 1min;
    }
    const Duration wrong = clock.offset() - truth;
    RC_ASSERT((wrong < 0ms ? -wrong : wrong) <= fastest / 2 + 1ms);
  }));
}
