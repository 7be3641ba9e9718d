#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actors/core.hpp"
#include "actors/supervisor_messages.hpp"
#include "engine/store/damage_report.hpp"

namespace landfall::actors {

template <class Store>
struct OpenedStore {
  Store store;
  std::vector<store::DamageReport> damage;  // which the host is still to be told
};

// Opens <directory>/device.db. A damaged one (`watch` said so, or it does not open) is set aside
// and replaced by what can be read of it.
[[nodiscard]] Result<OpenedStore<std::shared_ptr<store::Database>>> open_device(
    const Environment& environment, const std::string& directory, StoreSignals::Watch& watch);

// The same for the partition of a user; keys that are not its own count as damage.
[[nodiscard]] Result<OpenedStore<PartitionStore>> open_partition_store(const Core& core,
                                                                       const OpenPartition& opened);

// A partition that nobody has open, as it is, without its keys.
[[nodiscard]] Result<std::shared_ptr<store::Database>> open_closed_partition(
    const Core& core, const PartitionId& partition);

// The same for whoever settles what waits in it, with its outbox key alone. What is wrong with the
// file is left for the opening by its user. store.corrupt: damage; store.wrong_key: another's key.
[[nodiscard]] Result<std::shared_ptr<store::Database>> open_visited_partition(
    const Core& core, const PartitionId& partition, const store::Sealer& outbox_key);

// How many of its operations have no verdict.
[[nodiscard]] Result<std::int64_t> count_unsettled(store::Database& partition);

}  // namespace landfall::actors
