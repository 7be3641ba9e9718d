#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace landfall::scenario {

// Where something is other than it should be.
struct Mismatch {
  std::string expected;
  std::string actual;
};

// Compares what must be there: an object matches one that has more fields, null matches a field
// that is missing, lists have equal lengths, everything else is equal. `path` names the place in
// what is said.
[[nodiscard]] std::optional<Mismatch> match(const nlohmann::json& expected,
                                            const nlohmann::json& actual, const std::string& path);

}  // namespace landfall::scenario
