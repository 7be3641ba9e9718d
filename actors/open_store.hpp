#pragma once

#include <memory>
#include <string>

#include "actors/core.hpp"
#include "actors/environment.hpp"
#include "engine/base/ids.hpp"
#include "engine/store/database.hpp"

namespace landfall::actors {

// The engine's directory while it is ours. The lock goes last, so that nobody else comes in while a
// file is open.
struct OpenDirectory {
  std::shared_ptr<void> lock;
  std::shared_ptr<store::Database> device;
};

// Takes the lock, then opens device.db. Errors: those of Disk::lock and of Database::open.
[[nodiscard]] Result<OpenDirectory> open_directory(const Environment& environment,
                                                   const std::string& directory);

// The same behind a suspension. directory.replaced: its device.db is that of another installation.
[[nodiscard]] Result<OpenDirectory> reopen_directory(const Core& core);

// Opens device.db alone: at open, and when the device scope is spawned anew.
[[nodiscard]] Result<std::shared_ptr<store::Database>> open_device(const Environment& environment,
                                                                   const std::string& directory);

// Opens partitions/<partition>.db.
[[nodiscard]] Result<std::shared_ptr<store::Database>> open_partition_file(
    const Core& core, const PartitionId& partition);

}  // namespace landfall::actors
