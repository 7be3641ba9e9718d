#pragma once

#include <cstddef>
#include <string_view>

#include "actors/transport/codec.hpp"
#include "engine/http/message.hpp"

namespace landfall::transport {

// Makes one response out of the frames of an HTTP/2 stream, within the same bounds as
// ResponseReader. That names, order and lengths are what RFC 9113 asks for was seen to before.
// Pure.
class Http2Response final {
 public:
  // The answer to a HEAD has no body whatever its headers say.
  Http2Response(bool answers_head, std::size_t body_bytes_max)
      : answers_head_(answers_head), body_bytes_max_(body_bytes_max) {}

  void begin() { has_begun_ = true; }
  void on_header(std::string_view name, std::string_view value);
  // A head is whole: an interim one, the response's, or what trails behind its body.
  void on_head();
  void on_data(std::string_view bytes);
  // The server has said all.
  void on_end();
  // No more will come.
  void cut_off();
  // Nothing changes any more but for a response that is complete, which stays.
  void fail(http::TransportFailure failure);

  [[nodiscard]] ResponseState state() const { return state_; }
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  [[nodiscard]] http::TransportFailure failure() const;
  // Requires `complete`; once.
  [[nodiscard]] http::Response take();

 private:
  [[nodiscard]] bool says_too_much() const;

  bool answers_head_;
  std::size_t body_bytes_max_;
  http::Response response_;
  ResponseState state_ = ResponseState::head;
  http::TransportFailure failure_ = http::TransportFailure::silent;
  std::size_t head_bytes_ = 0;  // of all heads, interim ones and trailers too
  std::size_t interim_count_ = 0;
  bool has_begun_ = false;
};

}  // namespace landfall::transport
