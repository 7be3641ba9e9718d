#include "actors/store_signals.hpp"

#include <string>

#include <caf/send.hpp>

namespace landfall::actors {

void StoreSignals::Watch::on_corrupt(std::string_view code) noexcept {
  if (seals_ == Seals::of_others && code != "store.corrupt") return;
  if (!damaged_.exchange(true, std::memory_order_acq_rel)) signals_.on_damaged();
}

void StoreSignals::bind(const DiskSpaceActor& receiver) {
  const std::lock_guard lock(mutex_);
  disk_space_ = caf::actor_cast<caf::weak_actor_ptr>(receiver);
}

void StoreSignals::bind(const SupervisorActor& receiver) {
  const std::lock_guard lock(mutex_);
  supervisor_ = caf::actor_cast<caf::weak_actor_ptr>(receiver);
}

void StoreSignals::on_full(std::string_view label) noexcept {
  const std::lock_guard lock(mutex_);
  if (const auto receiver = caf::actor_cast<caf::strong_actor_ptr>(disk_space_))
    caf::anon_send(caf::actor_cast<DiskSpaceActor>(receiver), DiskFull{std::string{label}});
}

void StoreSignals::on_damaged() noexcept {
  const std::lock_guard lock(mutex_);
  if (const auto receiver = caf::actor_cast<caf::strong_actor_ptr>(supervisor_))
    caf::anon_send(caf::actor_cast<SupervisorActor>(receiver), StoreDamaged{});
}

}  // namespace landfall::actors
