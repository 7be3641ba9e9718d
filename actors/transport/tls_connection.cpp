#include "actors/transport/tls_connection.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
// Asio's TLS functions are compiled in this file and in no other: they are the expensive ones.
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace landfall::transport {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Names of protocols with their lengths, the preferred one first (RFC 7301).
constexpr std::string_view kHttp2{"\x02h2"};
constexpr std::string_view kHttp1{"\x08http/1.1"};

// A server that speaks HTTP/2 too is told where we do not.
bool offer_protocols(SSL* ssl, Offer offer) {
  std::string names;
  if (offer == Offer::http2_too) names += kHttp2;
  names += kHttp1;
  return SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(names.data()),
                             static_cast<unsigned>(names.size())) == 0;
}

// What the server picked of them.
bool picks_http2(const SSL* ssl) {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &name, &size);
  return std::string_view(reinterpret_cast<const char*>(name), size) == kHttp2.substr(1);
}

bool is_address(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

// Names the server in the handshake, and has its certificate checked against that name.
bool expect_host(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* const verify = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(verify, host.c_str()) == 1;
  return SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 &&
         X509_VERIFY_PARAM_set1_host(verify, host.data(), host.size()) == 1;
}

// Of a chain that the host is to judge: that nobody here vouches for its end is its only fault.
bool is_for_the_host(bool is_verified, asio::ssl::verify_context& context) {
  if (is_verified) return true;
  switch (X509_STORE_CTX_get_error(context.native_handle())) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return true;
    default:
      return false;
  }
}

// OpenSSL's way to write something: it allocates what is to be freed.
template <class Thing>
std::string der_of(const Thing* thing, int (*write)(const Thing*, unsigned char**)) {
  unsigned char* bytes = nullptr;
  const int size = write(thing, &bytes);
  std::string der;
  if (size > 0) der.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

profile::KeyHash key_hash_of(const X509* certificate) {
  const std::string key = der_of(X509_get_X509_PUBKEY(certificate), i2d_X509_PUBKEY);
  profile::KeyHash hash{};
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), hash.data());
  return hash;
}

// As it was verified, not as it was sent: a certificate that signs nothing here proves nothing.
ServerChain chain_of(SSL* ssl) {
  ServerChain chain;
  const STACK_OF(X509)* const verified = SSL_get0_verified_chain(ssl);
  for (int i = 0; i < sk_X509_num(verified); ++i) {
    const X509* const certificate = sk_X509_value(verified, i);
    chain.certificates.push_back(der_of(certificate, i2d_X509));
    chain.keys.push_back(key_hash_of(certificate));
  }
  return chain;
}

class TlsConnection final : public Connection, public std::enable_shared_from_this<TlsConnection> {
 public:
  TlsConnection(asio::io_context& io, asio::ssl::context& context, const std::string& host,
                Offer offer, TrustDesk& desk)
      : stream_(io, context),
        is_ready_(expect_host(stream_.native_handle(), host) &&
                  offer_protocols(stream_.native_handle(), offer)),
        host_(host),
        desk_(desk) {
    if (desk_.asks_host()) stream_.set_verify_callback(is_for_the_host);
  }

  tcp::socket& socket() override { return stream_.next_layer(); }

  void handshake(Handshaken done) override {
    // Without a name every valid certificate would do.
    if (!is_ready_) {
      return asio::post(socket().get_executor(), [done = std::move(done)] {
        done(asio::error::make_error_code(asio::error::invalid_argument));
      });
    }
    stream_.async_handshake(asio::ssl::stream_base::client,
                            [self = shared_from_this(), done = std::move(done)](error_code error) {
                              self->speaks_http2_ = picks_http2(self->stream_.native_handle());
                              if (error || !self->desk_.has_work()) return done(error);
                              self->put_to_the_desk(done);
                            });
  }

  void read_some(asio::mutable_buffer buffer, Moved done) override {
    stream_.async_read_some(buffer,
                            [self = shared_from_this(), done = std::move(done)](
                                error_code error, std::size_t bytes) { done(error, bytes); });
  }

  void write_some(asio::const_buffer buffer, Moved done) override {
    stream_.async_write_some(buffer,
                             [self = shared_from_this(), done = std::move(done)](
                                 error_code error, std::size_t bytes) { done(error, bytes); });
  }

  std::size_t read_waiting(asio::mutable_buffer buffer, error_code& error) override {
    return stream_.read_some(buffer, error);
  }

  [[nodiscard]] bool speaks_http2() const override { return speaks_http2_; }

 private:
  void put_to_the_desk(const Handshaken& done) {
    desk_.judge(
        host_, chain_of(stream_.native_handle()), [self = shared_from_this(), done](bool trusted) {
          done(trusted ? error_code{} : asio::error::make_error_code(asio::error::no_permission));
        });
  }

  asio::ssl::stream<tcp::socket> stream_;
  const bool is_ready_;
  bool speaks_http2_ = false;
  const std::string host_;
  TrustDesk& desk_;
};

}  // namespace

class TlsContext::Context final {
 public:
  explicit Context(const TlsTrust& trust) {
    SSL_CTX* const native = context_.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    context_.set_verify_mode(asio::ssl::verify_peer);
    error_code error;
    if (trust.system) context_.set_default_verify_paths(error);
    if (!trust.authorities_pem.empty()) {
      context_.add_certificate_authority(asio::buffer(trust.authorities_pem), error);
    }
  }

  asio::ssl::context& get() { return context_; }

 private:
  asio::ssl::context context_{asio::ssl::context::tls_client};
};

TlsContext::TlsContext(const TlsTrust& trust) : context_(std::make_unique<Context>(trust)) {}
TlsContext::~TlsContext() = default;

std::shared_ptr<Connection> TlsContext::make_connection(asio::io_context& io,
                                                        const std::string& host, Offer offer,
                                                        TrustDesk& desk) {
  return std::make_shared<TlsConnection>(io, context_->get(), host, offer, desk);
}

}  // namespace landfall::transport
