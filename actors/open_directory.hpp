#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/core.hpp"
#include "actors/environment.hpp"
#include "actors/open_store.hpp"
#include "engine/store/database.hpp"

namespace landfall::actors {

// The engine's directory while it is ours. The lock goes last, so that nobody else comes in while a
// file is open.
struct OpenDirectory {
  std::shared_ptr<void> lock;
  std::shared_ptr<store::Database> device;
  std::vector<store::DamageReport> damage;  // of device.db; the host is to be told
};

// Takes the lock, then opens device.db (open_device). Errors: those of Disk::lock and of
// Database::open.
[[nodiscard]] Result<OpenDirectory> open_directory(const Environment& environment,
                                                   const std::string& directory,
                                                   StoreSignals::Watch& watch);

// The same behind a suspension. directory.replaced: its device.db is that of another installation.
[[nodiscard]] Result<OpenDirectory> reopen_directory(const Core& core);

}  // namespace landfall::actors
