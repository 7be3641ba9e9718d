#include "actors/transport/tls_connection.hpp"

#include <array>
#include <optional>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
// Asio's TLS functions are compiled in this file and in no other: they are the expensive ones.
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace landfall::transport {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// A server that speaks HTTP/2 too is told that we do not.
constexpr std::array<unsigned char, 9> kAlpn{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

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

class TlsConnection final : public Connection, public std::enable_shared_from_this<TlsConnection> {
 public:
  TlsConnection(asio::io_context& io, asio::ssl::context& context, const std::string& host)
      : stream_(io, context), is_named_(expect_host(stream_.native_handle(), host)) {}

  tcp::socket& socket() override { return stream_.next_layer(); }

  void handshake(Handshaken done) override {
    // Without a name every valid certificate would do.
    if (!is_named_) {
      return asio::post(socket().get_executor(), [done = std::move(done)] {
        done(asio::error::make_error_code(asio::error::invalid_argument));
      });
    }
    stream_.async_handshake(
        asio::ssl::stream_base::client,
        [self = shared_from_this(), done = std::move(done)](error_code error) { done(error); });
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

 private:
  asio::ssl::stream<tcp::socket> stream_;
  const bool is_named_;
};

}  // namespace

class TlsContext::Context final {
 public:
  explicit Context(const TlsTrust& trust) {
    SSL_CTX* const native = context_.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_alpn_protos(native, kAlpn.data(), kAlpn.size());
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
                                                        const std::string& host) {
  return std::make_shared<TlsConnection>(io, context_->get(), host);
}

}  // namespace landfall::transport
