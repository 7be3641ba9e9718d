#pragma once

#include <functional>
#include <memory>

#include "actors/transport/dial.hpp"
#include "actors/transport/exchange.hpp"
#include "actors/transport/wire.hpp"

namespace landfall::transport {

// One call from start to answer: a kept connection or a fresh one, the exchange on it, and the
// deadline over all. I/O thread only.
class Call final : public std::enable_shared_from_this<Call> {
 public:
  using Done = std::function<void(http::Answer)>;

  Call(Wire& wire, WireRequest request, Done done);

  // `done` is called once, never from inside; not any more after `abort`.
  void start(Duration timeout);
  void abort();

 private:
  void dial();
  void exchange_on(std::shared_ptr<Connection> connection, bool is_kept);
  void on_exchanged(Exchange::Outcome outcome, bool is_kept);
  void on_time_over();
  void finish(http::Answer answer);

  Wire& wire_;
  const std::shared_ptr<const WireRequest> request_;
  Done done_;
  Deadline deadline_;
  std::shared_ptr<Dial> dial_;
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace landfall::transport
