#include "actors/open_directory.hpp"

#include <utility>

#include "engine/store/meta_table.hpp"

namespace landfall::actors {

Result<OpenDirectory> open_directory(const Environment& environment, const std::string& directory,
                                     StoreSignals::Watch& watch) {
  OpenDirectory opened;
  LANDFALL_TRY_ASSIGN(opened.lock, environment.disk.lock(directory));
  LANDFALL_TRY_ASSIGN(auto device, open_device(environment, directory, watch));
  opened.device = std::move(device.store);
  opened.damage = std::move(device.damage);
  return opened;
}

Result<OpenDirectory> reopen_directory(const Core& core) {
  LANDFALL_TRY_ASSIGN(OpenDirectory opened, open_directory(core.environment, core.config.directory,
                                                           core.signals->device()));
  LANDFALL_TRY_ASSIGN(const auto install, opened.device->read([](const store::Snapshot& device) {
    return store::MetaTable::get(device, "install_id");
  }));
  if (install == core.device_id) return opened;
  return failure(ErrorClass::refused, "directory.replaced",
                 "the directory is not the one that was suspended; close the engine and open it");
}

}  // namespace landfall::actors
