#include "ui_imgui/draw/format.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

namespace landfall::ui {
namespace {

constexpr std::int64_t kSecond = 1'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;

// At least two digits.
std::string padded(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::string time_text(std::int64_t unix_ms) {
  const std::int64_t second = std::max<std::int64_t>(unix_ms, 0) / kSecond % 86'400;
  return padded(second / 3'600) + ":" + padded(second / 60 % 60) + ":" + padded(second % 60);
}

std::string clock_text(std::int64_t unix_ms) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{unix_ms}});
  const std::chrono::year_month_day date{day};
  return std::string(kDays[std::chrono::weekday{day}.c_encoding()]) + " " +
         padded(static_cast<unsigned>(date.day())) + " " +
         kMonths[static_cast<unsigned>(date.month()) - 1] + " " +
         std::to_string(static_cast<int>(date.year())) + "  " + time_text(unix_ms) + " UTC";
}

std::string span_text(std::int64_t span_ms) {
  const std::int64_t span = std::max<std::int64_t>(span_ms, 0);
  if (span > 0 && span < kSecond) return "0." + std::to_string(span / 100) + " s";
  if (span < kMinute) return std::to_string(span / kSecond) + " s";
  if (span < kHour)
    return std::to_string(span / kMinute) + ":" + padded(span / kSecond % 60) + " min";
  return std::to_string(span / kHour) + ":" + padded(span / kMinute % 60) + " h";
}

std::string until_text(std::int64_t at_ms, std::int64_t now_ms) {
  return at_ms <= now_ms ? "now" : "in " + span_text(at_ms - now_ms);
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t begin = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > begin + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string counted(std::uint64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string decimal_text(double number) {
  const auto tenths = std::llround(number * 10);
  const std::string whole = (tenths < 0 ? "-" : "") + std::to_string(std::abs(tenths) / 10);
  return tenths % 10 == 0 ? whole : whole + "." + std::to_string(std::abs(tenths) % 10);
}

}  // namespace landfall::ui
