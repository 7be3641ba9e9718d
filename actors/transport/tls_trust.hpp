#pragma once

#include <string>

namespace landfall::transport {

// Whose signature under a server's certificate is believed.
struct TlsTrust {
  bool system = true;             // the certificates that the system trusts
  std::string authorities_pem{};  // more of them, concatenated; empty: none
};

}  // namespace landfall::transport
