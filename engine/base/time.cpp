#include "engine/base/time.hpp"

#include <algorithm>

namespace landfall {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kYearOneMs = -62'135'596'800'000;
constexpr std::int64_t kYear9999EndMs = 253'402'300'799'999;

tl::unexpected<Error> bad_time(std::string_view text) {
  return failure(
      ErrorClass::invalid, "time.invalid",
      "expected an RFC 3339 time such as 2026-01-31T08:15:00.250Z, got " + quote_input(text));
}

// Reads exactly `count` digits at `at`; -1 when one of them is no digit.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// The digits of a number that is not negative, over the zeros that end at `last`.
void put_digits(std::string& text, std::size_t last, std::int64_t value) {
  for (; value > 0; value /= 10) text[last--] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string format_rfc3339(Instant instant) {
  using namespace std::chrono;
  const std::int64_t ms = std::clamp(instant.unix_ms, kYearOneMs, kYear9999EndMs);
  const sys_time<milliseconds> point{milliseconds{ms}};
  const auto day = floor<days>(point);
  const year_month_day date{day};
  const hh_mm_ss<milliseconds> clock{point - day};
  std::string text = "0000-00-00T00:00:00.000Z";
  put_digits(text, 3, static_cast<int>(date.year()));
  put_digits(text, 6, static_cast<unsigned>(date.month()));
  put_digits(text, 9, static_cast<unsigned>(date.day()));
  put_digits(text, 12, clock.hours().count());
  put_digits(text, 15, clock.minutes().count());
  put_digits(text, 18, clock.seconds().count());
  put_digits(text, 22, clock.subseconds().count());
  return text;
}

Result<Instant> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
    return bad_time(text);
  }
  const int y = digits(text, 0, 4), mo = digits(text, 5, 2), d = digits(text, 8, 2);
  const int h = digits(text, 11, 2), mi = digits(text, 14, 2), s = digits(text, 17, 2);
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)},
                            day{static_cast<unsigned>(d)}};
  if (y < 1 || mo < 0 || d < 0 || !date.ok() || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 ||
      s > 60) {
    return bad_time(text);
  }
  std::size_t at = 19;
  int fraction_ms = 0;
  if (text[at] == '.') {
    const std::size_t first = ++at;
    for (int scale = 100; at < text.size() && digits(text, at, 1) >= 0; ++at, scale /= 10) {
      fraction_ms += scale * digits(text, at, 1);
    }
    if (at == first || at - first > 9) return bad_time(text);
  }
  int offset_minutes = 0;
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    ++at;
  } else if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    const int oh = digits(text, at + 1, 2), om = digits(text, at + 4, 2);
    if (at + 6 != text.size() || text[at + 3] != ':' || oh < 0 || oh > 23 || om < 0 || om > 59) {
      return bad_time(text);
    }
    offset_minutes = (text[at] == '-' ? -1 : 1) * (oh * 60 + om);
    at += 6;
  } else {
    return bad_time(text);
  }
  if (at != text.size()) return bad_time(text);
  const std::int64_t days_ms = sys_days{date}.time_since_epoch().count() * kDayMs;
  return Instant{days_ms + h * 3'600'000LL + (mi - offset_minutes) * 60'000LL + s * 1000LL +
                 fraction_ms};
}

}  // namespace landfall
