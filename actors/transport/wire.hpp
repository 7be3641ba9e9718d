#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "actors/environment.hpp"
#include "actors/transport/connection_pool.hpp"
#include "actors/transport/http_transport.hpp"
#include "actors/transport/origin.hpp"
#include "actors/transport/tls_connection.hpp"
#include "actors/transport/trust_desk.hpp"

namespace landfall::transport {

// What the calls of one transport share on the I/O thread.
struct Wire {
  boost::asio::io_context& io;
  const Origin& origin;
  const actors::Clock& clock;
  const TransportOptions& options;
  ConnectionPool& idle;
  TrustDesk& desk;
  std::optional<TlsContext> tls;  // made at first use

  [[nodiscard]] std::shared_ptr<Connection> make_connection(Offer offer);
};

// One deadline in engine time, which the clock's speed shortens. Arming replaces what was armed; a
// deadline that was replaced or disarmed never fires.
class Deadline final {
 public:
  Deadline(boost::asio::io_context& io, const actors::Clock& clock) : timer_(io), clock_(clock) {}

  void arm(Duration after, std::function<void()> then);
  void disarm();

 private:
  boost::asio::steady_timer timer_;
  const actors::Clock& clock_;
  std::shared_ptr<std::uint64_t> generation_ = std::make_shared<std::uint64_t>(0);
};

}  // namespace landfall::transport
