#include "actors/transport/exchange.hpp"

#include <string_view>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "actors/transport/http1_codec.hpp"
#include "actors/transport/http2_session.hpp"

namespace landfall::transport {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using State = ResponseState;

std::shared_ptr<Codec> codec_for(Connection& connection,
                                 const std::shared_ptr<const WireRequest>& request) {
  if (!connection.speaks_http2()) return std::make_shared<Http1Codec>(*request);
  auto session = connection.http2();
  session->begin(request);
  return session;
}

}  // namespace

Exchange::Exchange(Wire& wire, std::shared_ptr<Connection> connection,
                   const std::shared_ptr<const WireRequest>& request, Done done)
    : wire_(wire),
      connection_(std::move(connection)),
      codec_(codec_for(*connection_, request)),
      done_(std::move(done)),
      deadline_(wire.io, wire.clock) {}

void Exchange::start() {
  if (codec_->state() == State::failed) {
    return asio::post(wire_.io, [self = shared_from_this()] {
      if (self->done_) self->fail();
    });
  }
  write_more();
  read_more();
  expect_progress();
}

// A piece must come or go before the deadline; once all is written and until the headers are there,
// the server's time to think counts instead.
void Exchange::expect_progress() {
  const bool thinks = codec_->is_request_written() && codec_->state() == State::head;
  deadline_.arm(thinks ? wire_.options.headers_timeout : wire_.options.idle_timeout,
                [self = shared_from_this()] { self->fail(); });
}

void Exchange::write_more() {
  if (is_writing_ || is_write_broken_) return;
  const std::string_view bytes = codec_->unwritten();
  if (bytes.empty()) return;
  is_writing_ = true;
  // Until the write has failed without a byte, the request counts as on its way.
  may_have_left_ = true;
  connection_->write_some(asio::buffer(bytes.data(), bytes.size()),
                          [self = shared_from_this()](error_code error, std::size_t bytes_written) {
                            if (self->done_) self->on_written(error, bytes_written);
                          });
}

void Exchange::on_written(error_code error, std::size_t bytes) {
  is_writing_ = false;
  written_ += bytes;
  const bool is_of_request = !codec_->is_request_written();
  codec_->on_written(bytes);
  if (error) {
    is_write_broken_ = true;
    if (written_ == 0 && !codec_->has_begun()) {
      may_have_left_ = false;
      return fail();
    }
    // The server closed while we wrote; what it said before that is still to be read.
    return;
  }
  write_more();
  // What the protocol itself has to say earns no time.
  if (is_of_request && codec_->state() == State::head) expect_progress();
}

void Exchange::read_more() {
  connection_->read_some(asio::buffer(buffer_),
                         [self = shared_from_this()](error_code error, std::size_t bytes) {
                           if (self->done_) self->on_read(error, bytes);
                         });
}

void Exchange::on_read(error_code error, std::size_t bytes) {
  codec_->feed({buffer_.data(), bytes});
  if (error == asio::error::eof) codec_->end();
  if (codec_->state() == State::complete) {
    const bool reusable = !error && !is_writing_ && !is_write_broken_ && codec_->is_reusable();
    return finish({{codec_->take(), std::nullopt}, false, reusable ? connection_ : nullptr});
  }
  if (error || codec_->state() == State::failed) return fail();
  // Headers that trickle in do not earn more time.
  if (codec_->state() == State::body) expect_progress();
  write_more();
  read_more();
}

bool Exchange::is_unsent() const { return !may_have_left_ || codec_->is_unprocessed(); }

http::TransportFailure Exchange::failure() const {
  return is_unsent() ? http::TransportFailure::not_sent : codec_->failure();
}

void Exchange::fail() { finish({{std::nullopt, failure()}, is_unsent(), nullptr}); }

void Exchange::give_up() {
  done_ = nullptr;
  if (connection_) finish({});
}

void Exchange::finish(Outcome outcome) {
  deadline_.disarm();
  if (!outcome.reusable) connection_->close();
  connection_.reset();
  if (const auto done = std::exchange(done_, nullptr)) done(std::move(outcome));
}

}  // namespace landfall::transport
