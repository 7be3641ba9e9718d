#pragma once

#include "mobile_glue/open.hpp"

namespace landfall::glue {

// The edges of an engine on a device: the wall clock carried on by the monotonic one, the system's
// random source, its file system, and no network. Throws std::bad_alloc and std::system_error.
[[nodiscard]] Edges device_edges();

// Creates <directory> and <directory>/partitions and owns them until the token goes. Errors:
// directory.locked, directory.unwritable.
[[nodiscard]] Result<std::shared_ptr<void>> lock_directory(const std::string& directory);

}  // namespace landfall::glue
