#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/attest/ed25519.hpp"
#include "engine/attest/statement.hpp"
#include "engine/base/result.hpp"
#include "engine/profile/attestation_rules.hpp"

namespace landfall::attest {

// Who may attest on this phone now: the key of the user whose outbox it is, and where the clock
// that cannot be set stands.
struct Attestor {
  std::string device_id;
  std::string user_id;
  PublicKey key{};
  std::int64_t elapsed_ms = 0;
};

// Whether an operation whose action wants a signed attestation may be accepted with this one
// (C-25). It is asked once, when the operation is handed in; what was accepted stays accepted
// however long it waits. `attestation`: compact JSON. `attestor`: nothing while no key is known.
//
// Errors: operation.attestation_required (there is none; the message names the action),
// operation.attestation_invalid (no attestation, about another operation or other words, of another
// phone, user or key, altered, or too old). Both name the field `attestation`.
[[nodiscard]] Status may_accept(const profile::AttestationRules& rules, const Decision& decision,
                                const std::optional<std::string>& attestation,
                                const std::optional<Attestor>& attestor);

// The same where the app's word is enough (`attest: bool`): that it looked at its user before it
// handed the decision in (P-58). Errors: operation.attestation_required (there is none),
// operation.attestation_invalid (it does not say so).
[[nodiscard]] Status may_accept_word(const profile::AttestationFields& fields,
                                     const Decision& decision,
                                     const std::optional<std::string>& attestation);

}  // namespace landfall::attest
