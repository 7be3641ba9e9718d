#include "simulator/phone/secure_hardware.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "engine/base/json.hpp"

namespace landfall::phone {
namespace {

using Bytes = std::vector<std::byte>;

std::optional<Bytes> key_of(const std::string& name, bool makes, const Vault& vault,
                            SecureRandom& random) {
  if (const auto known = vault.read(name)) return from_base64(*known);
  if (!makes) return std::nullopt;
  Bytes fresh(crypto_auth_hmacsha256_KEYBYTES);
  random.fill(fresh);
  if (!vault.write(name, to_base64(fresh))) return std::nullopt;
  return fresh;
}

Json hmac_answer(const Json& data, const Vault& vault, SecureRandom& random) {
  const auto key =
      key_of("hardware/" + data.value("name", ""), data.value("make", false), vault, random);
  const auto message = from_base64(data.value("data", ""));
  if (!key || key->size() != crypto_auth_hmacsha256_KEYBYTES || !message)
    return {{"status", "absent"}};
  std::array<std::byte, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256(reinterpret_cast<unsigned char*>(mac.data()),
                         reinterpret_cast<const unsigned char*>(message->data()), message->size(),
                         reinterpret_cast<const unsigned char*>(key->data()));
  return {{"status", "value"}, {"value", to_base64(mac)}};
}

}  // namespace

std::optional<Json> answer_hardware(const std::string& port, const Json& data, const Vault& vault,
                                    SecureRandom& random) {
  if (port == "hardware.hmac") return hmac_answer(data, vault, random);
  const std::string name = "biometric/" + data.value("name", "");
  if (port == "biometric.write") {
    const bool is_kept = vault.write(name, data.value("value", ""));
    return Json{{"status", is_kept ? "done" : "unavailable"}};
  }
  if (port != "biometric.read") return std::nullopt;
  const auto value = vault.read(name);
  if (!value) return Json{{"status", "absent"}};
  return Json{{"status", "value"}, {"value", *value}};
}

}  // namespace landfall::phone
