#include "engine/host/second_factor_json.hpp"

#include <nlohmann/json.hpp>

namespace landfall::host {

Json second_factor_json(const auth::SecondFactorView& view) {
  Json methods = Json::array();
  for (const auto method : view.methods) methods.push_back(auth::to_string(method));
  Json json{{"methods", std::move(methods)}};
  if (view.expires_at) json["expires_at"] = format_rfc3339(*view.expires_at);
  if (!view.sent_to.empty()) json["sent_to"] = view.sent_to;
  if (view.attempts_left) json["attempts_left"] = *view.attempts_left;
  return json;
}

void add_second_factor(Json& reply, const std::optional<auth::SecondFactorView>& view,
                       const std::string& code) {
  if (view) reply["second_factor"] = second_factor_json(*view);
  if (!code.empty()) reply["code"] = code;
}

Json managed_factor_json(auth::FactorTask task, const auth::FactorSecrets& secrets) {
  if (task == auth::FactorTask::disable) return Json::object();
  if (task == auth::FactorTask::set_up) {
    return {{"url", secrets.url.reveal()}, {"manual_key", secrets.manual_key.reveal()}};
  }
  Json codes = Json::array();
  for (const auto& code : secrets.backup_codes) codes.push_back(code.reveal());
  return {{"backup_codes", std::move(codes)}};
}

}  // namespace landfall::host
