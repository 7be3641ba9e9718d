#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "engine/store/write_gate.hpp"

namespace landfall::actors {

// The fair door to a write connection: grants in order of arrival within a priority,
// acknowledgements before the rest. A plain mutex starves: whoever just left takes it again before
// the waiter wakes.
class FifoGate final : public store::WriteGate {
 public:
  void enter(store::WritePriority priority) override;
  void leave() noexcept override;

  // How many stand in line now.
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Line {
    std::uint64_t taken = 0;   // tickets given out
    std::uint64_t served = 0;  // tickets granted
    [[nodiscard]] bool has_waiting() const { return taken != served; }
    [[nodiscard]] std::size_t waiting() const { return static_cast<std::size_t>(taken - served); }
  };

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Line acknowledgements_;
  Line ordinary_;
  bool open_ = true;
};

}  // namespace landfall::actors
