#include "engine/auth/user_profile.hpp"

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/session_table.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace landfall::auth {
namespace {

constexpr std::string_view kPlace = "sessions.profile_data";

std::string text_in(const Json* value) {
  if (value == nullptr || !value->is_string()) return {};
  std::string text = value->get<std::string>();
  if (text.size() <= limits::kOrganisationTextBytesMax) return text;
  // Not in the middle of a character.
  std::size_t end = limits::kOrganisationTextBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

// Where a part of an item stands; by its own name where the profile says nothing.
std::string_view path_of(const profile::Endpoint& endpoint, std::string_view what,
                         std::string_view usual) {
  const auto named = endpoint.reply.find(what);
  return named == endpoint.reply.end() ? usual : std::string_view{named->second};
}

std::optional<Organisation> organisation_in(const Json& item, const profile::Endpoint& endpoint) {
  if (!item.is_object()) return std::nullopt;
  const Json* id = profile::reply_value(item, path_of(endpoint, "organisation_id", "id"));
  if (id == nullptr || !id->is_string() || !is_id_text(id->get_ref<const std::string&>()))
    return std::nullopt;
  return Organisation{
      id->get<std::string>(),
      text_in(profile::reply_value(item, path_of(endpoint, "organisation_name", "name"))),
      text_in(profile::reply_value(item, path_of(endpoint, "organisation_industry", "industry")))};
}

void add(std::vector<Organisation>& to, Organisation organisation) {
  const bool is_known = std::any_of(
      to.begin(), to.end(), [&](const Organisation& known) { return known.id == organisation.id; });
  if (!is_known && to.size() < limits::kOrganisationsMax) to.push_back(std::move(organisation));
}

std::span<const std::byte> row_of(const PartitionId& partition) {
  return std::as_bytes(std::span(partition.bytes));
}

Json to_json(const UserProfile& profile) {
  Json organisations = Json::array();
  for (const Organisation& each : profile.organisations)
    organisations.push_back({{"id", each.id}, {"name", each.name}, {"industry", each.industry}});
  return {{"name", profile.name}, {"organisations", std::move(organisations)}};
}

UserProfile profile_from(const Json& json) {
  UserProfile profile;
  if (!json.is_object()) return profile;
  profile.name = text_in(profile::reply_value(json, "name"));
  const Json* list = profile::reply_value(json, "organisations");
  if (list == nullptr || !list->is_array()) return profile;
  for (const Json& item : *list) {
    if (auto organisation = organisation_in(item, profile::Endpoint{}))
      add(profile.organisations, std::move(*organisation));
  }
  return profile;
}

}  // namespace

bool is_id_text(std::string_view text) {
  return !text.empty() && text.size() <= limits::kUserIdBytesMax &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

UserProfile user_profile_in(const Profile& profile, std::string_view endpoint_name,
                            std::string_view body) {
  UserProfile read;
  const profile::Endpoint* endpoint = profile.endpoint(endpoint_name);
  const auto reply = parse_json(body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
  if (endpoint == nullptr || !reply || !reply->is_object()) return read;
  read.name = text_in(profile::reply_value(*reply, *endpoint, "user_name"));
  const Json* list = profile::reply_value(*reply, *endpoint, "organisations");
  if (list == nullptr || !list->is_array()) return read;
  for (const Json& item : *list) {
    if (auto organisation = organisation_in(item, *endpoint))
      add(read.organisations, std::move(*organisation));
  }
  return read;
}

Status store_user_profile(store::Transaction& device, store::Sealer& key,
                          const PartitionId& partition, const UserProfile& profile) {
  const std::string text = dump_json(to_json(profile));
  return store::write_profile_data(
      device, partition, key.seal(kPlace, row_of(partition), std::as_bytes(std::span(text))));
}

Result<UserProfile> load_user_profile(const store::Reader& device, const store::Sealer& key,
                                      const PartitionId& partition) {
  LANDFALL_TRY_ASSIGN(const auto sealed, store::read_profile_data(device, partition));
  if (!sealed) return UserProfile{};
  const auto text = key.open(kPlace, row_of(partition), *sealed);
  if (!text) return UserProfile{};
  const auto json = parse_json({reinterpret_cast<const char*>(text->data()), text->size()},
                               {limits::kUserProfileBytesMax, limits::kJwtDepthMax});
  return json ? profile_from(*json) : UserProfile{};
}

}  // namespace landfall::auth
