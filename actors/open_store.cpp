#include "actors/open_store.hpp"

#include <utility>

#include "actors/fifo_gate.hpp"
#include "engine/store/meta_table.hpp"
#include "schema/embedded.hpp"

namespace landfall::actors {
namespace {

// The gate lives as long as the database that enters it.
Result<std::shared_ptr<store::Database>> open_gated(store::OpenOptions options) {
  auto gate = std::make_shared<FifoGate>();
  options.gate = gate.get();
  LANDFALL_TRY_ASSIGN(std::unique_ptr<store::Database> database,
                      store::Database::open(std::move(options)));
  return std::shared_ptr<store::Database>(database.release(),
                                          [gate](store::Database* closing) { delete closing; });
}

}  // namespace

Result<std::shared_ptr<store::Database>> open_device(const Environment& environment,
                                                     const std::string& directory) {
  store::OpenOptions options;
  options.path = directory + "/device.db";
  options.vfs = environment.disk.vfs;
  options.migrations = schema::device_migrations();
  return open_gated(std::move(options));
}

Result<std::shared_ptr<store::Database>> open_partition_file(const Core& core,
                                                             const PartitionId& partition) {
  store::OpenOptions options;
  options.path = core.config.directory + "/partitions/" + to_text(partition) + ".db";
  options.vfs = core.environment.disk.vfs;
  options.migrations = schema::partition_migrations();
  return open_gated(std::move(options));
}

Result<OpenDirectory> open_directory(const Environment& environment, const std::string& directory) {
  OpenDirectory opened;
  LANDFALL_TRY_ASSIGN(opened.lock, environment.disk.lock(directory));
  LANDFALL_TRY_ASSIGN(opened.device, open_device(environment, directory));
  return opened;
}

Result<OpenDirectory> reopen_directory(const Core& core) {
  LANDFALL_TRY_ASSIGN(OpenDirectory opened,
                      open_directory(core.environment, core.config.directory));
  LANDFALL_TRY_ASSIGN(const auto install, opened.device->read([](const store::Snapshot& device) {
    return store::MetaTable::get(device, "install_id");
  }));
  if (install == core.device_id) return opened;
  return failure(ErrorClass::refused, "directory.replaced",
                 "the directory is not the one that was suspended; close the engine and open it");
}

}  // namespace landfall::actors
