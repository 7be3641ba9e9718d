#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace landfall::world {

enum class IoKind : std::uint8_t { open, read, write, truncate, sync, remove, lock };
inline constexpr std::size_t kIoKinds = 7;

enum class IoStatus : std::uint8_t { ok, failed, full, dead };

enum class FaultMode : std::uint8_t { one_shot, sticky };

// Decides for each I/O of one disk whether it happens, and counts. Operations that change
// something (creating, writing, truncating, syncing, removing) are numbered from 0, and a crash
// is armed at such a number: between two of them nothing that a disk could lose happens.
class DiskFaults final {
 public:
  // Operation `io_number` does not happen any more, nor does anything after it.
  void crash_at(std::uint64_t io_number) { crash_at_ = io_number; }
  void disarm() { crash_at_ = kNever; }
  [[nodiscard]] bool has_armed_crash() const { return crash_at_ != kNever; }

  // After `writes` more writes each one fails for want of space, overwriting ones as well:
  // phones have copy-on-write file systems, which need room for those too.
  void full_after(std::uint64_t writes) { writes_left_ = writes; }
  [[nodiscard]] bool is_full() const { return writes_left_ == 0; }
  // After `skip` more operations of this kind, the next one fails, or each one until `heal`.
  void fail_io(IoKind kind, FaultMode mode, std::uint64_t skip);
  // Ends a full disk and every I/O error. An armed crash stays.
  void heal();

  // Asks whether an operation that changes the disk may happen. dead means the crash is here.
  [[nodiscard]] IoStatus admit_change(IoKind kind);
  // The same for operations that change nothing; they have no number.
  [[nodiscard]] IoStatus admit_look(IoKind kind);

  [[nodiscard]] std::uint64_t io_operations() const { return io_operations_; }
  // How often an injected error of this kind was really returned; full disks not counted.
  [[nodiscard]] std::uint64_t fired(IoKind kind) const { return plans_[index(kind)].fired; }
  [[nodiscard]] std::uint64_t full_refusals() const { return full_refusals_; }

 private:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  struct Plan {
    bool armed = false;
    FaultMode mode = FaultMode::one_shot;
    std::uint64_t skip = 0;
    std::uint64_t fired = 0;
  };

  static constexpr std::size_t index(IoKind kind) { return static_cast<std::size_t>(kind); }
  [[nodiscard]] bool has_room();

  std::array<Plan, kIoKinds> plans_{};
  std::uint64_t crash_at_ = kNever;
  std::uint64_t writes_left_ = kNever;
  std::uint64_t io_operations_ = 0;
  std::uint64_t full_refusals_ = 0;
};

}  // namespace landfall::world
