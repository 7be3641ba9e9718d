#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "actors/runtime.hpp"
#include "actors/stepped.hpp"
#include "mobile_glue/c/landfall.h"

namespace landfall::glue {

// A runtime and the edges it was given. The edges go last.
struct RunningEngine {
  std::shared_ptr<void> edges;  // null when the caller owns them
  std::unique_ptr<actors::Runtime> runtime;
  actors::SteppedRuntime* stepped = nullptr;  // the same runtime, when it is one
};

// What stands behind one handle of the C interface, from open to the last message after close. Any
// thread.
class EngineHandle final {
 public:
  explicit EngineHandle(RunningEngine running);

  // Codes of landfall.h.
  [[nodiscard]] int send(std::string_view text);
  [[nodiscard]] std::int64_t enqueue(std::string_view params);

  // Null: no message. The text stays valid until the next call.
  [[nodiscard]] const char* poll(Duration timeout);

  // Codes of landfall.h.
  [[nodiscard]] int suspend(Duration deadline);
  [[nodiscard]] int resume();
  [[nodiscard]] int run_window(Duration budget);
  // UTC milliseconds, zero for none, or a code.
  [[nodiscard]] std::int64_t next_window() const;

  // Returns when the engine has stopped, also when another thread stops it. True for the call that
  // did it.
  bool close();
  void abandon();

  [[nodiscard]] bool is_drained() const;
  [[nodiscard]] actors::SteppedRuntime* stepped() const;

 private:
  [[nodiscard]] std::shared_ptr<RunningEngine> running() const;
  [[nodiscard]] std::optional<std::string> take(Duration timeout);

  std::mutex closing_;                      // held while the engine stops
  std::mutex polling_;                      // held by the one thread that polls
  std::string polled_;                      // guarded by polling_
  mutable std::mutex mutex_;                // guards what follows
  std::shared_ptr<RunningEngine> running_;  // null once closed
  std::deque<std::string> left_;            // not polled when it closed
};

// Every handle that was given out and is not over. A handle is its number with a mark in the low
// bits, never an address: numbers are not used again, so that a handle which is over can never
// reach the engine of another one.
class HandleTable final {
 public:
  // The one of this process; it is never destroyed, because threads may outlive main. A child that
  // was forked begins with one of its own, in which every handle of its parent is over: it has none
  // of the threads behind them.
  [[nodiscard]] static HandleTable& instance();

  [[nodiscard]] landfall_engine* add(std::shared_ptr<EngineHandle> handle);
  // Null when it is over or never was.
  [[nodiscard]] std::shared_ptr<EngineHandle> find(const landfall_engine* engine) const;
  // It was given out once, whether it is over or not.
  [[nodiscard]] bool was_given(const landfall_engine* engine) const;
  void remove(const landfall_engine* engine);
  // Keeps a closed handle for the messages that are left in it; the oldest such one goes when there
  // are too many.
  void keep_closed(const landfall_engine* engine);

 private:
  // Behind the last number that was given out so far.
  explicit HandleTable(std::uintptr_t last_number);

  unsigned forks_before_;  // a child that was forked counts one more
  mutable std::mutex mutex_;
  std::map<std::uintptr_t, std::shared_ptr<EngineHandle>> handles_;
  std::deque<std::uintptr_t> closed_;  // in the order of closing
  std::uintptr_t last_number_ = 0;
};

}  // namespace landfall::glue
