#pragma once

#include <mutex>
#include <optional>
#include <string_view>

#include "engine/attest/acceptance.hpp"
#include "engine/base/time.hpp"
#include "engine/unlock/remembered.hpp"

namespace landfall::actors {

// What one process knows about its lock beyond the life of a scope: a resume and a restart of
// actors are no new start of the app. It is memory alone, so that a new process knows nothing of
// it. Any thread.
class UnlockBoard final {
 public:
  void remember(unlock::Remembered remembered);
  [[nodiscard]] std::optional<unlock::Remembered> recall() const;

  // A server of ours said what time it is, when the device's clock said `now`; the latest counts.
  void see_server_time(Instant at, Instant now);
  [[nodiscard]] std::optional<Instant> server_time() const;
  // How far the device's clock was ahead of the server that spoke last.
  [[nodiscard]] std::optional<Duration> clock_ahead() const;

  // Who may attest, as it is at `now`; nothing: nobody (C-25).
  void set_attestor(std::optional<attest::Attestor> attestor, Instant now);
  // The same for what is this user's, with what has passed since; nothing while another one's is
  // here: while users change, the board may have the last one's, or the next one's already
  // (INV-A13).
  [[nodiscard]] std::optional<attest::Attestor> attestor(std::string_view user_id,
                                                         Instant now) const;

 private:
  mutable std::mutex mutex_;
  std::optional<unlock::Remembered> remembered_;
  std::optional<Instant> server_time_;
  std::optional<Duration> clock_ahead_;
  std::optional<attest::Attestor> attestor_;
  Instant attestor_set_at_;
};

}  // namespace landfall::actors
