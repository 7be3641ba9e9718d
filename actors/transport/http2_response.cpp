#include "actors/transport/http2_response.hpp"

#include <charconv>
#include <string>
#include <utility>

#include "engine/base/assert.hpp"
#include "schema/limits.hpp"

namespace landfall::transport {
namespace {

using http::TransportFailure;

// As the same header costs in HTTP/1.1: a colon, a space and the end of the line.
constexpr std::size_t kHeaderOverhead = 4;

// Zero for what is no number.
template <class Number>
Number number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : Number{};
}

}  // namespace

void Http2Response::on_header(std::string_view name, std::string_view value) {
  if (state_ >= ResponseState::complete) return;
  head_bytes_ += name.size() + value.size() + kHeaderOverhead;
  if (head_bytes_ > limits::kResponseHeaderBytesMax) return fail(TransportFailure::too_large);
  if (state_ != ResponseState::head) return;  // nobody reads what trails behind a body
  if (name == ":status") {
    response_.status = number_of<int>(value);
    return;
  }
  response_.headers.emplace_back(name, value);
  if (response_.headers.size() > limits::kResponseHeadersMax) fail(TransportFailure::too_large);
}

void Http2Response::on_head() {
  if (state_ != ResponseState::head) return;
  if (response_.status >= 200) {
    state_ = ResponseState::body;
    if (says_too_much()) fail(TransportFailure::too_large);
    return;
  }
  // Nobody asked to switch protocols, or to wait this long for the real answer.
  if (response_.status == 101 || ++interim_count_ > limits::kInterimResponsesMax)
    return fail(TransportFailure::cut);
  response_ = {};
}

bool Http2Response::says_too_much() const {
  const auto length = http::find_header(response_.headers, "content-length");
  return !answers_head_ && length && number_of<std::size_t>(*length) > body_bytes_max_;
}

void Http2Response::on_data(std::string_view bytes) {
  if (state_ != ResponseState::body) return;
  if (bytes.size() > body_bytes_max_ - response_.body.size())
    return fail(TransportFailure::too_large);
  response_.body += bytes;
}

void Http2Response::on_end() {
  if (state_ == ResponseState::body) state_ = ResponseState::complete;
}

void Http2Response::cut_off() { fail(failure()); }

void Http2Response::fail(TransportFailure failure) {
  if (state_ >= ResponseState::complete) return;
  state_ = ResponseState::failed;
  failure_ = failure;
}

TransportFailure Http2Response::failure() const {
  if (state_ == ResponseState::failed) return failure_;
  return has_begun_ ? TransportFailure::cut : TransportFailure::silent;
}

http::Response Http2Response::take() {
  LANDFALL_ASSERT(state_ == ResponseState::complete);
  return std::move(response_);
}

}  // namespace landfall::transport
