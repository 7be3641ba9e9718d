#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "actors/transport/codec.hpp"
#include "engine/http/message.hpp"

namespace landfall::transport {

// Makes one response out of the bytes of a connection, with every bound that a hostile server could
// pass: headers (kResponseHeaderBytesMax, kResponseHeadersMax), body, interim answers. Where the
// bytes are split makes no difference. Pure.
class ResponseReader final {
 public:
  using State = ResponseState;

  // The answer to a HEAD has no body whatever its headers say.
  ResponseReader(bool answers_head, std::size_t body_bytes_max);
  ~ResponseReader();
  ResponseReader(const ResponseReader&) = delete;
  ResponseReader& operator=(const ResponseReader&) = delete;

  void feed(std::string_view bytes);
  // The server closed the connection in order: complete when that is what ends the body.
  void end();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  // Why there is no response; in every state but `complete` what it would be if nothing more came.
  [[nodiscard]] http::TransportFailure failure() const;
  // Requires `complete`; once.
  [[nodiscard]] http::Response take();
  // The connection may carry another request: it is complete, nothing came behind it, and both
  // sides keep it open.
  [[nodiscard]] bool is_reusable() const;

 private:
  struct Parser;

  void parse_more(std::size_t& at);
  void on_head();
  void fail(http::TransportFailure failure);

  const bool answers_head_;
  const std::size_t body_bytes_max_;
  std::unique_ptr<Parser> parser_;
  std::string pending_;  // bytes that the parser cannot use yet
  http::Headers headers_;
  State state_ = State::head;
  http::TransportFailure failure_ = http::TransportFailure::silent;
  std::size_t head_bytes_ = 0;  // of all heads, interim ones too
  std::size_t interim_count_ = 0;
  bool has_begun_ = false;
};

}  // namespace landfall::transport
