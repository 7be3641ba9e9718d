#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "actors/runtime.hpp"

namespace landfall::actors {

// A runtime in virtual time, for the simulator's worlds. Nothing happens but by `step` and
// `advance`, all on one thread; in which order actors run is the caller's choice, so that a seed
// decides it. Between two actors messages stay in order, as in production.
class SteppedRuntime : public Runtime {
 public:
  // Actors that have a message to handle.
  [[nodiscard]] virtual std::size_t ready() const = 0;

  // Lets the pick-th of them handle one message; returns its name. Requires pick < ready().
  virtual std::string_view step(std::size_t pick) = 0;

  // Moves the timers on; what is due becomes a message. The environment's clock moves with it, by
  // the caller.
  virtual void advance(Duration by) = 0;

  // How long until a timer is due; nothing when none is armed.
  [[nodiscard]] virtual std::optional<Duration> next_timer() const = 0;

  // The process dies: nothing is closed in order, no promise is kept. The disk is dead already, or
  // every write fails.
  virtual void abandon() = 0;
};

[[nodiscard]] Result<std::unique_ptr<SteppedRuntime>> open_stepped(host::Config config,
                                                                   Environment environment);

}  // namespace landfall::actors
