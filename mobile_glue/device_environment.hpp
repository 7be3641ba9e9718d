#pragma once

#include "engine/host/config.hpp"
#include "mobile_glue/device_clock.hpp"
#include "mobile_glue/open.hpp"

namespace landfall::glue {

// The edges of an engine on a device: the wall clock carried on by the monotonic one, the system's
// random source, its file system, and sockets to the config's origin. The simulator lets time run
// faster. Throws std::bad_alloc and std::system_error.
[[nodiscard]] Edges device_edges(const host::Config& config, Pace pace = {});

// Creates <directory> and <directory>/partitions and owns them until the token goes. Errors:
// directory.locked, directory.unwritable.
[[nodiscard]] Result<std::shared_ptr<void>> lock_directory(const std::string& directory);

}  // namespace landfall::glue
