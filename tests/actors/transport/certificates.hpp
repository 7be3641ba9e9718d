#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "tests/actors/transport/scripted_server.hpp"

namespace landfall::testing {

struct FreeOpenSsl {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
template <class T>
using OpenSsl = std::unique_ptr<T, FreeOpenSsl>;

// A certificate with its private key, made in the test.
struct Certificate {
  OpenSsl<X509> certificate;
  OpenSsl<EVP_PKEY> key;

  [[nodiscard]] std::string pem() const;
};

struct CertificateWishes {
  std::string alternative_names = "IP:127.0.0.1";  // as OpenSSL writes them
  long begins_in_s = -3'600;
  long ends_in_s = 3'600;
};

[[nodiscard]] Certificate make_authority(const std::string& name);
[[nodiscard]] Certificate make_certificate(const Certificate& authority,
                                           const CertificateWishes& wishes = {});

// The server's side of TLS.
[[nodiscard]] OpenSsl<SSL_CTX> server_context(const Certificate& certificate);

// TLS over a peer's connection; null when the handshake failed.
[[nodiscard]] OpenSsl<SSL> accept_tls(SSL_CTX& context, const Peer& peer);
// What the client sends next, up to the end of a head; empty when it left.
[[nodiscard]] std::string read_head(SSL& ssl);
// What comes next; empty when the client left.
[[nodiscard]] std::string read_some(SSL& ssl);
void write_all(SSL& ssl, const std::string& text);

}  // namespace landfall::testing
