#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "actors/transport/origin.hpp"
#include "engine/base/time.hpp"
#include "engine/http/message.hpp"

namespace landfall::net {

// What a server said to an upgrade.
struct UpgradeAnswer {
  // Nothing: the server was out of reach, or what it said is no HTTP.
  std::optional<http::Response> response;
  // Of a 101: the connection to the server, and what is to reach the client first, the head of the
  // answer included.
  std::optional<boost::beast::tcp_stream> stream;
  std::string first;
};

// One upgrade on its way to a server of this machine, in clear text, over a connection of its own.
// I/O thread only; it lives as long as somebody waits for it.
class UpstreamUpgrade final : public std::enable_shared_from_this<UpstreamUpgrade> {
 public:
  using Done = std::function<void(UpgradeAnswer)>;

  // `request` is sent as it is, its headers of the upgrade included. `done` is called once, never
  // from inside. `timeout` is real time.
  static void start(boost::asio::io_context& io, const transport::Origin& origin,
                    const http::Request& request, Duration timeout, Done done);

 private:
  UpstreamUpgrade(boost::asio::io_context& io, const http::Request& request, Done done);

  void resolve(const transport::Origin& origin, Duration timeout);
  void connect(const boost::asio::ip::tcp::resolver::results_type& addresses);
  void write();
  void read_head();
  void read_refusal();
  void take_over();
  void fail();

  boost::asio::ip::tcp::resolver resolver_;
  boost::beast::tcp_stream stream_;
  boost::beast::http::request<boost::beast::http::empty_body> request_;
  Done done_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::response_parser<boost::beast::http::string_body> parser_;
};

}  // namespace landfall::net
