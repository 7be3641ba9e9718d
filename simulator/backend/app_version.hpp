#pragma once

#include <string_view>

namespace landfall::backend {

// Whether `version` ("1.4.0") comes before `minimum`, number by number; a missing number is zero.
// Text that is no version, and an empty minimum, are never older.
[[nodiscard]] bool is_older_version(std::string_view version, std::string_view minimum);

}  // namespace landfall::backend
