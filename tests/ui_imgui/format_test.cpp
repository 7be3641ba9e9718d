#include "ui_imgui/draw/format.hpp"

#include <catch2/catch.hpp>

using namespace landfall::ui;

TEST_CASE("times and numbers are written as people read them") {
  constexpr std::int64_t kMonday = 1'767'583'800'000;  // 2026-01-05T03:30:00Z
  CHECK(clock_text(kMonday) == "Mon 05 Jan 2026  03:30:00 UTC");
  CHECK(time_text(kMonday + 3'661'000) == "04:31:01");
  CHECK(time_text(-1) == "00:00:00");

  CHECK(span_text(0) == "0 s");
  CHECK(span_text(-5'000) == "0 s");
  CHECK(span_text(450) == "0.4 s");
  CHECK(span_text(28'900) == "28 s");
  CHECK(span_text(125'000) == "2:05 min");
  CHECK(span_text(12'000'000) == "3:20 h");
  CHECK(until_text(5'000, 5'000) == "now");
  CHECK(until_text(33'000, 5'000) == "in 28 s");

  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'234'567) == "1,234,567");
  CHECK(grouped(-1'234) == "-1,234");
  CHECK(counted(1, "attempt") == "1 attempt");
  CHECK(counted(3, "attempt") == "3 attempts");
  CHECK(decimal_text(14.0) == "14");
  CHECK(decimal_text(4.25) == "4.3");
  CHECK(decimal_text(-0.5) == "-0.5");
}
