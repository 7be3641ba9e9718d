#include "simulator/net/upstream_upgrade.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "simulator/net/http_message.hpp"

namespace landfall::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

void UpstreamUpgrade::start(asio::io_context& io, const transport::Origin& origin,
                            const http::Request& request, Duration timeout, Done done) {
  std::shared_ptr<UpstreamUpgrade> upgrade(new UpstreamUpgrade(io, request, std::move(done)));
  upgrade->resolve(origin, timeout);
}

UpstreamUpgrade::UpstreamUpgrade(asio::io_context& io, const http::Request& request, Done done)
    : resolver_(io), stream_(io), request_(upgrade_of(request)), done_(std::move(done)) {}

void UpstreamUpgrade::resolve(const transport::Origin& origin, Duration timeout) {
  stream_.expires_after(timeout);
  resolver_.async_resolve(
      origin.host, std::to_string(origin.port),
      [self = shared_from_this()](error_code error, const tcp::resolver::results_type& addresses) {
        error ? self->fail() : self->connect(addresses);
      });
}

void UpstreamUpgrade::connect(const tcp::resolver::results_type& addresses) {
  stream_.async_connect(addresses,
                        [self = shared_from_this()](error_code error, const tcp::endpoint&) {
                          error ? self->fail() : self->write();
                        });
}

void UpstreamUpgrade::write() {
  error_code ignored;
  stream_.socket().set_option(tcp::no_delay{true}, ignored);
  beast::http::async_write(stream_, request_,
                           [self = shared_from_this()](error_code error, std::size_t) {
                             error ? self->fail() : self->read_head();
                           });
}

void UpstreamUpgrade::read_head() {
  beast::http::async_read_header(
      stream_, buffer_, parser_, [self = shared_from_this()](error_code error, std::size_t) {
        if (error) return self->fail();
        const auto status = self->parser_.get().result();
        status == beast::http::status::switching_protocols ? self->take_over()
                                                           : self->read_refusal();
      });
}

void UpstreamUpgrade::read_refusal() {
  beast::http::async_read(stream_, buffer_, parser_,
                          [self = shared_from_this()](error_code error, std::size_t) {
                            if (error) return self->fail();
                            self->done_({response_of(self->parser_.release()), std::nullopt, {}});
                          });
}

void UpstreamUpgrade::take_over() {
  stream_.expires_never();
  std::string first = bytes_of(parser_.get());
  first += beast::buffers_to_string(buffer_.data());
  http::Response response = response_of(parser_.release());
  done_({std::move(response), std::move(stream_), std::move(first)});
}

void UpstreamUpgrade::fail() { done_({}); }

}  // namespace landfall::net
