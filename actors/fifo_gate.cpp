#include "actors/fifo_gate.hpp"

namespace landfall::actors {

void FifoGate::enter(store::WritePriority priority) {
  std::unique_lock lock(mutex_);
  const bool first = priority == store::WritePriority::acknowledgement;
  Line& line = first ? acknowledgements_ : ordinary_;
  const std::uint64_t ticket = line.taken++;
  changed_.wait(lock, [&] {
    return open_ && line.served == ticket && (first || !acknowledgements_.has_waiting());
  });
  ++line.served;
  open_ = false;
}

void FifoGate::leave() noexcept {
  {
    const std::lock_guard lock(mutex_);
    open_ = true;
  }
  changed_.notify_all();
}

std::size_t FifoGate::waiting() const {
  const std::lock_guard lock(mutex_);
  return acknowledgements_.waiting() + ordinary_.waiting();
}

}  // namespace landfall::actors
