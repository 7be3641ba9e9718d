#include "engine/auth/device_record.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/store/registration_table.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::auth {
namespace {

constexpr std::string_view kPlace = "registrations";
constexpr std::int64_t kFormat = 1;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Json to_json(const DeviceRecord& record) {
  Json facts = Json::object();
  if (record.facts.push_token) facts["push_token"] = *record.facts.push_token;
  if (record.facts.device_name) facts["device_name"] = *record.facts.device_name;
  if (record.facts.biometric_capable) facts["biometric_capable"] = *record.facts.biometric_capable;
  if (record.facts.biometric_type) facts["biometric_type"] = *record.facts.biometric_type;
  Json json = {{"format", kFormat}, {"facts", std::move(facts)}};
  if (record.registered) json["registered"] = *record.registered;
  if (record.refusal) {
    json["refusal"] = {{"body", record.refusal->body},
                       {"code", record.refusal->code},
                       {"message", record.refusal->message}};
  }
  return json;
}

Result<DeviceFacts> facts_from(const Json& json) {
  DeviceFacts facts;
  LANDFALL_TRY_ASSIGN(facts.push_token, optional_string_at(json, "push_token"));
  LANDFALL_TRY_ASSIGN(facts.device_name, optional_string_at(json, "device_name"));
  LANDFALL_TRY_ASSIGN(facts.biometric_type, optional_string_at(json, "biometric_type"));
  if (!json.contains("biometric_capable")) return facts;
  LANDFALL_TRY_ASSIGN(facts.biometric_capable, bool_at(json, "biometric_capable"));
  return facts;
}

Result<DeviceRecord> record_from(const Json& json) {
  DeviceRecord record;
  LANDFALL_TRY_ASSIGN(const std::int64_t format, integer_at(json, "format"));
  if (format != kFormat) return failure(field_error("field.range", "", "format", "is unknown"));
  LANDFALL_TRY_ASSIGN(const Json* facts, object_at(json, "facts"));
  LANDFALL_TRY_ASSIGN(record.facts, facts_from(*facts));
  LANDFALL_TRY_ASSIGN(record.registered, optional_string_at(json, "registered"));
  if (!json.contains("refusal")) return record;
  LANDFALL_TRY_ASSIGN(const Json* refusal, object_at(json, "refusal"));
  record.refusal.emplace();
  LANDFALL_TRY_ASSIGN(record.refusal->body, string_at(*refusal, "body"));
  LANDFALL_TRY_ASSIGN(record.refusal->code, string_at(*refusal, "code"));
  LANDFALL_TRY_ASSIGN(record.refusal->message, string_at(*refusal, "message"));
  return record;
}

}  // namespace

Status store_device_record(store::Transaction& device, store::Sealer& key, std::string_view user_id,
                           const DeviceRecord& record) {
  std::string text = dump_json(to_json(record));
  const auto sealed = key.seal(kPlace, bytes_of(user_id), bytes_of(text));
  sodium_memzero(text.data(), text.size());
  return store::write_registration(device, user_id, sealed);
}

Result<std::optional<DeviceRecord>> load_device_record(const store::Reader& device,
                                                       const store::Sealer& key,
                                                       std::string_view user_id) {
  LANDFALL_TRY_ASSIGN(const auto sealed, store::read_registration(device, user_id));
  if (!sealed) return std::optional<DeviceRecord>{};
  LANDFALL_TRY_ASSIGN(std::vector<std::byte> text, key.open(kPlace, bytes_of(user_id), *sealed));
  const auto json = parse_json({reinterpret_cast<const char*>(text.data()), text.size()},
                               {limits::kRegistrationBytesMax, limits::kJwtDepthMax});
  sodium_memzero(text.data(), text.size());
  auto record = json ? record_from(*json) : Result<DeviceRecord>{failure(json.error())};
  if (!record) {
    return failure(ErrorClass::corrupt, "registration.unreadable",
                   "the registration is wrong at " + record.error().field.value_or("its root"));
  }
  return std::optional{std::move(*record)};
}

}  // namespace landfall::auth
