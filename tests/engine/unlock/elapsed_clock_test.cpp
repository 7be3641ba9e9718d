#include "engine/unlock/elapsed_clock.hpp"

#include <catch2/catch.hpp>

#include <optional>

#include "schema/limits.hpp"

using namespace landfall;
using unlock::BootTime;
using unlock::ClockMark;
using unlock::ElapsedClock;
using unlock::Reading;

namespace {

constexpr Instant kStart{1'767'225'600'000};
constexpr std::int64_t kDayMs = 86'400'000;

Reading at(std::int64_t ms, std::optional<BootTime> boot = std::nullopt) {
  return {kStart + Duration{ms}, std::move(boot), std::nullopt};
}

}  // namespace

TEST_CASE("within a process both sides of the clock count what passed (INV-A9)") {
  ElapsedClock clock({}, at(0));
  clock.advance(at(1'000));
  CHECK(clock.sure_ms() == 1'000);
  CHECK(clock.possible_ms() == 1'000);
}

TEST_CASE("a process that begins behind a clock set ahead is not sure of what it claims (INV-A8)") {
  ElapsedClock before({}, at(0));
  before.advance(at(1'000));
  const ElapsedClock after(before.mark(), at(kDayMs));
  CHECK(after.sure_ms() == 1'000);
  CHECK(after.possible_ms() == kDayMs);
}

TEST_CASE("a clock set back takes nothing away, and time goes on from there (INV-A9)") {
  ElapsedClock before({}, at(0));
  before.advance(at(10 * kDayMs));
  ElapsedClock after(before.mark(), at(-20 * kDayMs));
  CHECK(after.possible_ms() == 10 * kDayMs);
  after.advance(at(-19 * kDayMs));
  CHECK(after.possible_ms() == 11 * kDayMs);
  CHECK(after.sure_ms() == 11 * kDayMs);
}

TEST_CASE("the device's own clock counts what the wall clock hides, until it is booted (INV-A9)") {
  const auto up = [](std::int64_t ms, const char* boot = "one") {
    return BootTime{boot, Duration{ms}};
  };
  const ElapsedClock before({}, at(0, up(5'000)));
  const ElapsedClock same(before.mark(), at(-kDayMs, up(5'000 + kDayMs)));
  CHECK(same.sure_ms() == kDayMs);
  CHECK(same.possible_ms() == kDayMs);
  const ElapsedClock booted(before.mark(), at(-kDayMs, up(5'000 + kDayMs, "two")));
  CHECK(booted.sure_ms() == 0);
  CHECK(booted.possible_ms() == 0);
}

TEST_CASE("two of the server's times are as far apart as it says, but for a call's time (INV-A9)") {
  constexpr std::int64_t kSlackMs = limits::kCallTimeoutMsMax + 1'000;
  Reading reading = at(0);
  reading.server_time = kStart;
  const ElapsedClock before({}, reading);
  Reading later = at(-kDayMs);
  later.server_time = kStart + Duration{40 * kDayMs};
  ElapsedClock after(before.mark(), later);
  CHECK(after.possible_ms() == 40 * kDayMs - kSlackMs);
  CHECK(after.sure_ms() == 0);
  later.server_time = kStart + Duration{39 * kDayMs};
  after.advance(later);
  CHECK(after.possible_ms() == 40 * kDayMs - kSlackMs);
}

TEST_CASE("a server's seconds, and answers that took a while, do not add up to hours") {
  Reading reading = at(0);
  reading.server_time = kStart;
  ElapsedClock clock({}, reading);
  for (std::int64_t i = 1; i <= 10'000; ++i) {
    Reading later = at(i * 5'000);
    // Now at once, now after a minute.
    later.server_time = kStart + Duration{i * 5'000 - (i % 2) * 60'000};
    clock.advance(later);
  }
  CHECK(clock.possible_ms() == 50'000'000);
}

TEST_CASE("clocks at the ends of time neither overflow nor go back (INV-T3)") {
  ClockMark mark = ElapsedClock({}, at(0)).mark();
  std::int64_t last = 0;
  for (const std::int64_t unix_ms : {std::int64_t{0}, std::int64_t{-62'135'596'800'000},
                                     std::int64_t{253'402'300'799'000}, std::int64_t{1}}) {
    const ElapsedClock clock(mark, Reading{Instant{unix_ms}, {}, {}});
    CHECK(clock.possible_ms() >= last);
    CHECK(clock.sure_ms() == 0);
    last = clock.possible_ms();
    mark = clock.mark();
  }
}
