#include <catch2/catch.hpp>

#include <csignal>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "tests/actors/transport/caller.hpp"
#include "tests/actors/transport/certificates.hpp"
#include "tests/actors/transport/scripted_server.hpp"

namespace landfall::testing {
namespace {

using transport::TransportOptions;

// A TLS server that answers every request with `fine`, and remembers what it was told.
class TlsServer final {
 public:
  explicit TlsServer(const Certificate& certificate,
                     const std::function<void(SSL_CTX&)>& prepare = {})
      : context_(server_context(certificate)),
        server_([this](Peer& peer, std::size_t) { serve(peer); }) {
    // OpenSSL writes to sockets that are gone without saying MSG_NOSIGNAL.
    std::signal(SIGPIPE, SIG_IGN);
    if (prepare) prepare(*context_);
  }

  [[nodiscard]] std::string port() const { return std::to_string(server_.port()); }
  [[nodiscard]] std::size_t connections() const { return server_.connections(); }
  void wait_for_ended(std::size_t count) { server_.wait_for_ended(count); }

  // Every byte of HTTP that came out of TLS.
  [[nodiscard]] std::string heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  [[nodiscard]] std::string named() const {
    const std::lock_guard lock(mutex_);
    return named_;
  }

 private:
  void serve(Peer& peer) {
    const auto ssl = accept_tls(*context_, peer);
    if (!ssl) return;
    if (const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name)) {
      const std::lock_guard lock(mutex_);
      named_ = name;
    }
    for (std::string head = read_head(*ssl); !head.empty(); head = read_head(*ssl)) {
      {
        const std::lock_guard lock(mutex_);
        heard_ += head;
      }
      write_all(*ssl, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
    }
  }

  OpenSsl<SSL_CTX> context_;
  mutable std::mutex mutex_;
  std::string heard_;
  std::string named_;
  ScriptedServer server_;
};

TransportOptions trusting(const Certificate& authority) {
  TransportOptions options;
  options.connect_timeout = options.connect_attempt = kLong;
  options.handshake_timeout = options.headers_timeout = options.idle_timeout = kLong;
  options.trust = {false, authority.pem()};
  return options;
}

const http::Request kGet{"GET", "/", {}, ""};

// A server that the client must not talk to: the call is not sent, and no byte of it arrives.
void check_refused(const Certificate& trusted, TlsServer& server, const std::string& host) {
  Caller caller("https://" + host + ":" + server.port(), trusting(trusted));
  CHECK(caller.outcome(kGet) == "not_sent");
  server.wait_for_ended(1);
  CHECK(server.heard().empty());
}

}  // namespace

TEST_CASE("a server with a good chain and the right name is talked to, and named") {
  const Certificate authority = make_authority("good");
  TlsServer server(make_certificate(authority, {.alternative_names = "DNS:localhost"}));
  Caller caller("https://localhost:" + server.port(), trusting(authority));
  CHECK(caller.outcome(kGet) == "200 fine");
  CHECK(caller.outcome(kGet) == "200 fine");
  CHECK(server.connections() == 1);
  CHECK(server.named() == "localhost");
}

TEST_CASE("a certificate for an address is good for that address") {
  const Certificate authority = make_authority("good");
  TlsServer server(make_certificate(authority));
  Caller caller("https://127.0.0.1:" + server.port(), trusting(authority));
  CHECK(caller.outcome(kGet) == "200 fine");
}

TEST_CASE("a server whose certificate has expired hears nothing") {
  const Certificate authority = make_authority("good");
  TlsServer server(make_certificate(authority, {.begins_in_s = -3'600, .ends_in_s = -60}));
  check_refused(authority, server, "127.0.0.1");
}

TEST_CASE("a server whose certificate is not valid yet hears nothing") {
  const Certificate authority = make_authority("good");
  TlsServer server(make_certificate(authority, {.begins_in_s = 600}));
  check_refused(authority, server, "127.0.0.1");
}

TEST_CASE("a server with another's certificate hears nothing") {
  const Certificate authority = make_authority("good");
  SECTION("another name") {
    TlsServer server(make_certificate(authority, {.alternative_names = "DNS:api.example.com"}));
    check_refused(authority, server, "localhost");
  }
  SECTION("another address") {
    TlsServer server(make_certificate(authority, {.alternative_names = "IP:127.0.0.2"}));
    check_refused(authority, server, "127.0.0.1");
  }
  SECTION("a name where an address is wanted") {
    TlsServer server(make_certificate(authority, {.alternative_names = "DNS:127.0.0.1"}));
    check_refused(authority, server, "127.0.0.1");
  }
  SECTION("a part of the name left open") {
    TlsServer server(make_certificate(authority, {.alternative_names = "DNS:local*"}));
    check_refused(authority, server, "localhost");
  }
}

TEST_CASE("a server whose certificate nobody vouches for hears nothing") {
  const Certificate authority = make_authority("good");
  SECTION("an authority that is not trusted, under a trusted name") {
    const Certificate other = make_authority("good");
    TlsServer server(make_certificate(other));
    check_refused(authority, server, "127.0.0.1");
  }
  SECTION("itself") {
    const Certificate self = make_authority("self");
    TlsServer server(self);
    check_refused(authority, server, "127.0.0.1");
  }
  SECTION("a server's certificate that plays authority") {
    const Certificate leaf = make_certificate(authority);
    const Certificate below = make_certificate(leaf);
    TlsServer server(below, [&](SSL_CTX& context) {
      X509_up_ref(leaf.certificate.get());
      SSL_CTX_add_extra_chain_cert(&context, leaf.certificate.get());
    });
    check_refused(authority, server, "127.0.0.1");
  }
}

TEST_CASE("a server that speaks nothing later than TLS 1.1 hears nothing") {
  const Certificate authority = make_authority("good");
  const auto limit = [](int version) {
    return [version](SSL_CTX& context) {
      SSL_CTX_set_security_level(&context, 0);
      SSL_CTX_set_min_proto_version(&context, TLS1_VERSION);
      SSL_CTX_set_max_proto_version(&context, version);
    };
  };
  SECTION("1.1") {
    TlsServer server(make_certificate(authority), limit(TLS1_1_VERSION));
    check_refused(authority, server, "127.0.0.1");
  }
  SECTION("1.2 is enough") {
    TlsServer server(make_certificate(authority), limit(TLS1_2_VERSION));
    Caller caller("https://127.0.0.1:" + server.port(), trusting(authority));
    CHECK(caller.outcome(kGet) == "200 fine");
  }
}

TEST_CASE("what is no TLS, or stops in the handshake, has seen no request") {
  const Certificate authority = make_authority("good");
  TransportOptions options = trusting(authority);
  SECTION("cleartext") {
    ScriptedServer server([](Peer& peer, std::size_t) {
      peer.read_some();
      peer.write("HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n");
    });
    Caller caller("https://127.0.0.1:" + std::to_string(server.port()), options);
    CHECK(caller.outcome(kGet) == "not_sent");
  }
  SECTION("silence") {
    ScriptedServer server([](Peer& peer, std::size_t) { peer.wait_until_left(); });
    options.handshake_timeout = Duration{60};
    Caller caller("https://127.0.0.1:" + std::to_string(server.port()), options);
    CHECK(caller.outcome(kGet) == "not_sent");
    server.wait_for_ended(1);
  }
  SECTION("an end") {
    ScriptedServer server([](Peer& peer, std::size_t) { peer.read_some(); });
    Caller caller("https://127.0.0.1:" + std::to_string(server.port()), options);
    CHECK(caller.outcome(kGet) == "not_sent");
  }
}

TEST_CASE("a body without a length that ends without a word of TLS is a cut") {
  const Certificate authority = make_authority("good");
  const auto context = server_context(make_certificate(authority));
  std::signal(SIGPIPE, SIG_IGN);
  const bool says_goodbye = GENERATE(true, false);
  ScriptedServer server([&](Peer& peer, std::size_t) {
    const auto ssl = accept_tls(*context, peer);
    if (!ssl) return;
    (void)read_head(*ssl);
    write_all(*ssl, "HTTP/1.1 200 OK\r\n\r\n[1,2");
    if (says_goodbye) SSL_shutdown(ssl.get());
  });
  Caller caller("https://127.0.0.1:" + std::to_string(server.port()), trusting(authority));
  CHECK(caller.outcome(kGet) == (says_goodbye ? "200 [1,2" : "cut"));
}

TEST_CASE("certificates that cannot be read are trust in nobody") {
  const Certificate authority = make_authority("good");
  TlsServer server(make_certificate(authority));
  TransportOptions options = trusting(authority);
  options.trust.authorities_pem =
      "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
  Caller caller("https://127.0.0.1:" + server.port(), options);
  CHECK(caller.outcome(kGet) == "not_sent");
}

}  // namespace landfall::testing
