#pragma once

#include <cstddef>
#include <deque>

#include "engine/base/time.hpp"

namespace landfall::http {

// Who waits for whom when a device has repeated much: what is asked for first stands last.
enum class RepeatRank {
  news,      // pulls, reconnects to the hub, rights, the registration of the phone
  accepted,  // pushes, receipts and files: what somebody handed in
  probe      // probes: without a way to the server all else is in vain
};

// What all parts of a device repeat, counted together (INV-Q9). A repeat is a call to where the
// last one failed, a probe, or a reconnect to the hub. Who decides to make one asks here first, and
// tells it in the same step. An implementation says which threads may call it.
class RepeatLedger {
 public:
  virtual ~RepeatLedger() = default;

  // One leaves now. Also told by those who never wait: the refresh of a token, and what goes again
  // behind a 401.
  virtual void on_repeat(Instant now) = 0;

  // No repeat of that rank leaves before it; zero, or an instant that has passed: one may leave.
  // `beside`: repeats that were chosen to leave in the same instant and are not told yet.
  [[nodiscard]] virtual Instant free_at(RepeatRank rank, std::size_t beside = 0) const = 0;
};

// At most limits::kRepeatsPerMinuteMax a minute: each rank gets what those below it may not use up,
// and what is left over is for those who never wait. Pure; one thread.
class RepeatBudget final : public RepeatLedger {
 public:
  void on_repeat(Instant now) override;
  [[nodiscard]] Instant free_at(RepeatRank rank, std::size_t beside = 0) const override;

 private:
  std::deque<Instant> repeats_;  // the last ones, at most kRepeatsPerMinuteMax
};

}  // namespace landfall::http
