#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "actors/environment.hpp"
#include "actors/socket_port.hpp"
#include "actors/transport/origin.hpp"
#include "actors/transport/tls_trust.hpp"
#include "engine/profile/http_rules.hpp"
#include "engine/profile/trust_rules.hpp"
#include "schema/limits.hpp"

namespace landfall::transport {

// Engine time: the clock's speed shortens all of them.
struct TransportOptions {
  Duration connect_timeout{limits::kConnectTimeoutMs};      // name and sockets together
  Duration connect_attempt{limits::kConnectAttemptMs};      // one address of several
  Duration handshake_timeout{limits::kHandshakeTimeoutMs};  // TLS
  Duration headers_timeout{limits::kHeadersTimeoutMs};      // once the request is written
  Duration idle_timeout{limits::kBodyIdleTimeoutMs};        // between two pieces, either way
  Duration keep_alive{limits::kIdleConnectionMsMax};
  std::size_t idle_connections_max = limits::kIdleConnectionsMax;
  std::size_t calls_max = limits::kTransportCallsMax;
  // Of the calls; sockets are always opened in HTTP/1.1.
  profile::HttpVersion http_version = profile::HttpVersion::http_1_1;
  TlsTrust trust;
  profile::TrustRules rules;  // pins, and whether the host is asked about a chain
};

// The network of a device: HTTP and WebSockets to one origin over TCP and TLS, on one I/O thread of
// its own, with connections kept for the next call. Calls are in HTTP/1.1, or in HTTP/2 where the
// profile says so and the server agrees, one at a time on a connection either way. Nothing is
// followed or retried, but for one case: a kept connection that the server closed before a byte of
// the request left, or on which it refused the request unseen, is replaced by a fresh one, once.
// Bodies travel as the request says, and are in clear here.
//
// What a failure says is exact (wire.md, "What an answer means"): `not_sent` when the server cannot
// have seen the request (no name, refused, TLS, cleartext to another machine, a request that is no
// HTTP, more than `calls_max` calls), `silent` when nothing came back, `cut` when a response began
// and is none, `too_large` when it passed a limit. Any thread.
class HttpTransport final : public actors::Transport, public actors::SocketPort {
 public:
  // Without an origin every call is `not_sent`. The clock outlives the transport. Throws
  // std::system_error when there is no thread or descriptor left.
  HttpTransport(std::optional<Origin> origin, const actors::Clock& clock,
                TransportOptions options = {});
  // Calls that were not answered yet are dropped and their connections closed; when it returns the
  // thread is gone. It waits for a name server that is being asked.
  ~HttpTransport() override;
  HttpTransport(const HttpTransport&) = delete;
  HttpTransport& operator=(const HttpTransport&) = delete;

  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) override;
  // Waits for an answer that is being given, unless it is called from inside it. The connection is
  // closed soon after.
  void cancel(std::uint64_t call) override;
  // Waits for the I/O thread, which never does. A name server that is being asked is the system's
  // business and may still be asked again.
  void fall_silent() override;
  void use_trust_port(std::shared_ptr<actors::TrustPort> port) override;
  void chain_judged(std::uint64_t question, bool trusted) override;

  // WebSockets to the same origin, over the same kind of connections.
  void open_socket(std::uint64_t socket, const http::Request& request, Duration timeout,
                   std::size_t message_bytes_max, OnEvent on_event) override;
  void read_socket(std::uint64_t socket) override;
  void send_text(std::uint64_t socket, std::string text) override;
  void close_socket(std::uint64_t socket) override;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace landfall::transport
