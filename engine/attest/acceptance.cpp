#include "engine/attest/acceptance.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/attest/attestation.hpp"
#include "engine/base/json.hpp"
#include "engine/base/mutant.hpp"
#include "schema/limits.hpp"

namespace landfall::attest {
namespace {

tl::unexpected<Error> invalid(std::string message) {
  return failure(Error{ErrorClass::invalid, "operation.attestation_invalid", std::move(message),
                       "attestation"});
}

tl::unexpected<Error> required(const Decision& decision, const std::string& what) {
  return failure(Error{ErrorClass::refused, "operation.attestation_required",
                       "the action " + decision.action + " of " + decision.entity.type + " needs " +
                           what + "; ask for one with operations.attest",
                       "attestation"});
}

Result<Json> parse(const std::string& attestation) {
  auto json = parse_json(attestation, {limits::kAttestationBytesMax, limits::kJsonDepthMax});
  if (!json) return invalid("it is no JSON of an attestation's size");
  return std::move(*json);
}

Status check_operation(const Statement& statement, const Decision& decision) {
  if (covers(statement, decision)) return {};
  const bool is_named = std::any_of(statement.operations.begin(), statement.operations.end(),
                                    [&](const Attested& said) { return said.id == decision.id; });
  if (!is_named) return invalid("it was made for another operation");
  if (mutant::is(mutant::Mutant::attest_any_words)) return {};
  return invalid("the operation says something else than what was attested");
}

Status check_maker(const Attestation& made, const std::optional<Attestor>& attestor) {
  if (!attestor) return invalid("no key of this user is known on this phone");
  if (made.key != attestor->key) return invalid("it was signed by another key");
  const bool is_own = made.statement.device_id == attestor->device_id &&
                      made.statement.user_id == attestor->user_id;
  if (!is_own) return invalid("it was made on another phone or by another user");
  return {};
}

}  // namespace

Status may_accept(const profile::AttestationRules& rules, const Decision& decision,
                  const std::optional<std::string>& attestation,
                  const std::optional<Attestor>& attestor) {
  if (!attestation) return required(decision, "a signed attestation");
  LANDFALL_TRY_ASSIGN(const Json json, parse(*attestation));
  LANDFALL_TRY_ASSIGN(const Attestation made, from_json(json, rules.fields));
  LANDFALL_TRY(check_maker(made, attestor));
  if (!is_sound(made)) return invalid("its signature does not fit what it says");
  LANDFALL_TRY(check_operation(made.statement, decision));
  const Duration age{attestor->elapsed_ms - made.statement.elapsed_ms};
  if (age < Duration{0}) return invalid("it is from a time that this phone has not reached");
  if (age > rules.valid_for) return invalid("it is too old; prove it once more");
  return {};
}

Status may_accept_word(const profile::AttestationFields& fields, const Decision& decision,
                       const std::optional<std::string>& attestation) {
  if (!attestation) return required(decision, "the word that its user was looked at");
  LANDFALL_TRY_ASSIGN(const Json json, parse(*attestation));
  const auto said = json.is_object() ? json.find(fields.verified) : json.end();
  if (said == json.end() || *said != Json(true))
    return invalid(fields.verified + " is not true: its user was not looked at");
  return {};
}

}  // namespace landfall::attest
