#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tests/actors/transport/certificates.hpp"
#include "tests/actors/transport/scripted_server.hpp"
#include "tests/http2_peer.hpp"

namespace landfall::testing {

// HTTP/2 on a scripted connection, in blocking calls.
class Http2Talk final {
 public:
  explicit Http2Talk(Peer& peer, const Http2Peer::Settings& settings = {})
      : peer_(settings),
        read_([&peer] { return peer.read_some(); }),
        write_([&peer](const std::string& bytes) { peer.write(bytes); }) {}
  explicit Http2Talk(SSL& ssl)
      : read_([&ssl] { return read_some(ssl); }),
        write_([&ssl](const std::string& bytes) { write_all(ssl, bytes); }) {}

  [[nodiscard]] Http2Peer& peer() { return peer_; }

  void flush() {
    const std::string bytes = peer_.output();
    if (!bytes.empty()) write_(bytes);
  }
  // Reads once what the client sends, and answers what the protocol asks for; false when it left.
  bool pump() {
    flush();
    const std::string bytes = read_();
    const bool is_there = !bytes.empty() && peer_.feed(bytes);
    flush();
    return is_there;
  }
  // The next whole request; nothing when the client left before.
  std::optional<Http2Peer::Incoming> read_request() {
    while (true) {
      if (auto incoming = peer_.next()) return incoming;
      if (!pump()) return peer_.next();
    }
  }
  void respond(std::int32_t stream, const http::Response& response) {
    peer_.respond(stream, response);
    flush();
  }
  void wait_until_left() {
    while (pump()) {
    }
  }

 private:
  Http2Peer peer_;
  std::function<std::string()> read_;
  std::function<void(const std::string&)> write_;
};

}  // namespace landfall::testing
