#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "mobile_glue/device_clock.hpp"
#include "simulator/backend/backend.hpp"
#include "simulator/net/http_session.hpp"
#include "simulator/net/hub_socket.hpp"

namespace landfall::net {

// Carries the backend's hub over sockets: takes upgrades, and says what the hub has to say after
// each request and when its pings are due. I/O thread only.
class HubServer final {
 public:
  // All of them outlive the server.
  HubServer(boost::asio::io_context& io, backend::Backend& backend, const glue::DeviceClock& clock)
      : backend_(backend), clock_(clock), timer_(io) {}

  [[nodiscard]] static bool is_upgrade(const http::Request& request);
  // Answers the session with a refusal, or takes its connection over.
  void upgrade(const std::shared_ptr<HttpSession>& session, const http::Request& request);
  // Whatever the hub said since.
  void carry();
  // Every connection is reset, as by a network that breaks.
  void cut();

 private:
  void wake_when_due();

  backend::Backend& backend_;
  const glue::DeviceClock& clock_;
  boost::asio::steady_timer timer_;
  std::map<std::uint64_t, std::shared_ptr<HubSocket>> sockets_;  // by connection
};

}  // namespace landfall::net
