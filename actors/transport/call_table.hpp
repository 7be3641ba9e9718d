#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "actors/environment.hpp"

namespace landfall::transport {

// Who waits for which call. It keeps the promise of actors::Transport: a call is answered once, and
// not any more when `cancel` has returned. Callers number their calls, and may use a number again
// once it was answered or cancelled; inside, each call has a serial that is never used again. Any
// thread.
class CallTable final {
 public:
  using Done = actors::Transport::Done;

  [[nodiscard]] std::uint64_t add(std::uint64_t call, Done done);

  // Runs the call's `done` on this thread, unless it was cancelled. One thread answers.
  void answer(std::uint64_t serial, http::Answer answer);

  // Forgets the call; the serial it had, or nothing when it was over. Waits for an answer that is
  // being given, unless it is called from inside it.
  std::optional<std::uint64_t> cancel(std::uint64_t call);
  // Forgets them all, in the same way.
  void cancel_all();

  [[nodiscard]] std::size_t size() const;

 private:
  struct Open {
    std::uint64_t call = 0;
    Done done;
  };

  mutable std::mutex mutex_;
  std::condition_variable answered_;
  std::map<std::uint64_t, Open> open_;  // by serial
  std::uint64_t last_serial_ = 0;
  std::optional<std::uint64_t> answering_;  // the call whose `done` runs now
  std::thread::id answering_thread_;
};

}  // namespace landfall::transport
