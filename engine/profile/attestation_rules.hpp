#pragma once

#include <string>

#include "engine/base/time.hpp"

namespace landfall::profile {

// What an operation carries to prove that whoever decided was looked at (C-25).
enum class Attest {
  none,      // nothing is asked for
  flag,      // the bare word of the app (`biometric_verified: true`), which nobody can check (P-58)
  signature  // a statement about exactly this operation, signed on this phone behind a PIN or a
             // look
};

enum class AttestationAlgorithm { ed25519 };

// The names of an attestation's members on the wire. What is signed depends on none of them.
struct AttestationFields {
  std::string verified = "biometric_verified";  // of both kinds; unsigned, for older servers
  std::string version = "version";
  std::string method = "method";
  std::string device = "device_id";
  std::string user = "user_id";
  std::string at = "attested_at";
  std::string elapsed = "elapsed_ms";
  std::string nonce = "nonce";
  std::string operations = "operations";
  std::string operation_id = "id";      // in each of `operations`
  std::string operation_hash = "hash";  // in each of `operations`
  std::string public_key = "public_key";
  std::string signature = "signature";
};

// How attestations are made (profile `attestation`).
struct AttestationRules {
  AttestationAlgorithm algorithm = AttestationAlgorithm::ed25519;
  // For so long a proof may be handed in with an operation. Once that is accepted it is never too
  // old: it waits for the network as long as the operation does (P-58).
  Duration valid_for{0};
  AttestationFields fields;
};

}  // namespace landfall::profile
