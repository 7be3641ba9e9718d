#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/json.hpp"
#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

namespace landfall::profile {
namespace {

// No two members of one object may have the same name.
void read_fields(ObjectReader section, AttestationFields& fields) {
  const std::array<std::pair<std::string_view, std::string*>, 11> outer{{
      {"verified", &fields.verified},
      {"version", &fields.version},
      {"method", &fields.method},
      {"device", &fields.device},
      {"user", &fields.user},
      {"at", &fields.at},
      {"elapsed", &fields.elapsed},
      {"nonce", &fields.nonce},
      {"operations", &fields.operations},
      {"public_key", &fields.public_key},
      {"signature", &fields.signature},
  }};
  const std::array<std::pair<std::string_view, std::string*>, 2> inner{{
      {"operation_id", &fields.operation_id},
      {"operation_hash", &fields.operation_hash},
  }};
  std::set<std::string> names;
  const auto read = [&](std::string_view key, std::string& name) {
    name = section.text_or(key, name, limits::kNameBytesMax);
    if (!names.insert(name).second) section.refuse(key, "expected a name of its own");
  };
  for (const auto& [key, name] : outer) read(key, *name);
  names.clear();
  for (const auto& [key, name] : inner) read(key, *name);
  section.done();
}

// As a member's name stands in the text, escaped and quoted.
std::size_t bytes_of(const std::string& name) { return dump_json(Json(name)).size(); }

// Of the largest text that these names make.
std::size_t largest(const AttestationFields& fields) {
  std::size_t bytes = limits::kAttestationFrameBytes;
  for (const std::string* name :
       {&fields.verified, &fields.version, &fields.method, &fields.device, &fields.user, &fields.at,
        &fields.elapsed, &fields.nonce, &fields.operations, &fields.public_key, &fields.signature})
    bytes += bytes_of(*name);
  const std::size_t each = limits::kAttestedOperationBytes + bytes_of(fields.operation_id) +
                           bytes_of(fields.operation_hash);
  return bytes + limits::kAttestedOperationsMax * each;
}

// What could be proven and then not be handed in would have been asked of its user for nothing.
void check_size(ObjectReader& section, const AttestationFields& fields) {
  const std::size_t bytes = largest(fields);
  if (bytes <= limits::kAttestationBytesMax) return;
  section.refuse("fields", "expected shorter names: an attestation of " +
                               std::to_string(limits::kAttestedOperationsMax) +
                               " operations would take " + std::to_string(bytes) +
                               " bytes, the limit is " +
                               std::to_string(limits::kAttestationBytesMax));
}

// What is signed is the operation as it was accepted: nothing in it may be called otherwise later.
void check_signed(const Profile& profile, const std::string& type, const Action& action,
                  FirstError& errors) {
  const std::string path = "entities." + type + ".actions." + action.name;
  if (!profile.attestation) {
    return errors.set("profile.missing", "attestation",
                      "is missing, expected the rules of what " + path + " has signed");
  }
  if (profile.renames(type)) {
    return errors.set("profile.value", path + ".attest",
                      "expected nothing signed: the server renames what is made here");
  }
  for (const auto& [name, field] : action.payload) {
    if (field.refers_to.empty() || !profile.renames(field.refers_to)) continue;
    errors.set("profile.value", path + ".payload." + name + ".refers_to",
               "expected no type that the server renames in what is signed");
  }
}

}  // namespace

AttestationRules read_attestation(ObjectReader section) {
  AttestationRules rules;
  rules.algorithm = section.choice_or<AttestationAlgorithm>(
      "algorithm", {{"ed25519", AttestationAlgorithm::ed25519}}, AttestationAlgorithm::ed25519);
  rules.valid_for =
      std::chrono::seconds{section.integer("valid_s", 1, limits::kAttestationValidSMax)};
  if (auto fields = section.object_if("fields")) read_fields(std::move(*fields), rules.fields);
  check_size(section, rules.fields);
  section.done();
  return rules;
}

void check_attestation(const Profile& profile, FirstError& errors) {
  for (const auto& [type, entity] : profile.entities) {
    for (const auto& [name, action] : entity.actions) {
      if (action.attest == Attest::signature) check_signed(profile, type, action, errors);
    }
  }
  if (!profile.attestation) return;
  // A key whose public half the server never hears of proves nothing there.
  const Endpoint* registers =
      profile.devices ? profile.endpoint(profile.devices->register_endpoint) : nullptr;
  if (registers == nullptr) {
    errors.set("profile.missing", "devices",
               "is missing, expected the call that registers the key of `attestation`");
  } else if (!names_attestation_key(*registers)) {
    errors.set("profile.value", "endpoints." + profile.devices->register_endpoint + ".body",
               "expected ${attestation_key} in it, because the profile has `attestation`");
  }
  if (!profile.unlock.pin && !profile.unlock.biometric) {
    errors.set("profile.missing", "unlock",
               "is missing, expected a PIN or biometrics behind which `attestation` signs");
  }
}

}  // namespace landfall::profile
