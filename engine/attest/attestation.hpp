#pragma once

#include <string>

#include "engine/attest/ed25519.hpp"
#include "engine/attest/statement.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/profile/attestation_rules.hpp"

namespace landfall::attest {

// A statement with its signature and the public half of the key that made it.
struct Attestation {
  Statement statement;
  PublicKey key{};
  Signature signature{};

  friend bool operator==(const Attestation&, const Attestation&) = default;
};

[[nodiscard]] Attestation make(Statement statement, const store::SecretKey& seed);

// The signature is the key's and covers every word of the statement. Whose key it is, the caller
// knows.
[[nodiscard]] bool is_sound(const Attestation& attestation);

// As it travels with an operation, under the profile's names. `verified` stands beside it for
// servers that read nothing else; it is not signed, and means nothing to those that do.
[[nodiscard]] Json to_json(const Attestation& attestation,
                           const profile::AttestationFields& fields);

// operation.attestation_invalid for everything that to_json would not have written; members that
// it has no name for do not count. The error names no value.
[[nodiscard]] Result<Attestation> from_json(const Json& json,
                                            const profile::AttestationFields& fields);

// What an action with `attest: bool` carries: nothing but the word.
[[nodiscard]] Json flag_json(const profile::AttestationFields& fields);

}  // namespace landfall::attest
