#include "engine/unlock/unlock_record.hpp"

#include "engine/base/base64.hpp"
#include "engine/base/json.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/transaction.hpp"
#include "engine/store/unlock_table.hpp"
#include "schema/limits.hpp"

#include <sodium.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <span>
#include <utility>

namespace landfall::unlock {
namespace {

constexpr std::string_view kPlace = "unlocks";
constexpr std::int64_t kFormat = 1;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Json to_json(const PinVerifier& pin) {
  Json json = {{"salt", to_base64(pin.salt)},
               {"memory_kib", pin.cost.memory_kib},
               {"passes", pin.cost.passes},
               {"box", to_base64(pin.box)}};
  if (pin.old_salt) json["old_salt"] = to_base64(*pin.old_salt);
  return json;
}

Json to_json(const UnlockRecord& record) {
  Json json = {{"format", kFormat},
               {"email", record.email},
               {"failures", record.failures},
               {"wait_until_ms", record.wait_until_ms},
               {"active_ms", record.active_ms}};
  if (record.online_ms) json["online_ms"] = *record.online_ms;
  if (record.pin) json["pin"] = to_json(*record.pin);
  if (record.biometric) {
    json["biometric"] = {{"box", to_base64(record.biometric->box)},
                         {"enrolled_ms", record.biometric->enrolled_ms},
                         {"failures", record.biometric->failures}};
  }
  if (record.attestation_key) json["attestation_key"] = to_base64(record.attestation_key->reveal());
  return json;
}

Result<std::vector<std::byte>> bytes_at(const Json& json, std::string_view key) {
  LANDFALL_TRY_ASSIGN(const std::string text, string_at(json, key));
  auto bytes = from_base64(text);
  if (!bytes) return failure(field_error("field.range", "", key, "is no base64"));
  return std::move(*bytes);
}

Result<int> small_at(const Json& json, std::string_view key, int most) {
  LANDFALL_TRY_ASSIGN(const std::int64_t value, integer_at(json, key));
  if (value < 0 || value > most) return failure(field_error("field.range", "", key, "is too much"));
  return static_cast<int>(value);
}

Result<PinVerifier> pin_from(const Json& json) {
  constexpr int kKibMost = 4'000'000;
  PinVerifier pin;
  LANDFALL_TRY_ASSIGN(const auto salt, bytes_at(json, "salt"));
  if (salt.size() != kSaltBytes)
    return failure(field_error("field.range", "", "salt", "is no salt"));
  std::copy(salt.begin(), salt.end(), pin.salt.begin());
  LANDFALL_TRY_ASSIGN(const int memory_kib, small_at(json, "memory_kib", kKibMost));
  pin.cost.memory_kib = static_cast<std::size_t>(memory_kib);
  LANDFALL_TRY_ASSIGN(pin.cost.passes, small_at(json, "passes", limits::kKdfPassesMax));
  LANDFALL_TRY_ASSIGN(pin.box, bytes_at(json, "box"));
  if (json.contains("old_salt")) {
    LANDFALL_TRY_ASSIGN(pin.old_salt, bytes_at(json, "old_salt"));
  }
  return pin;
}

Result<BiometricEnrolment> biometric_from(const Json& json) {
  BiometricEnrolment enrolment;
  LANDFALL_TRY_ASSIGN(enrolment.box, bytes_at(json, "box"));
  LANDFALL_TRY_ASSIGN(enrolment.enrolled_ms, integer_at(json, "enrolled_ms"));
  LANDFALL_TRY_ASSIGN(enrolment.failures,
                      small_at(json, "failures", limits::kBiometricFailuresMax));
  return enrolment;
}

Result<std::shared_ptr<const store::SecretKey>> key_from(const Json& json, std::string_view key) {
  LANDFALL_TRY_ASSIGN(auto bytes, bytes_at(json, key));
  if (bytes.size() != store::kSecretKeyBytes)
    return failure(field_error("field.range", "", key, "is no key"));
  auto made = std::make_shared<const store::SecretKey>(
      std::span<const std::byte, store::kSecretKeyBytes>(bytes.data(), bytes.size()));
  sodium_memzero(bytes.data(), bytes.size());
  return made;
}

Result<UnlockRecord> record_from(const Json& json) {
  UnlockRecord record;
  LANDFALL_TRY_ASSIGN(const std::int64_t format, integer_at(json, "format"));
  if (format != kFormat) return failure(field_error("field.range", "", "format", "is unknown"));
  LANDFALL_TRY_ASSIGN(record.email, string_at(json, "email"));
  LANDFALL_TRY_ASSIGN(record.failures, small_at(json, "failures", limits::kPinFailuresMax));
  LANDFALL_TRY_ASSIGN(record.wait_until_ms, integer_at(json, "wait_until_ms"));
  LANDFALL_TRY_ASSIGN(record.active_ms, integer_at(json, "active_ms"));
  LANDFALL_TRY_ASSIGN(record.online_ms, optional_integer_at(json, "online_ms"));
  if (json.contains("pin")) {
    LANDFALL_TRY_ASSIGN(const Json* pin, object_at(json, "pin"));
    LANDFALL_TRY_ASSIGN(record.pin, pin_from(*pin));
  }
  if (json.contains("biometric")) {
    LANDFALL_TRY_ASSIGN(const Json* biometric, object_at(json, "biometric"));
    LANDFALL_TRY_ASSIGN(record.biometric, biometric_from(*biometric));
  }
  if (json.contains("attestation_key")) {
    LANDFALL_TRY_ASSIGN(record.attestation_key, key_from(json, "attestation_key"));
  }
  return record;
}

tl::unexpected<Error> unreadable(std::string message) {
  return failure(ErrorClass::corrupt, "unlock.unreadable", std::move(message));
}

}  // namespace

Status store_record(store::Transaction& device, store::Sealer& key, std::string_view user_id,
                    const UnlockRecord& record) {
  std::string text = dump_json(to_json(record));
  const auto sealed = key.seal(kPlace, bytes_of(user_id), bytes_of(text));
  sodium_memzero(text.data(), text.size());
  return store::write_unlock(device, user_id, sealed);
}

Result<std::optional<UnlockRecord>> load_record(const store::Reader& device,
                                                const store::Sealer& key,
                                                std::string_view user_id) {
  LANDFALL_TRY_ASSIGN(const auto sealed, store::read_unlock(device, user_id));
  if (!sealed) return std::optional<UnlockRecord>{};
  LANDFALL_TRY_ASSIGN(std::vector<std::byte> text, key.open(kPlace, bytes_of(user_id), *sealed));
  const auto json = parse_json({reinterpret_cast<const char*>(text.data()), text.size()},
                               {limits::kUnlockRecordBytesMax, limits::kJwtDepthMax});
  sodium_memzero(text.data(), text.size());
  if (!json) return unreadable("the unlock record is no JSON");
  auto record = record_from(*json);
  if (!record) {
    return unreadable("the unlock record is wrong at " + record.error().field.value_or("its root"));
  }
  return std::optional{std::move(*record)};
}

}  // namespace landfall::unlock
