#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>

#include "actors/environment.hpp"
#include "actors/transport/connection.hpp"

namespace landfall::transport {

// Connections to the origin that wait for the next call. I/O thread only.
class ConnectionPool final {
 public:
  // Engine time.
  ConnectionPool(const actors::Clock& clock, std::size_t connections_max, Duration idle_max)
      : clock_(clock), connections_max_(connections_max), idle_max_(idle_max) {}

  // The one that was used last and is still good; null when there is none.
  [[nodiscard]] std::shared_ptr<Connection> take();
  // The oldest one goes when there are too many.
  void give(std::shared_ptr<Connection> connection);
  // Closes all.
  void clear();
  // Closes what waited too long; true while some are left.
  bool prune();
  [[nodiscard]] Duration idle_max() const { return idle_max_; }

 private:
  struct Idle {
    std::shared_ptr<Connection> connection;
    Instant since;
  };

  const actors::Clock& clock_;
  const std::size_t connections_max_;
  const Duration idle_max_;
  std::deque<Idle> idle_;  // oldest first
};

}  // namespace landfall::transport
