#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/time.hpp"

namespace landfall::profile {

// SHA-256 of a certificate's SubjectPublicKeyInfo: it outlives the certificate, as long as its
// owner keeps the key.
using KeyHash = std::array<std::uint8_t, 32>;

// The keys of which one must stand in the verified chain of a host. At least two, so that one can
// be lost; and an end, so that an app that nobody updates is not locked out for good (NETWORK-2).
struct PinSet {
  std::string host;  // lower case
  std::vector<KeyHash> keys;
  Instant expires_at;  // from then on they are not looked at
};

// Who says whether a server's chain is to be believed.
enum class ChainJudge {
  system,  // the certificates that the system trusts, as OpenSSL finds them
  host     // the app, which asks its platform: on phones the system's are not where OpenSSL looks
};

struct TrustRules {
  ChainJudge chain = ChainJudge::system;
  std::vector<PinSet> pins;  // by host; a host that has none is not pinned
};

}  // namespace landfall::profile
