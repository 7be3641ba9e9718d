#include "actors/transport/response_reader.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/version.hpp>

#include "engine/base/assert.hpp"
#include "schema/limits.hpp"

// Earlier releases bundle a zlib with known holes.
static_assert(BOOST_BEAST_VERSION >= 345, "Boost 1.81 or later is needed");

namespace landfall::transport {
namespace {

namespace beast_http = boost::beast::http;
using boost::system::error_code;

std::string text_of(boost::beast::string_view view) { return {view.data(), view.size()}; }

http::TransportFailure failure_of(error_code error) {
  const bool is_limit = error == beast_http::error::body_limit ||
                        error == beast_http::error::header_limit ||
                        error == beast_http::error::buffer_overflow;
  return is_limit ? http::TransportFailure::too_large : http::TransportFailure::cut;
}

// Nothing was offered but chunks. Beast hands a body in any other coding on as it is, which would
// be taken for what the server said.
bool is_readable_coding(const http::Headers& headers) {
  const auto coding = http::find_header(headers, "Transfer-Encoding");
  return !coding || boost::beast::iequals({coding->data(), coding->size()}, "chunked");
}

}  // namespace

struct ResponseReader::Parser {
  beast_http::response_parser<beast_http::string_body> response;

  Parser(bool answers_head, std::size_t body_bytes_max) {
    response.header_limit(static_cast<std::uint32_t>(limits::kResponseHeaderBytesMax));
    response.body_limit(body_bytes_max);
    response.skip(answers_head);
    // Head and body in separate steps: trailers would otherwise mix with the headers.
    response.eager(false);
  }
};

ResponseReader::ResponseReader(bool answers_head, std::size_t body_bytes_max)
    : answers_head_(answers_head),
      body_bytes_max_(body_bytes_max),
      parser_(std::make_unique<Parser>(answers_head, body_bytes_max)) {}

ResponseReader::~ResponseReader() = default;

void ResponseReader::feed(std::string_view bytes) {
  if (bytes.empty()) return;
  has_begun_ = true;
  pending_ += bytes;
  std::size_t at = 0;
  std::size_t before = 0;
  do {
    before = at;
    parse_more(at);
  } while (at > before && at < pending_.size() && state_ < State::complete);
  pending_.erase(0, at);
  // What the parser waits for is a line: a status line, a header or the size of a chunk.
  if (state_ < State::complete && pending_.size() > limits::kResponseHeaderBytesMax) {
    fail(http::TransportFailure::too_large);
  }
}

// One step of the parser from `at` on.
void ResponseReader::parse_more(std::size_t& at) {
  error_code error;
  // No line may be longer, trailers included, so that none is taken for having come in one piece.
  const boost::asio::const_buffer rest(
      pending_.data() + at, std::min(pending_.size() - at, limits::kResponseHeaderBytesMax));
  const std::size_t used = parser_->response.put(rest, error);
  at += used;
  // The parser's own limit holds for what it sees at once, not for headers that come one by one.
  if (state_ == State::head) head_bytes_ += used;
  if (head_bytes_ > limits::kResponseHeaderBytesMax) return fail(http::TransportFailure::too_large);
  if (error == beast_http::error::need_more) return;
  if (error) return fail(failure_of(error));
  if (state_ == State::head && parser_->response.is_header_done()) on_head();
  if (state_ == State::body && parser_->response.is_done()) state_ = State::complete;
}

void ResponseReader::on_head() {
  const auto& message = parser_->response.get();
  const unsigned status = message.result_int();
  headers_.clear();
  for (const auto& field : message) {
    headers_.emplace_back(text_of(field.name_string()), text_of(field.value()));
  }
  if (headers_.size() > limits::kResponseHeadersMax) return fail(http::TransportFailure::too_large);
  if (!is_readable_coding(headers_)) return fail(http::TransportFailure::cut);
  if (status >= 200) {
    state_ = State::body;
    return;
  }
  // Nobody asked to switch protocols, or to wait this long for the real answer.
  if (status == 101 || ++interim_count_ > limits::kInterimResponsesMax) {
    return fail(http::TransportFailure::cut);
  }
  parser_ = std::make_unique<Parser>(answers_head_, body_bytes_max_);
}

void ResponseReader::end() {
  if (state_ >= State::complete) return;
  if (state_ == State::head) {
    return fail(has_begun_ ? http::TransportFailure::cut : http::TransportFailure::silent);
  }
  error_code error;
  parser_->response.put_eof(error);
  if (error || !parser_->response.is_done() || !pending_.empty()) {
    return fail(http::TransportFailure::cut);
  }
  state_ = State::complete;
}

http::TransportFailure ResponseReader::failure() const {
  if (state_ == State::failed) return failure_;
  return has_begun_ ? http::TransportFailure::cut : http::TransportFailure::silent;
}

http::Response ResponseReader::take() {
  LANDFALL_ASSERT(state_ == State::complete);
  auto& message = parser_->response.get();
  return {static_cast<int>(message.result_int()), std::move(headers_), std::move(message.body())};
}

bool ResponseReader::is_reusable() const {
  return state_ == State::complete && pending_.empty() && parser_->response.keep_alive();
}

void ResponseReader::fail(http::TransportFailure failure) {
  state_ = State::failed;
  failure_ = failure;
}

}  // namespace landfall::transport
