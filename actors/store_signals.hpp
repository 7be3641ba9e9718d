#pragma once

#include <atomic>
#include <mutex>
#include <string_view>

#include <caf/actor_control_block.hpp>

#include "actors/disk_space_messages.hpp"
#include "actors/supervisor_messages.hpp"
#include "engine/store/store_watch.hpp"

namespace landfall::actors {

// What databases report from whatever thread they are used on, and what their users have to know of
// the disk. It outlives every database of the engine; before `bind` and after the receivers' end
// nobody hears it.
class StoreSignals final {
 public:
  // The one of a database. It keeps in mind that the file is damaged until somebody replaces it.
  class Watch final : public store::StoreWatch {
   public:
    // A device.db holds records under keys that come and go with logins: one that does not open is
    // no damage of the file.
    enum class Seals { part_of_the_file, of_others };

    Watch(StoreSignals& signals, Seals seals) : signals_(signals), seals_(seals) {}
    void on_full(std::string_view label) noexcept override { signals_.on_full(label); }
    void on_corrupt(std::string_view code) noexcept override;

    [[nodiscard]] bool is_damaged() const noexcept {
      return damaged_.load(std::memory_order_acquire);
    }
    void forget_damage() noexcept { damaged_.store(false, std::memory_order_release); }

   private:
    StoreSignals& signals_;
    Seals seals_;
    std::atomic<bool> damaged_{false};
  };

  StoreSignals() = default;
  StoreSignals(const StoreSignals&) = delete;
  StoreSignals& operator=(const StoreSignals&) = delete;

  void bind(const DiskSpaceActor& receiver);
  void bind(const SupervisorActor& receiver);

  [[nodiscard]] Watch& device() noexcept { return device_; }
  [[nodiscard]] Watch& partition() noexcept { return partition_; }

  // The disk's room belongs to what is accepted already (store::Ballast).
  [[nodiscard]] bool disk_is_low() const noexcept { return low_.load(std::memory_order_acquire); }
  void set_disk_low(bool low) noexcept { low_.store(low, std::memory_order_release); }

 private:
  void on_full(std::string_view label) noexcept;
  void on_damaged() noexcept;

  std::mutex mutex_;
  caf::weak_actor_ptr disk_space_;
  caf::weak_actor_ptr supervisor_;
  std::atomic<bool> low_{false};
  Watch device_{*this, Watch::Seals::of_others};
  Watch partition_{*this, Watch::Seals::part_of_the_file};
};

}  // namespace landfall::actors
