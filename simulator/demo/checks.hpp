#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "simulator/demo/record.hpp"

namespace landfall::demo {

// Effects beyond the first under one operation id.
[[nodiscard]] std::size_t duplicate_effects(const Record& record);

// What a run broke, a sentence each; empty when it kept every promise: each operation that was
// accepted is final or explains itself, is where the story leads, had exactly one effect when it
// was applied and none otherwise; both sides have the same documents; one refresh at a time; and
// each fault of the script struck.
[[nodiscard]] std::vector<std::string> find_violations(const Record& record);

}  // namespace landfall::demo
