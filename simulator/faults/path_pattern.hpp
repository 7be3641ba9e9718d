#pragma once

#include <string_view>

namespace landfall::faults {

// Whether a request's target is one of an endpoint's path, which may hold one `${id}` that stands
// for one segment. The queries of both count for nothing.
[[nodiscard]] bool matches_path(std::string_view pattern, std::string_view target);

}  // namespace landfall::faults
