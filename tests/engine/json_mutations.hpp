#pragma once

#include <string>
#include <vector>

#include "engine/base/error.hpp"
#include "engine/base/json.hpp"

namespace landfall::test {

// One way in which a text can be wrong.
struct MutatedJson {
  std::string what;  // "/results/0/status = null"
  std::string text;
};

// A valid text with each of its places in turn replaced by everything that does not belong there,
// left out, or said twice, and the whole of it cut, wrapped and garbled. Some of them are harmless:
// what must hold is for the reader to say.
[[nodiscard]] std::vector<MutatedJson> mutations_of(const Json& valid);

// Stands in texts that no error may repeat.
inline constexpr const char* kMarker = "marker-7f3a";

// What every refusal promises: a code of the form noun.problem, and a short message of printable
// characters that repeats nothing of what it must not.
void check_safe(const Error& error);

}  // namespace landfall::test
