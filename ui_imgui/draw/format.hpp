#pragma once

#include <cstdint>
#include <string>

// Numbers and times as people read them.
namespace landfall::ui {

// "Mon 05 Jan 2026  09:31:07 UTC"
[[nodiscard]] std::string clock_text(std::int64_t unix_ms);
// "03:31:07"
[[nodiscard]] std::string time_text(std::int64_t unix_ms);
// "0.4 s", "28 s", "2:05 min", "3:20 h"; negative is none: "0 s".
[[nodiscard]] std::string span_text(std::int64_t span_ms);
// "now", "in 28 s"
[[nodiscard]] std::string until_text(std::int64_t at_ms, std::int64_t now_ms);
// "1,234,567"
[[nodiscard]] std::string grouped(std::int64_t number);
// "1 operation", "3 operations"
[[nodiscard]] std::string counted(std::uint64_t count, const std::string& noun);
// "12.5", "14"
[[nodiscard]] std::string decimal_text(double number);

}  // namespace landfall::ui
