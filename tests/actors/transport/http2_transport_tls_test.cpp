#include <catch2/catch.hpp>

#include <csignal>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/actors/transport/caller.hpp"
#include "tests/actors/transport/certificates.hpp"
#include "tests/actors/transport/http2_talk.hpp"
#include "tests/actors/transport/scripted_server.hpp"

namespace landfall::testing {
namespace {

using transport::TransportOptions;

const std::string kHttp2 = "\x02h2";
const std::string kHttp1 = "\x08http/1.1";

// A TLS server that picks one protocol of those that it is offered, and speaks it.
class PickyServer final {
 public:
  // Empty: it knows nothing of protocols, and speaks HTTP/1.1.
  PickyServer(const Certificate& certificate, std::string pick)
      : pick_(std::move(pick)),
        context_(server_context(certificate)),
        server_([this](Peer& peer, std::size_t) { serve(peer); }) {
    // OpenSSL writes to sockets that are gone without saying MSG_NOSIGNAL.
    std::signal(SIGPIPE, SIG_IGN);
    if (!pick_.empty()) SSL_CTX_set_alpn_select_cb(context_.get(), select, this);
  }

  [[nodiscard]] std::string origin() const { return "https://" + server_.authority(); }
  [[nodiscard]] std::size_t connections() const { return server_.connections(); }
  void wait_for_ended(std::size_t count) { server_.wait_for_ended(count); }
  // As the client named them, of the last connection.
  [[nodiscard]] std::string offered() const {
    const std::lock_guard lock(mutex_);
    return offered_;
  }

 private:
  static int select(SSL*, const unsigned char** picked, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* user) {
    auto& self = *static_cast<PickyServer*>(user);
    const std::lock_guard lock(self.mutex_);
    self.offered_ = std::string(reinterpret_cast<const char*>(offered), offered_size);
    const std::size_t at = self.offered_.find(self.pick_);
    if (at == std::string::npos) return SSL_TLSEXT_ERR_NOACK;
    *picked = offered + at + 1;
    *size = static_cast<unsigned char>(self.pick_.size() - 1);
    return SSL_TLSEXT_ERR_OK;
  }

  void serve(Peer& peer) {
    const auto ssl = accept_tls(*context_, peer);
    if (!ssl) return;
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl.get(), &name, &size);
    if (size == kHttp2.size() - 1) return serve_http2(*ssl);
    while (!read_head(*ssl).empty())
      write_all(*ssl, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n1.1");
  }

  static void serve_http2(SSL& ssl) {
    Http2Talk talk(ssl);
    while (const auto incoming = talk.read_request())
      talk.respond(incoming->stream,
                   {200, {}, http::header_text(incoming->request.headers, ":scheme")});
  }

  const std::string pick_;
  OpenSsl<SSL_CTX> context_;
  mutable std::mutex mutex_;
  std::string offered_;
  ScriptedServer server_;
};

TransportOptions trusting(const Certificate& authority, profile::HttpVersion version) {
  TransportOptions options;
  options.http_version = version;
  options.connect_timeout = options.connect_attempt = kLong;
  options.handshake_timeout = options.headers_timeout = options.idle_timeout = kLong;
  options.trust = {false, authority.pem()};
  return options;
}

const http::Request kGet{"GET", "/", {}, ""};

}  // namespace

TEST_CASE("http2: the server's pick is spoken, and kept from call to call") {
  const Certificate authority = make_authority("good");
  const auto [pick, spoken] = GENERATE(table<std::string, std::string>(
      {{kHttp2, "200 https"}, {kHttp1, "200 1.1"}, {"", "200 1.1"}}));
  PickyServer server(make_certificate(authority), pick);
  Caller caller(server.origin(), trusting(authority, profile::HttpVersion::http_2));
  for (int i = 0; i < 5; ++i) CHECK(caller.outcome(kGet) == spoken);
  CHECK(server.connections() == 1);
  if (!pick.empty()) CHECK(server.offered() == kHttp2 + kHttp1);
}

TEST_CASE("http2: it is not offered where the profile does not say so") {
  const Certificate authority = make_authority("good");
  PickyServer server(make_certificate(authority), kHttp2);
  Caller caller(server.origin(), trusting(authority, profile::HttpVersion::http_1_1));
  CHECK(caller.outcome(kGet) == "200 1.1");
  CHECK(server.offered() == kHttp1);
}

TEST_CASE("http2: it is not offered for a socket") {
  const Certificate authority = make_authority("good");
  PickyServer server(make_certificate(authority), kHttp2);
  Caller caller(server.origin(), trusting(authority, profile::HttpVersion::http_2));
  std::promise<actors::SocketEnd> ended;
  caller.transport().open_socket(1, kGet, kLong, 1'000, [&](const actors::SocketEvent& event) {
    if (event.kind == actors::SocketEvent::Kind::ended) ended.set_value(event.end);
  });
  CHECK(ended.get_future().get() == actors::SocketEnd::rejected);
  CHECK(server.offered() == kHttp1);
}

}  // namespace landfall::testing
