#include "simulator/scenario/match.hpp"

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"

namespace landfall::scenario {
namespace {

std::optional<Mismatch> match_fields(const Json& expected, const Json& actual,
                                     const std::string& path) {
  static const Json nothing;
  for (const auto& [key, value] : expected.items()) {
    const auto found = actual.find(key);
    const Json& field = found == actual.end() ? nothing : *found;
    if (auto mismatch = match(value, field, path + "." + key)) return mismatch;
  }
  return std::nullopt;
}

std::optional<Mismatch> match_elements(const Json& expected, const Json& actual,
                                       const std::string& path) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string element = path + "[" + std::to_string(i) + "]";
    if (auto mismatch = match(expected[i], actual[i], element)) return mismatch;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Mismatch> match(const Json& expected, const Json& actual, const std::string& path) {
  if (expected.is_object() && actual.is_object()) return match_fields(expected, actual, path);
  if (expected.is_array() && actual.is_array() && expected.size() == actual.size())
    return match_elements(expected, actual, path);
  if (expected == actual) return std::nullopt;
  return Mismatch{path + " is " + dump_json(expected), dump_json(actual)};
}

}  // namespace landfall::scenario
