#include "actors/transport/exchange.hpp"

#include <utility>

#include <boost/asio/error.hpp>

namespace landfall::transport {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using State = ResponseReader::State;

}  // namespace

Exchange::Exchange(Wire& wire, std::shared_ptr<Connection> connection,
                   std::shared_ptr<const WireRequest> request, Done done)
    : wire_(wire),
      connection_(std::move(connection)),
      request_(std::move(request)),
      done_(std::move(done)),
      reader_(request_->is_head, request_->response_bytes_max),
      deadline_(wire.io, wire.clock) {}

void Exchange::start() {
  write_more();
  read_more();
  expect_progress();
}

// A piece must come or go before the deadline; once all is written and until the headers are there,
// the server's time to think counts instead.
void Exchange::expect_progress() {
  const bool thinks = written_ == request_->bytes.size() && reader_.state() == State::head;
  deadline_.arm(thinks ? wire_.options.headers_timeout : wire_.options.idle_timeout,
                [self = shared_from_this()] { self->fail(); });
}

void Exchange::write_more() {
  // Until the write has failed without a byte, the request counts as on its way.
  may_have_left_ = true;
  connection_->write_some(
      asio::buffer(request_->bytes.data() + written_, request_->bytes.size() - written_),
      [self = shared_from_this()](error_code error, std::size_t bytes) {
        if (self->done_) self->on_written(error, bytes);
      });
}

void Exchange::on_written(error_code error, std::size_t bytes) {
  written_ += bytes;
  if (error) {
    is_write_over_ = true;
    if (written_ == 0 && !reader_.has_begun()) {
      may_have_left_ = false;
      return fail();
    }
    // The server closed while we wrote; what it said before that is still to be read.
    return;
  }
  is_write_over_ = written_ == request_->bytes.size();
  if (!is_write_over_) write_more();
  if (reader_.state() == State::head) expect_progress();
}

void Exchange::read_more() {
  connection_->read_some(asio::buffer(buffer_),
                         [self = shared_from_this()](error_code error, std::size_t bytes) {
                           if (self->done_) self->on_read(error, bytes);
                         });
}

void Exchange::on_read(error_code error, std::size_t bytes) {
  reader_.feed({buffer_.data(), bytes});
  if (error == asio::error::eof) reader_.end();
  if (reader_.state() == State::complete) {
    const bool reusable =
        !error && is_write_over_ && reader_.is_reusable() && written_ == request_->bytes.size();
    return finish({{reader_.take(), std::nullopt}, false, reusable ? connection_ : nullptr});
  }
  if (error || reader_.state() == State::failed) return fail();
  // Headers that trickle in do not earn more time.
  if (reader_.state() == State::body) expect_progress();
  read_more();
}

http::TransportFailure Exchange::failure() const {
  return may_have_left_ ? reader_.failure() : http::TransportFailure::not_sent;
}

void Exchange::fail() { finish({{std::nullopt, failure()}, !may_have_left_, nullptr}); }

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
