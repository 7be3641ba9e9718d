#pragma once

#include <memory>
#include <string>

#include "actors/transport/connection.hpp"
#include "actors/transport/tls_trust.hpp"
#include "actors/transport/trust_desk.hpp"

namespace landfall::transport {

// What the TLS connections of one transport share. TLS 1.2 or later, the chain and the host name
// verified, the server named in the handshake, nothing compressed or renegotiated.
class TlsContext final {
 public:
  // Reads the certificates to trust, which takes milliseconds: on the I/O thread, at first use.
  // With certificates that cannot be read it trusts nobody, and every handshake fails.
  explicit TlsContext(const TlsTrust& trust);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // `host` is a name or an address without brackets. A handshake has succeeded when the desk has
  // judged the server too: where it asks the host about chains, one that nobody here vouches for is
  // put to it instead of refused, names, dates and signatures being verified as ever. The context
  // and the desk outlive the connection.
  [[nodiscard]] std::shared_ptr<Connection> make_connection(boost::asio::io_context& io,
                                                            const std::string& host, Offer offer,
                                                            TrustDesk& desk);

 private:
  class Context;
  std::unique_ptr<Context> context_;
};

}  // namespace landfall::transport
