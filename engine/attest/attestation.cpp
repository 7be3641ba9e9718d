#include "engine/attest/attestation.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "schema/limits.hpp"

namespace landfall::attest {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kHashChars = 64;

Error malformed() {
  return {ErrorClass::invalid, "operation.attestation_invalid", "is no attestation of this app",
          "attestation"};
}

template <class Bytes>
Status read_bytes(const Json& json, std::string_view key, Bytes& bytes) {
  LANDFALL_TRY_ASSIGN(const std::string text, string_at(json, key));
  const auto read = from_base64(text);
  if (!read || read->size() != bytes.size()) return failure(malformed());
  std::copy(read->begin(), read->end(), bytes.begin());
  return {};
}

bool is_hash(std::string_view text) {
  return text.size() == kHashChars &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Status read_operations(const Json& json, const profile::AttestationFields& fields,
                       std::vector<Attested>& operations) {
  LANDFALL_TRY_ASSIGN(const Json* list, array_at(json, fields.operations));
  if (list->empty() || list->size() > limits::kAttestedOperationsMax) return failure(malformed());
  for (const Json& item : *list) {
    if (!item.is_object()) return failure(malformed());
    LANDFALL_TRY_ASSIGN(const std::string id_text, string_at(item, fields.operation_id));
    const auto id = parse_id<OperationId>(id_text);
    LANDFALL_TRY_ASSIGN(std::string hash, string_at(item, fields.operation_hash));
    if (!id || !is_hash(hash)) return failure(malformed());
    operations.push_back({*id, std::move(hash)});
  }
  return {};
}

Status read(const Json& json, const profile::AttestationFields& fields, Attestation& attestation) {
  Statement& statement = attestation.statement;
  LANDFALL_TRY_ASSIGN(const std::int64_t version, integer_at(json, fields.version));
  LANDFALL_TRY_ASSIGN(const std::string method_word, string_at(json, fields.method));
  const auto method = method_from(method_word);
  LANDFALL_TRY_ASSIGN(const std::string at_text, string_at(json, fields.at));
  LANDFALL_TRY_ASSIGN(statement.at, parse_rfc3339(at_text));
  if (version != kVersion || !method) return failure(malformed());
  statement.method = *method;
  LANDFALL_TRY_ASSIGN(statement.device_id, string_at(json, fields.device));
  LANDFALL_TRY_ASSIGN(statement.user_id, string_at(json, fields.user));
  LANDFALL_TRY_ASSIGN(statement.elapsed_ms, integer_at(json, fields.elapsed));
  LANDFALL_TRY(read_bytes(json, fields.nonce, statement.nonce));
  LANDFALL_TRY(read_operations(json, fields, statement.operations));
  LANDFALL_TRY(read_bytes(json, fields.public_key, attestation.key));
  return read_bytes(json, fields.signature, attestation.signature);
}

}  // namespace

Attestation make(Statement statement, const store::SecretKey& seed) {
  const Signature signature = sign(seed, canonical(statement));
  return {std::move(statement), public_half(seed), signature};
}

bool is_sound(const Attestation& attestation) {
  return is_signed(canonical(attestation.statement), attestation.signature, attestation.key);
}

Json to_json(const Attestation& attestation, const profile::AttestationFields& fields) {
  const Statement& statement = attestation.statement;
  Json operations = Json::array();
  for (const Attested& operation : statement.operations) {
    operations.push_back(
        {{fields.operation_id, to_text(operation.id)}, {fields.operation_hash, operation.hash}});
  }
  return {{fields.verified, statement.method == Method::biometric},
          {fields.version, kVersion},
          {fields.method, to_string(statement.method)},
          {fields.device, statement.device_id},
          {fields.user, statement.user_id},
          {fields.at, format_rfc3339(statement.at)},
          {fields.elapsed, statement.elapsed_ms},
          {fields.nonce, to_base64(statement.nonce)},
          {fields.operations, std::move(operations)},
          {fields.public_key, to_base64(attestation.key)},
          {fields.signature, to_base64(attestation.signature)}};
}

Result<Attestation> from_json(const Json& json, const profile::AttestationFields& fields) {
  Attestation attestation;
  if (!json.is_object() || !read(json, fields, attestation)) return failure(malformed());
  return attestation;
}

Json flag_json(const profile::AttestationFields& fields) { return {{fields.verified, true}}; }

}  // namespace landfall::attest
