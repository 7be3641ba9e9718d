#pragma once

#include <cstddef>
#include <string_view>

#include "engine/http/message.hpp"

namespace landfall::transport {

// How far a response has come.
enum class ResponseState { head, body, complete, failed };

// One request and its response as the bytes of a connection, in one version of HTTP. Knows no
// socket and no time.
class Codec {
 public:
  virtual ~Codec() = default;

  // What is to be written now, and stays where it is until `on_written` has taken it away; empty
  // when there is nothing, which may change with every `feed`.
  [[nodiscard]] virtual std::string_view unwritten() = 0;
  virtual void on_written(std::size_t bytes) = 0;
  // The last byte of the request was written.
  [[nodiscard]] virtual bool is_request_written() const = 0;

  // What the server sent, wherever it is split, and that it closed the connection in order.
  virtual void feed(std::string_view bytes) = 0;
  virtual void end() = 0;

  [[nodiscard]] virtual ResponseState state() const = 0;
  // Something of the response came.
  [[nodiscard]] virtual bool has_begun() const = 0;
  // Why there is no response; in every state but `complete` what it would be if nothing more came.
  [[nodiscard]] virtual http::TransportFailure failure() const = 0;
  // The server said that it has done nothing with the request, and never will.
  [[nodiscard]] virtual bool is_unprocessed() const = 0;
  // Requires `complete`; once.
  [[nodiscard]] virtual http::Response take() = 0;
  // The connection may carry another request: this one is over for both sides, and both keep it
  // open.
  [[nodiscard]] virtual bool is_reusable() const = 0;
};

}  // namespace landfall::transport
