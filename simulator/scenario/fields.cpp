#include "simulator/scenario/fields.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"

namespace landfall::scenario {
namespace {

const Json& empty_object() {
  static const Json empty = Json::object();
  return empty;
}

const Json& empty_array() {
  static const Json empty = Json::array();
  return empty;
}

std::string one_of(const std::vector<std::string>& words) {
  std::string text = "expected one of";
  for (const auto& word : words) text += " " + word;
  return text;
}

}  // namespace

void Mistake::note(const std::string& path, const std::string& expected) {
  if (!text_) text_ = path + ": " + expected;
}

Fields::Fields(const Json& object, std::string path, Mistake& mistake)
    : object_(object.is_object() ? object : empty_object()),
      path_(std::move(path)),
      mistake_(mistake) {
  if (!object.is_object()) mistake_.note(path_, "expected an object");
}

std::string Fields::path(std::string_view key) const {
  return path_.empty() ? path_part(key) : path_ + "." + path_part(key);
}

void Fields::note(std::string_view key, const std::string& expected) {
  mistake_.note(path(key), expected);
}

bool Fields::has(std::string_view key) const { return object_.contains(std::string{key}); }

const Json* Fields::find(std::string_view key, bool required) {
  known_.emplace(key);
  const auto found = object_.find(std::string{key});
  if (found != object_.end()) return &*found;
  if (required) note(key, "is missing");
  return nullptr;
}

std::string Fields::text(std::string_view key) {
  const Json* value = find(key, true);
  if (value == nullptr) return {};
  if (value->is_string() && !value->get_ref<const std::string&>().empty()) return *value;
  note(key, "expected a text");
  return {};
}

std::string Fields::text_or(std::string_view key, std::string fallback) {
  return find(key, false) == nullptr ? std::move(fallback) : text(key);
}

bool Fields::boolean_or(std::string_view key, bool fallback) {
  const Json* value = find(key, false);
  if (value == nullptr) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  note(key, "expected true or false");
  return fallback;
}

std::int64_t Fields::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  const Json* value = find(key, true);
  if (value == nullptr) return min;
  if (value->is_number_integer() && *value >= min && *value <= max) return *value;
  note(key, "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return min;
}

std::int64_t Fields::integer_or(std::string_view key, std::int64_t fallback, std::int64_t min,
                                std::int64_t max) {
  return find(key, false) == nullptr ? fallback : integer(key, min, max);
}

Duration Fields::duration(std::string_view key) {
  const Json* value = find(key, true);
  if (value == nullptr) return Duration{0};
  const auto span =
      value->is_string() ? parse_duration(value->get_ref<const std::string&>()) : std::nullopt;
  if (!span) note(key, "expected a time such as 250ms, 10s, 5m or 2h");
  return span.value_or(Duration{0});
}

Duration Fields::duration_or(std::string_view key, Duration fallback) {
  return find(key, false) == nullptr ? fallback : duration(key);
}

std::size_t Fields::word(std::string_view key, const std::vector<std::string>& words) {
  const std::string chosen = text(key);
  const auto found = std::find(words.begin(), words.end(), chosen);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  note(key, one_of(words));
  return 0;
}

const Json& Fields::object(std::string_view key) {
  const Json* value = find(key, true);
  if (value != nullptr && value->is_object()) return *value;
  note(key, "expected an object");
  return empty_object();
}

const Json& Fields::object_or_empty(std::string_view key) {
  return find(key, false) == nullptr ? empty_object() : object(key);
}

const Json& Fields::object_or_null(std::string_view key) {
  const Json* value = find(key, false);
  return value != nullptr && value->is_null() ? *value : object_or_empty(key);
}

const Json& Fields::array(std::string_view key) {
  const Json* value = find(key, true);
  if (value != nullptr && value->is_array()) return *value;
  note(key, "expected a list");
  return empty_array();
}

void Fields::finish() {
  for (const auto& [key, value] : object_.items()) {
    if (!known_.contains(key)) note(key, "is no field here");
  }
}

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0 || count > 1'000'000) return std::nullopt;
  const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  if (unit == "ms") return Duration{count};
  if (unit == "s") return std::chrono::seconds{count};
  if (unit == "m") return std::chrono::minutes{count};
  if (unit == "h") return std::chrono::hours{count};
  return std::nullopt;
}

}  // namespace landfall::scenario
