#pragma once

#include "engine/base/time.hpp"
#include "engine/http/message.hpp"
#include "engine/http/repeat_budget.hpp"

namespace landfall::http {

// Calls of one part to one place: the first is free, and each that follows a failure is a repeat of
// the device (INV-Q9). A new process knows nothing of what failed. Pure.
class RepeatedCall final {
 public:
  // The ledger outlives it.
  RepeatedCall(RepeatLedger& device, RepeatRank rank) : device_(&device), rank_(rank) {}

  void on_sent(Instant now) {
    if (has_failed_) device_->on_repeat(now);
  }
  void on_answer(const Answer& answer) {
    has_failed_ = !answer.response || answer.response->status / 100 != 2;
  }
  // Whatever comes of it, the next one repeats it.
  void on_lost() { has_failed_ = true; }

  // The next one leaves no sooner.
  [[nodiscard]] Instant held_until() const {
    return has_failed_ ? device_->free_at(rank_) : Instant{};
  }

 private:
  RepeatLedger* device_;
  RepeatRank rank_;
  bool has_failed_ = false;  // the last one
};

}  // namespace landfall::http
