#include "actors/open_store.hpp"

#include <utility>

#include "actors/fifo_gate.hpp"
#include "engine/store/add_checksums.hpp"
#include "engine/store/ballast.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/key_check.hpp"
#include "engine/store/quarantine.hpp"
#include "engine/store/salvage.hpp"
#include "schema/embedded.hpp"

namespace landfall::actors {
namespace {

using DatabasePtr = std::shared_ptr<store::Database>;

// One file with what it needs to be opened, and opened again.
struct DatabaseFile {
  const Environment& environment;
  std::string directory;
  std::string path;
  std::span<const schema::Migration> migrations;
  StoreSignals::Watch& watch;

  [[nodiscard]] store::Files& files() const { return *environment.disk.files; }
  [[nodiscard]] store::Replacement replacement() const {
    return {directory, path, environment.disk.vfs, environment.clock->now()};
  }

  [[nodiscard]] Result<DatabasePtr> open(store::StoreWatch* watched_by) const {
    store::OpenOptions options;
    options.path = path;
    options.vfs = environment.disk.vfs;
    options.migrations = migrations;
    options.watch = watched_by;
    auto gate = std::make_shared<FifoGate>();
    options.gate = gate.get();
    LANDFALL_TRY_ASSIGN(auto database, store::Database::open(std::move(options)));
    // The gate lives as long as the database that enters it.
    return DatabasePtr(database.release(), [gate](store::Database* closing) { delete closing; });
  }
};

DatabaseFile file_of(const Core& core, const PartitionId& partition) {
  const std::string& directory = core.config.directory;
  return {core.environment, directory, directory + "/partitions/" + to_text(partition) + ".db",
          schema::partition_migrations(), core.signals->partition()};
}

bool is_damage(const Error& error) { return error.kind == ErrorClass::corrupt; }

// Gives a file of an earlier version its checksums. Without room for a second one it serves as it
// is until the next opening.
Status take_over(const DatabaseFile& file) {
  const Status added = store::add_checksums(file.files(), file.replacement(), file.migrations);
  const bool can_wait = added || added.error().kind == ErrorClass::storage_full;
  return can_wait ? Status{} : added;
}

// Opens the file; what `prepare` finds wrong with it counts like what opening finds.
template <class Prepare, class Salvage>
Result<OpenedStore<DatabasePtr>> open_or_replace(const DatabaseFile& file, Prepare prepare,
                                                 Salvage salvage) {
  const auto open = [&]() -> Result<OpenedStore<DatabasePtr>> {
    LANDFALL_TRY(take_over(file));
    LANDFALL_TRY_ASSIGN(DatabasePtr database, file.open(&file.watch));
    LANDFALL_TRY(prepare(*database));
    LANDFALL_TRY_ASSIGN(auto damage, database->read(&store::DamageReports::untold));
    return OpenedStore<DatabasePtr>{std::move(database), std::move(damage)};
  };
  LANDFALL_TRY(store::finish_replacement(file.files(), file.replacement()));
  if (!file.watch.is_damaged()) {
    auto opened = open();
    if (opened || !is_damage(opened.error())) return opened;
  }
  LANDFALL_TRY(store::replace_database(file.files(), file.replacement(), salvage));
  file.watch.forget_damage();
  return open();
}

}  // namespace

Result<OpenedStore<DatabasePtr>> open_device(const Environment& environment,
                                             const std::string& directory,
                                             StoreSignals::Watch& watch) {
  const DatabaseFile file{environment, directory, directory + "/device.db",
                          schema::device_migrations(), watch};
  const auto open = [&] {
    return open_or_replace(
        file, [](store::Database&) { return Status{}; }, &store::salvage_device);
  };
  auto opened = open();
  if (opened || opened.error().kind != ErrorClass::storage_full) return opened;
  // Nothing goes out before this is open, and an update may need room for it.
  LANDFALL_TRY(file.files().remove(store::ballast_path(directory)));
  return open();
}

Result<DatabasePtr> open_closed_partition(const Core& core, const PartitionId& partition) {
  const DatabaseFile file = file_of(core, partition);
  LANDFALL_TRY(store::finish_replacement(file.files(), file.replacement()));
  return file.open(nullptr);
}

Result<DatabasePtr> open_visited_partition(const Core& core, const PartitionId& partition,
                                           const store::Sealer& outbox_key) {
  LANDFALL_TRY_ASSIGN(DatabasePtr database, open_closed_partition(core, partition));
  LANDFALL_TRY(store::check_outbox_key(*database, outbox_key));
  return database;
}

Result<OpenedStore<PartitionStore>> open_partition_store(const Core& core,
                                                         const OpenPartition& opened) {
  const DatabaseFile file = file_of(core, opened.user.partition);
  LANDFALL_TRY_ASSIGN(auto made,
                      open_or_replace(
                          file,
                          [&](store::Database& database) {
                            return store::check_keys(database, *opened.outbox_key,
                                                     *opened.documents_key);
                          },
                          [&](const store::SalvageOrder& order) -> Status {
                            LANDFALL_TRY(store::salvage_partition(order, *opened.outbox_key));
                            return {};
                          }));
  auto memory = std::make_shared<cache::MemoryTier>(made.store->commit_seq());
  made.store->watch_changes(memory);
  return OpenedStore<PartitionStore>{
      {std::move(made.store), opened.outbox_key, opened.documents_key, std::move(memory), {}},
      std::move(made.damage)};
}

Result<std::int64_t> count_unsettled(store::Database& partition) {
  return partition.read([](const store::Snapshot& snapshot) {
    return store::CounterTable::get(snapshot, store::kOutboxOperations);
  });
}

}  // namespace landfall::actors
