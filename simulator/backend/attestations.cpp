#include "simulator/backend/attestations.hpp"

#include "engine/attest/attestation.hpp"
#include "engine/base/base64.hpp"
#include "engine/base/json.hpp"

namespace landfall::backend {
namespace {

using attest::Attestation;

Attestations::Judgement refused(std::string code, std::string message) {
  return {Attestations::Verdict::refused, {std::move(code), std::move(message)}};
}

Attestations::Judgement invalid(std::string message) {
  return refused("ATTESTATION_INVALID", std::move(message));
}

// By what the server itself received: another payload has another hash.
bool is_about(const Attestation& made, const PushedOperation& operation) {
  const auto id = parse_id<OperationId>(operation.id);
  return id && attest::covers(made.statement, {*id, operation.entity, operation.action,
                                               dump_json(operation.payload)});
}

}  // namespace

bool Attestations::register_key(std::string_view user_id, std::string_view device_id,
                                std::string_view public_key, Instant now) {
  const auto key = from_base64(public_key);
  if (!key || key->size() != attest::PublicKey{}.size()) return false;
  Query(database_, "INSERT INTO attestation_keys VALUES (?,?,?,?) ON CONFLICT DO NOTHING", user_id,
        device_id, public_key, now.unix_ms)
      .run();
  return true;
}

bool Attestations::knows_key(const Caller& caller, const std::string& public_key) {
  Query row(database_,
            "SELECT 1 FROM attestation_keys WHERE user_id = ? AND device_id = ? AND public_key = ?",
            caller.user_id, caller.device_id, public_key);
  return row.step();
}

// One statement may be about a group, whose operations are decided one after the other.
bool Attestations::take_nonce(const std::string& nonce, const std::string& signature) {
  Query known(database_, "SELECT signature FROM attestation_nonces WHERE nonce = ?", nonce);
  if (known.step()) return known.text(0) == signature;
  Query(database_, "INSERT INTO attestation_nonces VALUES (?,?)", nonce, signature).run();
  return true;
}

Attestations::Judgement Attestations::judge(const Caller& caller, const PushedOperation& operation,
                                            Instant now) {
  if (!options_.attested.contains(operation.entity.type + "/" + operation.action)) return {};
  if (operation.attestation.is_null())
    return refused("ATTESTATION_REQUIRED", "This decision needs a signed attestation.");
  const auto made = attest::from_json(operation.attestation, options_.attestation_fields);
  if (!made) return invalid("The attestation is none.");
  const attest::Statement& statement = made->statement;
  if (statement.user_id != caller.user_id || statement.device_id != caller.device_id)
    return invalid("The attestation is of another user or device.");
  if (!attest::is_sound(*made)) return invalid("The signature does not fit the attestation.");
  if (!is_about(*made, operation)) return invalid("The attestation is about something else.");
  if (!knows_key(caller, to_base64(made->key))) return {Verdict::unknown_key, {}};
  const Duration age = now - statement.at;
  if (age < -kAttestationAhead || age > options_.attestation_age)
    return refused("ATTESTATION_TIME", "The attestation is too old, or from the future.");
  if (!take_nonce(to_base64(statement.nonce), to_base64(made->signature)))
    return refused("ATTESTATION_REPLAYED", "The nonce was used for something else.");
  return {};
}

}  // namespace landfall::backend
