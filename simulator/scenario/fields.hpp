#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/error.hpp"
#include "engine/base/time.hpp"

namespace landfall::scenario {

// The first mistake that was found in a file. Readers go on with defaults after it, so that they
// need no branch for each field.
class Mistake final {
 public:
  void note(const std::string& path, const std::string& expected);
  [[nodiscard]] bool is_noted() const { return text_.has_value(); }
  // "steps[3].route: expected …"
  [[nodiscard]] const std::string& text() const { return *text_; }

 private:
  std::optional<std::string> text_;
};

// Reads the fields of one JSON object, each with its type checked; `finish` finds what is no field.
// The object and the mistake outlive it.
class Fields final {
 public:
  Fields(const nlohmann::json& object, std::string path, Mistake& mistake);

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key);
  [[nodiscard]] std::string text_or(std::string_view key, std::string fallback);
  [[nodiscard]] bool boolean_or(std::string_view key, bool fallback);
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max);
  [[nodiscard]] std::int64_t integer_or(std::string_view key, std::int64_t fallback,
                                        std::int64_t min, std::int64_t max);
  // "250ms", "10s", "5m", "2h"
  [[nodiscard]] Duration duration(std::string_view key);
  [[nodiscard]] Duration duration_or(std::string_view key, Duration fallback);
  // One of the words; the index of the first when it is none of them.
  [[nodiscard]] std::size_t word(std::string_view key, const std::vector<std::string>& words);
  [[nodiscard]] const nlohmann::json& object(std::string_view key);
  [[nodiscard]] const nlohmann::json& object_or_empty(std::string_view key);
  // An object, or null for nothing.
  [[nodiscard]] const nlohmann::json& object_or_null(std::string_view key);
  [[nodiscard]] const nlohmann::json& array(std::string_view key);

  // Every field that was never asked for is a mistake.
  void finish();
  void note(std::string_view key, const std::string& expected);
  [[nodiscard]] std::string path(std::string_view key) const;

 private:
  // The value, or null with a mistake noted when it is required and missing.
  const nlohmann::json* find(std::string_view key, bool required);

  const nlohmann::json& object_;
  std::string path_;
  Mistake& mistake_;
  std::set<std::string, std::less<>> known_;
};

[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

}  // namespace landfall::scenario
