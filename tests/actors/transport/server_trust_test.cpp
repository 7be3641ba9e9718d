#include <catch2/catch.hpp>

#include <csignal>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <openssl/sha.h>

#include "tests/actors/transport/caller.hpp"
#include "tests/actors/transport/certificates.hpp"
#include "tests/actors/transport/scripted_server.hpp"

namespace landfall::testing {
namespace {

using profile::ChainJudge;
using profile::KeyHash;
using transport::TransportOptions;

// Far behind and far ahead of the test's clock, which begins at zero.
constexpr Instant kPast{-1};
constexpr Instant kFuture{4'000'000'000'000};
const http::Request kGet{"GET", "/", {}, ""};

KeyHash key_hash_of(const Certificate& certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.certificate.get()), &bytes);
  KeyHash hash{};
  SHA256(bytes, static_cast<std::size_t>(size), hash.data());
  OPENSSL_free(bytes);
  return hash;
}

// Answers every request over TLS with `fine`; the answers say what time it is where `date` says so.
class FineServer final {
 public:
  explicit FineServer(const Certificate& certificate, std::string date = "")
      : context_(server_context(certificate)),
        date_(std::move(date)),
        server_([this](Peer& peer, std::size_t) { serve(peer); }) {
    std::signal(SIGPIPE, SIG_IGN);
  }
  [[nodiscard]] std::string origin() const {
    return "https://127.0.0.1:" + std::to_string(server_.port());
  }
  void wait_for_ended(std::size_t count) { server_.wait_for_ended(count); }
  [[nodiscard]] std::string heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  void serve(Peer& peer) {
    const auto ssl = accept_tls(*context_, peer);
    if (!ssl) return;
    const std::string head = read_head(*ssl);
    if (head.empty()) return;
    {
      const std::lock_guard lock(mutex_);
      heard_ += head;
    }
    const std::string date = date_.empty() ? "" : "Date: " + date_ + "\r\n";
    write_all(*ssl,
              "HTTP/1.1 200 OK\r\nConnection: close\r\n" + date + "Content-Length: 4\r\n\r\nfine");
  }

  OpenSsl<SSL_CTX> context_;
  const std::string date_;
  mutable std::mutex mutex_;
  std::string heard_;
  ScriptedServer server_;
};

// The engine's side: answers as the test says, and remembers.
class Port final : public actors::TrustPort {
 public:
  using Judge = std::function<void(std::uint64_t question)>;

  void set_judge(Judge judge) { judge_ = std::move(judge); }
  void judge_chain(std::uint64_t question, std::string host,
                   std::vector<std::string> chain) override {
    {
      const std::lock_guard lock(mutex_);
      asked_.emplace_back(std::move(host), std::move(chain));
    }
    if (judge_) judge_(question);
  }
  void tell(actors::TrustNotice notice) override {
    const std::lock_guard lock(mutex_);
    told_.push_back(notice.host + " " + notice.code);
  }
  [[nodiscard]] std::vector<std::string> told() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }
  [[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  Judge judge_;
  mutable std::mutex mutex_;
  std::vector<std::string> told_;
  std::vector<std::pair<std::string, std::vector<std::string>>> asked_;
};

TransportOptions trusting(const Certificate& authority, profile::TrustRules rules) {
  TransportOptions options;
  options.connect_timeout = options.connect_attempt = kLong;
  options.handshake_timeout = options.headers_timeout = options.idle_timeout = kLong;
  options.trust = {false, authority.pem()};
  options.rules = std::move(rules);
  return options;
}

profile::TrustRules pinning(std::vector<KeyHash> keys, Instant expires_at,
                            ChainJudge chain = ChainJudge::system) {
  return {chain, {{"127.0.0.1", std::move(keys), expires_at}}};
}

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("NETWORK-2: a server whose key or whose authority's key is pinned is talked to") {
  const Certificate authority = make_authority("good");
  const Certificate certificate = make_certificate(authority);
  FineServer server(certificate);
  const bool by_leaf = GENERATE(true, false);
  const KeyHash pin = key_hash_of(by_leaf ? certificate : authority);
  Caller caller(server.origin(), trusting(authority, pinning({KeyHash{}, pin}, kFuture)));
  const auto port = std::make_shared<Port>();
  caller.transport().use_trust_port(port);
  CHECK(caller.outcome(kGet) == "200 fine");
  CHECK(port->told().empty());
}

TEST_CASE("NETWORK-2: a good chain without a pinned key hears nothing, and that is told once") {
  const Certificate authority = make_authority("good");
  FineServer server(make_certificate(authority));
  const KeyHash other = key_hash_of(make_authority("other"));
  Caller caller(server.origin(), trusting(authority, pinning({KeyHash{}, other}, kFuture)));
  const auto port = std::make_shared<Port>();
  caller.transport().use_trust_port(port);
  CHECK(caller.outcome(kGet) == "not_sent");
  CHECK(caller.outcome(kGet) == "not_sent");
  server.wait_for_ended(2);
  CHECK(server.heard().empty());
  CHECK(port->told() == Told{"127.0.0.1 pins.mismatch"});
}

TEST_CASE("NETWORK-2: a pinned certificate that is merely sent along proves nothing") {
  const Certificate authority = make_authority("good");
  const Certificate pinned = make_authority("pinned");
  const Certificate certificate = make_certificate(authority);
  const auto context = server_context(certificate);
  X509_up_ref(pinned.certificate.get());
  SSL_CTX_add_extra_chain_cert(context.get(), pinned.certificate.get());
  std::signal(SIGPIPE, SIG_IGN);
  ScriptedServer server([&](Peer& peer, std::size_t) {
    const auto ssl = accept_tls(*context, peer);
    if (ssl) write_all(*ssl, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
  });
  Caller caller("https://" + server.authority(),
                trusting(authority, pinning({KeyHash{}, key_hash_of(pinned)}, kFuture)));
  CHECK(caller.outcome(kGet) == "not_sent");
}

TEST_CASE("NETWORK-2: pins that have expired are not looked at, and that is told once") {
  const Certificate authority = make_authority("good");
  FineServer server(make_certificate(authority));
  Caller caller(server.origin(), trusting(authority, pinning({KeyHash{}}, kPast)));
  const auto port = std::make_shared<Port>();
  caller.transport().use_trust_port(port);
  CHECK(caller.outcome(kGet) == "200 fine");
  CHECK(caller.outcome(kGet) == "200 fine");
  CHECK(port->told() == Told{"127.0.0.1 pins.expired"});
}

TEST_CASE("NETWORK-2: whether they have is asked of the server's clock once it has been heard") {
  const Certificate authority = make_authority("good");
  FineServer server(make_certificate(authority), "Sun, 06 Nov 1994 08:49:37 GMT");
  // The device stands at 1970, and the pins ended in 1992.
  const Instant between{700'000'000'000};
  const KeyHash pin = key_hash_of(authority);
  Caller caller(server.origin(), trusting(authority, pinning({KeyHash{}, pin}, between)));
  const auto port = std::make_shared<Port>();
  caller.transport().use_trust_port(port);
  CHECK(caller.outcome(kGet) == "200 fine");
  CHECK(port->told().empty());
  CHECK(caller.outcome(kGet) == "200 fine");
  CHECK(port->told() == Told{"127.0.0.1 pins.expired"});
}

TEST_CASE("NETWORK-1: a chain whose end nobody here vouches for is the host's to judge") {
  const Certificate trusted_here = make_authority("here");
  const Certificate authority = make_authority("platform");
  const Certificate certificate = make_certificate(authority);
  FineServer server(certificate);
  Caller caller(server.origin(), trusting(trusted_here, {ChainJudge::host, {}}));
  const auto port = std::make_shared<Port>();
  caller.transport().use_trust_port(port);
  SECTION("who believes it") {
    port->set_judge(
        [&](std::uint64_t question) { caller.transport().chain_judged(question, true); });
    CHECK(caller.outcome(kGet) == "200 fine");
    REQUIRE(port->asked().size() == 1);
    CHECK(port->asked()[0].first == "127.0.0.1");
    REQUIRE_FALSE(port->asked()[0].second.empty());
    const std::string own = port->asked()[0].second.front();
    const auto* bytes = reinterpret_cast<const unsigned char*>(own.data());
    const OpenSsl<X509> read(d2i_X509(nullptr, &bytes, static_cast<long>(own.size())));
    REQUIRE(read);
    CHECK(X509_cmp(read.get(), certificate.certificate.get()) == 0);
  }
  SECTION("who does not") {
    port->set_judge(
        [&](std::uint64_t question) { caller.transport().chain_judged(question, false); });
    CHECK(caller.outcome(kGet) == "not_sent");
    server.wait_for_ended(1);
    CHECK(server.heard().empty());
    CHECK(port->told() == Told{"127.0.0.1 chain.refused"});
  }
  SECTION("who says nothing until the call is over") {
    CHECK(caller.outcome(kGet, Duration{200}) == "not_sent");
    server.wait_for_ended(1);
    CHECK(server.heard().empty());
    // A word that comes late is nobody's.
    caller.transport().chain_judged(1, true);
    caller.transport().chain_judged(77, true);
  }
  SECTION("who is not there") {
    caller.transport().use_trust_port(nullptr);
    CHECK(caller.outcome(kGet) == "not_sent");
  }
}

TEST_CASE("NETWORK-1: names, dates and signatures are never the host's to forgive") {
  const Certificate trusted_here = make_authority("here");
  const Certificate authority = make_authority("platform");
  const auto port = std::make_shared<Port>();
  const auto refuses = [&](const Certificate& certificate) {
    FineServer server(certificate);
    Caller caller(server.origin(), trusting(trusted_here, {ChainJudge::host, {}}));
    port->set_judge(
        [&](std::uint64_t question) { caller.transport().chain_judged(question, true); });
    caller.transport().use_trust_port(port);
    CHECK(caller.outcome(kGet) == "not_sent");
    server.wait_for_ended(1);
    CHECK(server.heard().empty());
  };
  refuses(make_certificate(authority, {.alternative_names = "DNS:api.example.com"}));
  refuses(make_certificate(authority, {.begins_in_s = -3'600, .ends_in_s = -60}));
  refuses(make_certificate(authority, {.begins_in_s = 600}));
  CHECK(port->asked().empty());
}

TEST_CASE("NETWORK-2: a host that believes a chain does not lift the pins") {
  const Certificate authority = make_authority("platform");
  FineServer server(make_certificate(authority));
  Caller caller(server.origin(),
                trusting(make_authority("here"), pinning({KeyHash{}}, kFuture, ChainJudge::host)));
  const auto port = std::make_shared<Port>();
  port->set_judge([&](std::uint64_t question) { caller.transport().chain_judged(question, true); });
  caller.transport().use_trust_port(port);
  CHECK(caller.outcome(kGet) == "not_sent");
  CHECK(port->asked().empty());
  CHECK(port->told() == Told{"127.0.0.1 pins.mismatch"});
}

TEST_CASE("INV-S8: a transport that falls silent waits for no word of the host") {
  const Certificate authority = make_authority("platform");
  FineServer server(make_certificate(authority));
  Caller caller(server.origin(), trusting(make_authority("here"), {ChainJudge::host, {}}));
  const auto port = std::make_shared<Port>();
  std::promise<std::uint64_t> asked;
  port->set_judge([&](std::uint64_t question) { asked.set_value(question); });
  caller.transport().use_trust_port(port);
  const auto answer = caller.start(kGet);
  const std::uint64_t question = asked.get_future().get();
  caller.transport().fall_silent();
  caller.transport().chain_judged(question, true);
  server.wait_for_ended(1);
  CHECK(server.heard().empty());
}

}  // namespace landfall::testing
