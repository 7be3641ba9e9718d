#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

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

// Whether the server gives a new one of that type, which is made here, another id than it has here.
bool is_renamed(const Profile& profile, std::string_view type) {
  const Entity* entity = profile.entity(type);
  if (entity == nullptr || entity->ids != IdSource::server) return false;
  return std::any_of(entity->actions.begin(), entity->actions.end(),
                     [](const auto& action) { return action.second.kind == ActionKind::create; });
}

// What is signed is the operation as it was accepted: nothing in it may be called otherwise later.
void check_signed(const Profile& profile, const std::string& type, const Action& action,
                  FirstError& errors) {
  const std::string path = "entities." + type + ".actions." + action.name;
  if (!profile.attestation) {
    return errors.set("profile.missing", "attestation",
                      "is missing, expected the rules of what " + path + " has signed");
  }
  if (is_renamed(profile, type)) {
    return errors.set("profile.value", path + ".attest",
                      "expected nothing signed: the server renames what is made here");
  }
  for (const auto& [name, field] : action.payload) {
    if (field.refers_to.empty() || !is_renamed(profile, field.refers_to)) continue;
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
