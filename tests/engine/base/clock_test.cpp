#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

#include "engine/base/clock_suspect.hpp"
#include "engine/base/time.hpp"

using namespace landfall;

// Bad input, row "Clock / zone": instants at and beyond every end. What zones do is zone_test's.

TEST_CASE("Clock: every instant has a text, clamped to the years that a text can say") {
  CHECK(format_rfc3339(Instant{0}) == "1970-01-01T00:00:00.000Z");
  CHECK(format_rfc3339(Instant{-1}) == "1969-12-31T23:59:59.999Z");
  CHECK(format_rfc3339(Instant{2'147'483'648'000}) == "2038-01-19T03:14:08.000Z");
  CHECK(format_rfc3339(Instant{253'402'300'799'999}) == "9999-12-31T23:59:59.999Z");
  CHECK(format_rfc3339(Instant{253'402'300'800'000}) == "9999-12-31T23:59:59.999Z");
  CHECK(format_rfc3339(Instant{std::numeric_limits<std::int64_t>::max()}) ==
        "9999-12-31T23:59:59.999Z");
  CHECK(format_rfc3339(Instant{std::numeric_limits<std::int64_t>::min()}) ==
        "0001-01-01T00:00:00.000Z");
}

TEST_CASE("Clock: what formats reads back, at both ends too") {
  for (const std::int64_t ms :
       {std::int64_t{-62'135'596'800'000}, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1},
        std::int64_t{2'147'483'648'123}, std::int64_t{253'402'300'799'999}}) {
    const auto read = parse_rfc3339(format_rfc3339(Instant{ms}));
    REQUIRE(read);
    CHECK(read->unix_ms == ms);
  }
}

TEST_CASE("Clock: a time without a zone, with an impossible one or beyond the calendar is none") {
  for (const char* text : {"",
                           "2026-01-31",
                           "2026-01-31T08:15:00",
                           "2026-01-31T08:15:00+25:00",
                           "2026-01-31T08:15:00+05:60",
                           "2026-01-31T08:15:00+0530",
                           "2026-01-31T08:15:00+05",
                           "2026-01-31T08:15:00 Z",
                           "2026-01-31T08:15:00ZZ",
                           "2026-01-31T24:00:00Z",
                           "2026-01-31T08:60:00Z",
                           "2026-01-31T08:15:61Z",
                           "2026-02-29T08:15:00Z",
                           "2026-13-01T08:15:00Z",
                           "2026-00-10T08:15:00Z",
                           "2026-01-00T08:15:00Z",
                           "0000-01-01T00:00:00Z",
                           "10000-01-01T00:00:00Z",
                           "-001-01-01T00:00:00Z",
                           "2026-01-31T08:15:00.Z",
                           "2026-01-31T08:15:00.1234567890Z",
                           "2026-01-31T08:15:00.-1Z",
                           "2026-01-31X08:15:00Z",
                           "2026-01-31T08:15:00Mars/Olympus",
                           "\xD9\xA2\xD9\xA0\xD9\xA2\xD9\xA6-01-31T08:15Z"}) {
    INFO(text);
    const auto read = parse_rfc3339(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "time.invalid");
    CHECK(read.error().message.size() < 400);
  }
}

TEST_CASE("Clock / zone: a clock is suspect by itself, or by a server more than a day away") {
  const Instant today{1'767'225'600'000};
  const Duration day{86'400'000};
  CHECK_FALSE(is_clock_suspect(today, std::nullopt));
  CHECK_FALSE(is_clock_suspect(today, Duration{0}));
  CHECK_FALSE(is_clock_suspect(today, day));
  CHECK_FALSE(is_clock_suspect(today, -day));
  CHECK(is_clock_suspect(today, day + Duration{1}));
  CHECK(is_clock_suspect(today, -day - Duration{1}));
  for (const std::int64_t ms :
       {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0},
        std::int64_t{1'000'000'000'000}, std::int64_t{253'402'300'799'999},
        std::numeric_limits<std::int64_t>::max()}) {
    INFO(ms);
    CHECK(is_clock_suspect(Instant{ms}, std::nullopt));
    CHECK(is_clock_suspect(Instant{ms}, Duration{0}));
  }
}

TEST_CASE("Clock: an offset up to a day is taken off, across the ends of days and years") {
  const auto text_of = [](const char* text) { return format_rfc3339(parse_rfc3339(text).value()); };
  CHECK(text_of("2026-01-01T00:00:00+05:30") == "2025-12-31T18:30:00.000Z");
  CHECK(text_of("2026-12-31T23:59:59-23:59") == "2027-01-01T23:58:59.000Z");
  CHECK(parse_rfc3339("2026-01-31T08:15:00.1239Z")->unix_ms % 1'000 == 123);
  CHECK(text_of("2016-12-31T23:59:60Z") == "2017-01-01T00:00:00.000Z");
}
