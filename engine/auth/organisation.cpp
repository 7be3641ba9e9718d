#include "engine/auth/organisation.hpp"

#include "engine/base/text.hpp"
#include "engine/profile/profile.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace landfall::auth {
namespace {

std::string text_in(const Json* value) {
  if (value == nullptr || !value->is_string()) return {};
  return std::string{
      first_characters(value->get_ref<const std::string&>(), limits::kOrganisationTextBytesMax)};
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

std::vector<Organisation> read_list(const Json* list, const profile::Endpoint& endpoint) {
  std::vector<Organisation> read;
  if (list == nullptr || !list->is_array()) return read;
  for (const Json& item : *list) {
    auto organisation = organisation_in(item, endpoint);
    if (!organisation || read.size() == limits::kOrganisationsMax) continue;
    const bool is_known = std::any_of(read.begin(), read.end(), [&](const Organisation& known) {
      return known.id == organisation->id;
    });
    if (!is_known) read.push_back(std::move(*organisation));
  }
  return read;
}

}  // namespace

bool is_id_text(std::string_view text) {
  return !text.empty() && text.size() <= limits::kUserIdBytesMax &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::vector<Organisation> organisations_in(const Json& reply, const profile::Endpoint& endpoint) {
  return read_list(profile::reply_value(reply, endpoint, "organisations"), endpoint);
}

Json organisations_json(const std::vector<Organisation>& organisations) {
  Json list = Json::array();
  for (const Organisation& each : organisations)
    list.push_back({{"id", each.id}, {"name", each.name}, {"industry", each.industry}});
  return list;
}

std::vector<Organisation> organisations_from(const Json& list) {
  return read_list(&list, profile::Endpoint{});
}

}  // namespace landfall::auth
