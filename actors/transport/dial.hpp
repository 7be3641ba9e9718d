#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "actors/transport/wire.hpp"

namespace landfall::transport {

// The way to a fresh connection: name, address, TLS, each with its deadline. No byte of a request
// is sent here, so whatever fails here was certainly not decided by the server. I/O thread only.
class Dial final : public std::enable_shared_from_this<Dial> {
 public:
  // Null when there is no way.
  using Opened = std::function<void(std::shared_ptr<Connection>)>;

  Dial(Wire& wire, Offer offer, Opened opened);

  // `opened` is called once, never from inside; not any more after `give_up`.
  void start();
  void give_up();

 private:
  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

  void connect_to(Endpoints endpoints);
  void connect_next();
  void shake_hands();
  void finish(std::shared_ptr<Connection> connection);

  Wire& wire_;
  const Offer offer_;
  Opened opened_;
  boost::asio::ip::tcp::resolver resolver_;
  Deadline deadline_;    // of connecting, then of the handshake
  Deadline attempt_;     // of one address
  Endpoints endpoints_;  // still to be tried, the next one last
  std::shared_ptr<Connection> connection_;
};

}  // namespace landfall::transport
