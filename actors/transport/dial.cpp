#include "actors/transport/dial.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

namespace landfall::transport {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Endpoints = std::vector<tcp::endpoint>;

// Where an origin is that needs no name server: an address, and this machine by its name.
Endpoints fixed_endpoints(const Origin& origin) {
  if (origin.host == "localhost") {
    return {{asio::ip::address_v4::loopback(), origin.port},
            {asio::ip::address_v6::loopback(), origin.port}};
  }
  error_code error;
  const auto address = asio::ip::make_address(origin.host, error);
  if (error) return {};
  return {{address, origin.port}};
}

// The resolver's order, with the families taking turns: when one of them leads nowhere, the second
// attempt is of the other.
Endpoints by_turns(const tcp::resolver::results_type& results) {
  Endpoints first;
  Endpoints second;
  for (const auto& entry : results) {
    const bool leads = first.empty() || entry.endpoint().protocol() == first.front().protocol();
    (leads ? first : second).push_back(entry.endpoint());
  }
  Endpoints all;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) all.push_back(first[i]);
    if (i < second.size()) all.push_back(second[i]);
  }
  return all;
}

}  // namespace

Dial::Dial(Wire& wire, Offer offer, Opened opened)
    : wire_(wire),
      offer_(offer),
      opened_(std::move(opened)),
      resolver_(wire.io),
      deadline_(wire.io, wire.clock),
      attempt_(wire.io, wire.clock) {}

void Dial::start() {
  deadline_.arm(wire_.options.connect_timeout,
                [self = shared_from_this()] { self->finish(nullptr); });
  Endpoints endpoints = fixed_endpoints(wire_.origin);
  if (!endpoints.empty()) {
    asio::post(wire_.io, [self = shared_from_this(), endpoints = std::move(endpoints)]() mutable {
      self->connect_to(std::move(endpoints));
    });
    return;
  }
  resolver_.async_resolve(
      wire_.origin.host, std::to_string(wire_.origin.port),
      tcp::resolver::numeric_service | tcp::resolver::address_configured,
      [self = shared_from_this()](error_code error, const tcp::resolver::results_type& results) {
        if (self->opened_) error ? self->finish(nullptr) : self->connect_to(by_turns(results));
      });
}

void Dial::connect_to(Endpoints endpoints) {
  endpoints_ = std::move(endpoints);
  std::reverse(endpoints_.begin(), endpoints_.end());
  connect_next();
}

void Dial::connect_next() {
  if (!opened_) return;
  if (endpoints_.empty()) return finish(nullptr);
  const tcp::endpoint endpoint = endpoints_.back();
  endpoints_.pop_back();
  connection_ = wire_.make_connection(offer_);
  attempt_.arm(wire_.options.connect_attempt, [self = shared_from_this()] {
    self->connection_->close();  // the attempt below ends with an error
  });
  connection_->socket().async_connect(
      endpoint, [self = shared_from_this(), connection = connection_](error_code error) {
        if (!self->opened_) return;
        self->attempt_.disarm();
        if (error || !connection->socket().is_open()) return self->connect_next();
        error_code ignored;
        connection->socket().set_option(tcp::no_delay{true}, ignored);
        self->shake_hands();
      });
}

void Dial::shake_hands() {
  deadline_.arm(wire_.options.handshake_timeout,
                [self = shared_from_this()] { self->finish(nullptr); });
  connection_->handshake([self = shared_from_this()](error_code error) {
    if (self->opened_) self->finish(error ? nullptr : self->connection_);
  });
}

void Dial::give_up() {
  opened_ = nullptr;
  finish(nullptr);
}

void Dial::finish(std::shared_ptr<Connection> connection) {
  deadline_.disarm();
  attempt_.disarm();
  resolver_.cancel();
  if (!connection && connection_) connection_->close();
  connection_.reset();
  if (const auto opened = std::exchange(opened_, nullptr)) opened(std::move(connection));
}

}  // namespace landfall::transport
