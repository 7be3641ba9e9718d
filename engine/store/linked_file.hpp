#pragma once

#include <string>

#include "engine/base/result.hpp"

namespace landfall::store {

// Refuses a database whose name is a link: it leads out of the engine's directory, where no lock
// keeps others away. Links above it are the system's own (on phones the app's directory has some).
// Error: store.unavailable (refused). `vfs` is a registered one; another is found out at opening.
[[nodiscard]] Status refuse_link(const std::string& path, const std::string& vfs);

}  // namespace landfall::store
