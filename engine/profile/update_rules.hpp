#pragma once

#include <string>

namespace landfall::profile {

// How a server asks for a newer app (P-101). A 426 forces it, whatever stands here.
struct UpdateRules {
  std::string minimum;             // dotted path in a 426's body; empty: it names no version
  std::string recommended_header;  // of any answer, with a version; empty: nothing is recommended
};

}  // namespace landfall::profile
