#include "engine/auth/token_record.hpp"

#include "engine/base/json.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/token_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

#include <sodium.h>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace landfall::auth {
namespace {

constexpr std::string_view kPlace = "tokens";
constexpr std::int64_t kFormat = 1;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Json to_json(const Generation& generation) {
  return {{"number", generation.number},
          {"access", generation.access->reveal()},
          {"refresh", generation.refresh->reveal()},
          {"lifetime_ms", generation.access_lifetime.count()},
          {"expires_ms", generation.expires_at.unix_ms}};
}

Json to_json(const RefreshIntent& intent) {
  Json json = {{"id", to_text(intent.id)},
               {"generation", intent.generation},
               {"last_chance", intent.last_chance},
               {"failures", intent.failures},
               {"due_ms", intent.due_at.unix_ms}};
  if (intent.held_until) json["held_until_ms"] = intent.held_until->unix_ms;
  return json;
}

Json to_json(const TokenRecord& record) {
  Json json = {{"format", kFormat},
               {"last_generation", record.last_generation},
               {"last_attempt", record.last_attempt},
               {"last_sent_ms", record.last_sent_at.unix_ms},
               {"unproven", record.unproven}};
  if (record.current) json["current"] = to_json(*record.current);
  if (record.previous) json["previous"] = to_json(*record.previous);
  if (record.intent) json["intent"] = to_json(*record.intent);
  return json;
}

SharedSecret<std::string> share(std::string text) {
  return std::make_shared<const Secret<std::string>>(std::move(text));
}

Result<Generation> generation_from(const Json& json) {
  Generation generation;
  LANDFALL_TRY_ASSIGN(generation.number, integer_at(json, "number"));
  LANDFALL_TRY_ASSIGN(std::string access, string_at(json, "access"));
  LANDFALL_TRY_ASSIGN(std::string refresh, string_at(json, "refresh"));
  LANDFALL_TRY_ASSIGN(const std::int64_t lifetime_ms, integer_at(json, "lifetime_ms"));
  LANDFALL_TRY_ASSIGN(generation.expires_at.unix_ms, integer_at(json, "expires_ms"));
  generation.access = share(std::move(access));
  generation.refresh = share(std::move(refresh));
  generation.access_lifetime = Duration{lifetime_ms};
  return generation;
}

Result<RefreshIntent> intent_from(const Json& json) {
  RefreshIntent intent;
  LANDFALL_TRY_ASSIGN(const std::string id, string_at(json, "id"));
  const auto parsed = parse_id<RequestId>(id);
  if (!parsed) return failure(field_error("field.range", "", "id", "is no UUID"));
  intent.id = *parsed;
  LANDFALL_TRY_ASSIGN(intent.generation, integer_at(json, "generation"));
  LANDFALL_TRY_ASSIGN(intent.last_chance, bool_at(json, "last_chance"));
  LANDFALL_TRY_ASSIGN(const std::int64_t failures, integer_at(json, "failures"));
  intent.failures = static_cast<int>(failures);
  LANDFALL_TRY_ASSIGN(intent.due_at.unix_ms, integer_at(json, "due_ms"));
  LANDFALL_TRY_ASSIGN(const auto held_until_ms, optional_integer_at(json, "held_until_ms"));
  if (held_until_ms) intent.held_until = Instant{*held_until_ms};
  return intent;
}

Result<std::optional<Generation>> optional_generation(const Json& json, std::string_view key) {
  if (!json.contains(key)) return std::optional<Generation>{};
  LANDFALL_TRY_ASSIGN(const Json* object, object_at(json, key));
  LANDFALL_TRY_ASSIGN(Generation generation, generation_from(*object));
  return std::optional{std::move(generation)};
}

Result<TokenRecord> record_from(const Json& json) {
  TokenRecord record;
  LANDFALL_TRY_ASSIGN(const std::int64_t format, integer_at(json, "format"));
  if (format != kFormat) return failure(field_error("field.range", "", "format", "is unknown"));
  LANDFALL_TRY_ASSIGN(record.last_generation, integer_at(json, "last_generation"));
  LANDFALL_TRY_ASSIGN(record.last_attempt, integer_at(json, "last_attempt"));
  LANDFALL_TRY_ASSIGN(record.last_sent_at.unix_ms, integer_at(json, "last_sent_ms"));
  LANDFALL_TRY_ASSIGN(const std::int64_t unproven, integer_at(json, "unproven"));
  record.unproven = static_cast<int>(unproven);
  LANDFALL_TRY_ASSIGN(record.current, optional_generation(json, "current"));
  LANDFALL_TRY_ASSIGN(record.previous, optional_generation(json, "previous"));
  if (json.contains("intent")) {
    LANDFALL_TRY_ASSIGN(const Json* object, object_at(json, "intent"));
    LANDFALL_TRY_ASSIGN(record.intent, intent_from(*object));
  }
  return record;
}

// A record that nobody but we can have sealed and that still makes no sense: a newer version or a
// bug, never an attack.
tl::unexpected<Error> unreadable(std::string message) {
  return failure(ErrorClass::corrupt, "tokens.unreadable", std::move(message));
}

// An intent must point at a generation that is there, else there would be nothing to send.
bool is_consistent(const TokenRecord& record) {
  const auto has = [&](std::int64_t number) {
    return (record.current && record.current->number == number) ||
           (record.previous && record.previous->number == number);
  };
  if (record.previous && !record.current) return false;
  return !record.intent || has(record.intent->generation);
}

}  // namespace

Status store_record(store::Transaction& device, store::Sealer& token_key, std::string_view user_id,
                    const TokenRecord& record) {
  std::string text = dump_json(to_json(record));
  const auto sealed = token_key.seal(kPlace, bytes_of(user_id), bytes_of(text));
  sodium_memzero(text.data(), text.size());
  return store::write_tokens(device, user_id, record.last_generation, sealed);
}

Result<std::optional<TokenRecord>> load_record(const store::Reader& device,
                                               const store::Sealer& token_key,
                                               std::string_view user_id) {
  LANDFALL_TRY_ASSIGN(const auto row, store::read_tokens(device, user_id));
  if (!row) return std::optional<TokenRecord>{};
  LANDFALL_TRY_ASSIGN(std::vector<std::byte> text,
                      token_key.open(kPlace, bytes_of(user_id), row->record));
  const auto json = parse_json({reinterpret_cast<const char*>(text.data()), text.size()},
                               {limits::kTokenRecordBytesMax, limits::kJwtDepthMax});
  sodium_memzero(text.data(), text.size());
  if (!json) return unreadable("the token record is no JSON");
  auto record = record_from(*json);
  if (!record)
    return unreadable("the token record is wrong at " + record.error().field.value_or("its root"));
  if (!is_consistent(*record) || record->last_generation != row->generation) {
    return unreadable("the token record contradicts its row");
  }
  return std::optional{std::move(*record)};
}

}  // namespace landfall::auth
