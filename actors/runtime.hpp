#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/environment.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/host/config.hpp"

namespace landfall::actors {

enum class Submitted { accepted, busy, closed };

// late: the deadline passed first; it goes on, and engine.state tells when it is done.
enum class Suspended { done, late, closed };

// begun: window.finished tells how it ended. busy: another window is open.
enum class WindowBegun { begun, busy, closed };

// The running engine without a trace of CAF: requests in, messages out, both JSON text. All
// functions may be called from any thread, `poll` from one at a time; with stepped scheduling
// everything is on one thread.
class Runtime {
 public:
  // Takes the directory's lock and opens device.db, then returns in state `opening`: keys,
  // partition and migrations follow as questions and engine.state events. Fails only for the
  // directory, its lock or a newer device.db.
  [[nodiscard]] static Result<std::unique_ptr<Runtime>> open(host::Config config,
                                                             Environment environment);

  // Closes in order if that was not done.
  virtual ~Runtime() = default;

  // A request or an answer. Something malformed is answered through poll, so `accepted` says only
  // that a reply will come. `busy`: too many requests are open; nothing was taken.
  [[nodiscard]] virtual Submitted submit(std::string_view message) = 0;

  // operations.enqueue without a reply id: a ticket at once, the acknowledgement through poll under
  // that ticket. The ticket is positive; zero when busy, negative when closed.
  [[nodiscard]] virtual std::int64_t enqueue(std::string_view params) = 0;

  // The next message for the host, or nothing after `timeout`. Stepped: never waits.
  [[nodiscard]] virtual std::optional<std::string> poll(Duration timeout) = 0;

  // Nothing new begins and steps in flight end; then the engine holds no file, no connection and no
  // lock, until it is resumed (INV-S8). What was handed in before is committed and acknowledged;
  // calls that were not answered by then are over, as if the process had died. Waits up to
  // `deadline` of the wall clock, and hurries when half of it is over; stepped, it never waits and
  // is always `late`.
  [[nodiscard]] virtual Suspended suspend(Duration deadline) = 0;

  // Takes the directory's lock again and opens device.db, then returns in state `opening`. Errors
  // leave it suspended: directory.locked, directory.replaced, those of `open`, engine.failed,
  // engine.closing, and engine.suspended when it was suspended once more meanwhile. An engine that
  // is not suspended stays as it is. Stepped: it never waits, and engine.state tells.
  [[nodiscard]] virtual Status resume() = 0;

  // A background window: opens what a suspension closed, drains the queue and pulls once, and is
  // suspended again, within `budget` of engine time; unless the host is there, for whom it goes on.
  // Returns at once.
  [[nodiscard]] virtual WindowBegun run_window(Duration budget) = 0;

  // When the engine would like a window next; nothing when it needs none. Exact while it is
  // suspended, and an estimate while it runs, which does its work by itself.
  [[nodiscard]] virtual std::optional<Instant> next_window() const = 0;

  // Withdraws questions, stops the scopes in order, closes the files and releases the lock.
  // Undrained messages stay readable by poll.
  virtual void close() = 0;
};

}  // namespace landfall::actors
