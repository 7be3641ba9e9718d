#include "engine/attest/statement.hpp"

#include <algorithm>
#include <span>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "engine/base/json.hpp"

namespace landfall::attest {
namespace {

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  return hex.data();
}

}  // namespace

std::string_view to_string(Method method) noexcept {
  return method == Method::pin ? "pin" : "biometric";
}

std::optional<Method> method_from(std::string_view word) noexcept {
  if (word == "pin") return Method::pin;
  if (word == "biometric") return Method::biometric;
  return std::nullopt;
}

Nonce draw_nonce(SecureRandom& random) {
  Nonce nonce{};
  random.fill(nonce);
  return nonce;
}

Attested attested(const Decision& decision) {
  const Json words =
      Json::array({"landfall.decision.1", to_text(decision.id), decision.entity.type,
                   decision.entity.id, decision.action, sha256_hex(decision.payload)});
  return {decision.id, sha256_hex(dump_json(words))};
}

bool covers(const Statement& statement, const Decision& decision) {
  const auto& said = statement.operations;
  return std::find(said.begin(), said.end(), attested(decision)) != said.end();
}

std::string canonical(const Statement& statement) {
  Json operations = Json::array();
  for (const Attested& operation : statement.operations)
    operations.push_back(Json::array({to_text(operation.id), operation.hash}));
  return dump_json(
      Json::array({"landfall.attestation.1", statement.device_id, statement.user_id,
                   to_string(statement.method), format_rfc3339(statement.at), statement.elapsed_ms,
                   to_base64(statement.nonce), std::move(operations)}));
}

}  // namespace landfall::attest
