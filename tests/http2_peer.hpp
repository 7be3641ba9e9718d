#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/http/message.hpp"

struct nghttp2_session;

namespace landfall::testing {

// The server's side of HTTP/2 on one connection: bytes in, bytes out. It reads headers by nghttp2's
// own decoder, so that it is a witness to what the client encodes.
class Http2Peer final {
 public:
  struct Incoming {
    std::int32_t stream = 0;
    http::Request request;  // pseudo-headers are among the headers too
    std::size_t bytes = 0;  // that were fed since the request before was whole
  };
  using Settings = std::vector<std::pair<std::int32_t, std::uint32_t>>;  // RFC 9113, 6.5.2

  // What every HTTP/2 client says first.
  static constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  explicit Http2Peer(const Settings& settings = {});
  ~Http2Peer();
  Http2Peer(const Http2Peer&) = delete;
  Http2Peer& operator=(const Http2Peer&) = delete;

  // False: the client broke the protocol, and is told so by what `output` has.
  bool feed(std::string_view bytes);
  // What is to be written now.
  [[nodiscard]] std::string output();
  // The next request that is whole.
  [[nodiscard]] std::optional<Incoming> next();
  // A request that is on its way, once its headers are there; zero when there is none.
  [[nodiscard]] std::int32_t begun() const;

  // An answer before the real one.
  void inform(std::int32_t stream, int status);
  void respond(std::int32_t stream, const http::Response& response);
  // Headers and the beginning of a body that goes on.
  void respond_in_part(std::int32_t stream, const http::Response& response);
  void reset(std::int32_t stream, std::uint32_t code);
  // Says goodbye: what came behind this stream was not looked at.
  void go_away(std::int32_t last_stream);
  void ping();

 private:
  struct Callbacks;
  struct Free {
    void operator()(nghttp2_session* session) const;
  };
  struct Body {
    std::string bytes;
    std::size_t sent = 0;
    bool ends = true;
  };

  void submit(std::int32_t stream, const http::Response& response, bool ends);

  std::unique_ptr<nghttp2_session, Free> session_;
  std::size_t bytes_ = 0;
  std::map<std::int32_t, http::Request> open_;  // by stream
  std::map<std::int32_t, Body> bodies_;         // by stream
  std::deque<Incoming> whole_;
};

}  // namespace landfall::testing
