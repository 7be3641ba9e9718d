#include "engine/host/session_json.hpp"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/profile/profile.hpp"

namespace landfall::host {
namespace {

Json organisation_json(const auth::Organisation& organisation) {
  return {
      {"id", organisation.id}, {"name", organisation.name}, {"industry", organisation.industry}};
}

// The active one by all that is known of it; a server that only ever named its id is enough.
Json active_json(const auth::SessionView& view) {
  for (const auto& organisation : view.organisations) {
    if (organisation.id == view.organisation) return organisation_json(organisation);
  }
  return {{"id", view.organisation}};
}

}  // namespace

void put_session_view(Json& json, const Profile& profile, const auth::SessionView& view) {
  json["allowed"] = view.are_routes_allowed;
  json["biometric_enabled"] = view.is_biometric_enabled;
  if (!view.busy.empty()) json["busy"] = view.busy;
  if (!view.user_name.empty()) json["user_name"] = view.user_name;
  if (!view.organisation.empty()) json["organisation"] = active_json(view);
  if (!view.organisations.empty()) {
    Json list = Json::array();
    for (const auto& organisation : view.organisations)
      list.push_back(organisation_json(organisation));
    json["organisations"] = std::move(list);
  }
  if (!view.remembered_email.empty()) json["remembered_email"] = view.remembered_email;
  if (!view.message_key.empty()) {
    json["message_key"] = view.message_key;
    json["message"] = std::string{profile.message(view.message_key)};
  }
}

}  // namespace landfall::host
