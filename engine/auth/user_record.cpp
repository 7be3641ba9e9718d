#include "engine/auth/user_record.hpp"

#include "engine/auth/jwt.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/session_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

#include <sodium.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace landfall::auth {
namespace {

constexpr std::string_view kPlace = "sessions.profile_data";
constexpr std::int64_t kFormat = 1;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// The length keeps ("ab", "c") and ("a", "bc") apart.
std::string primary_key(std::string_view user_id, std::string_view organisation) {
  return std::to_string(user_id.size()) + ":" + std::string{user_id} + std::string{organisation};
}

std::string text_or_nothing(const Json* value, std::size_t bytes_max) {
  if (value == nullptr) return {};
  if (value->is_number_integer()) return dump_json(*value);
  if (!value->is_string() || value->get_ref<const std::string&>().size() > bytes_max) return {};
  return value->get<std::string>();
}

// Names in their order, each once; a single text stands for itself. What is no name is left out.
std::vector<std::string> names_in(const Json* value) {
  std::vector<std::string> names;
  if (value == nullptr) return names;
  const Json list = value->is_array() ? *value : Json::array({*value});
  for (const Json& each : list) {
    const std::string name = text_or_nothing(&each, limits::kPermissionBytesMax);
    const bool is_known = std::find(names.begin(), names.end(), name) != names.end();
    if (!name.empty() && !is_known && names.size() < limits::kRolesMax) names.push_back(name);
  }
  return names;
}

const Json* member(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

void read_claims(const profile::ClaimRules& rules, std::string_view access_token,
                 UserRecord& record) {
  const auto claims = read_jwt_claims(access_token);
  if (!claims) return;
  if (record.roles.empty() && !rules.roles.empty())
    record.roles = names_in(member(*claims, rules.roles));
  for (const std::string& name : rules.kept) {
    std::string value = text_or_nothing(member(*claims, name), limits::kClaimBytesMax);
    if (!value.empty()) record.claims.emplace(name, std::move(value));
  }
}

Json to_json(const UserRecord& record) {
  return {{"format", kFormat},
          {"name", record.name},
          {"account_name", record.account_name},
          {"account_id", record.account_id},
          {"roles", record.roles},
          {"claims", record.claims},
          {"active_role", record.active_role},
          {"organisations", organisations_json(record.organisations)}};
}

Result<UserRecord> record_from(const Json& json) {
  UserRecord record;
  LANDFALL_TRY_ASSIGN(const std::int64_t format, integer_at(json, "format"));
  if (format != kFormat) return failure(field_error("field.range", "", "format", "is unknown"));
  LANDFALL_TRY_ASSIGN(record.name, string_at(json, "name"));
  LANDFALL_TRY_ASSIGN(record.account_name, string_at(json, "account_name"));
  LANDFALL_TRY_ASSIGN(record.account_id, string_at(json, "account_id"));
  LANDFALL_TRY_ASSIGN(record.active_role, string_at(json, "active_role"));
  LANDFALL_TRY_ASSIGN(const Json* roles, array_at(json, "roles"));
  record.roles = names_in(roles);
  LANDFALL_TRY_ASSIGN(const Json* claims, object_at(json, "claims"));
  for (const auto& [name, value] : claims->items()) {
    if (!value.is_string()) return failure(field_error("field.type", "", "claims", "is no text"));
    record.claims.emplace(name, value.get<std::string>());
  }
  // Older versions of the app knew of none.
  if (const Json* organisations = member(json, "organisations"))
    record.organisations = organisations_from(*organisations);
  return record;
}

tl::unexpected<Error> unreadable(std::string message) {
  return failure(ErrorClass::corrupt, "user.unreadable", std::move(message));
}

}  // namespace

UserRecord read_user(const Profile& profile, std::string_view endpoint_name, std::string_view body,
                     std::string_view access_token) {
  UserRecord record;
  const profile::Endpoint* endpoint = profile.endpoint(endpoint_name);
  const auto reply = parse_json(body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
  if (endpoint != nullptr && reply && reply->is_object()) {
    const auto text = [&](std::string_view what) {
      return text_or_nothing(profile::reply_value(*reply, *endpoint, what),
                             limits::kUserIdBytesMax);
    };
    record.name = text("user_name");
    record.account_name = text("account_name");
    record.account_id = text("account_id");
    record.roles = names_in(profile::reply_value(*reply, *endpoint, "roles"));
    record.organisations = organisations_in(*reply, *endpoint);
  }
  read_claims(profile.auth.claims, access_token, record);
  return record;
}

Status store_user(store::Transaction& device, store::Sealer& token_key, std::string_view user_id,
                  std::string_view organisation, const UserRecord& record) {
  std::string text = dump_json(to_json(record));
  const auto sealed =
      token_key.seal(kPlace, bytes_of(primary_key(user_id, organisation)), bytes_of(text));
  sodium_memzero(text.data(), text.size());
  return store::write_profile_data(device, user_id, organisation, sealed);
}

Result<std::optional<UserRecord>> load_user(const store::Reader& device,
                                            const store::Sealer& token_key,
                                            std::string_view user_id,
                                            std::string_view organisation) {
  LANDFALL_TRY_ASSIGN(const auto sealed, store::read_profile_data(device, user_id, organisation));
  if (!sealed) return std::optional<UserRecord>{};
  LANDFALL_TRY_ASSIGN(
      std::vector<std::byte> text,
      token_key.open(kPlace, bytes_of(primary_key(user_id, organisation)), *sealed));
  const auto json = parse_json({reinterpret_cast<const char*>(text.data()), text.size()},
                               {limits::kUserRecordBytesMax, limits::kJwtDepthMax});
  sodium_memzero(text.data(), text.size());
  if (!json) return unreadable("the user record is no JSON");
  auto record = record_from(*json);
  if (!record)
    return unreadable("the user record is wrong at " + record.error().field.value_or("its root"));
  return std::optional{std::move(*record)};
}

}  // namespace landfall::auth
