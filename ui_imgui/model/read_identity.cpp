#include "ui_imgui/model/read_identity.hpp"

#include <string_view>

#include <nlohmann/json.hpp>

#include "ui_imgui/model/read_reply.hpp"

namespace landfall::ui {
namespace {

using nlohmann::json;

std::vector<std::string> texts_at(const json& object, const char* key) {
  return object.value(key, std::vector<std::string>{});
}

OrganisationView organisation_of(const json& organisation) {
  return {text_at(organisation, "id"), text_at(organisation, "name"),
          text_at(organisation, "industry")};
}

ChallengeView challenge_of(const json& challenge) {
  ChallengeView view;
  view.methods = texts_at(challenge, "methods");
  view.expires_ms = time_at(challenge, "expires_at");
  view.sent_to = text_at(challenge, "sent_to");
  const auto left = challenge.find("attempts_left");
  if (left != challenge.end() && left->is_number_integer()) view.attempts_left = left->get<int>();
  return view;
}

PinView pin_of(const json& pin, std::int64_t now_ms) {
  PinView view;
  view.is_configured = pin.value("configured", false);
  view.is_hard_locked = pin.value("hard_locked", false);
  view.digits_min = pin.value("digits_min", 0);
  view.digits_max = pin.value("digits_max", 0);
  view.failures = pin.value("failures", 0);
  view.failures_left = pin.value("failures_left", 0);
  const auto wait_ms = pin.value("wait_ms", std::int64_t{0});
  if (wait_ms > 0) view.wait_until_ms = now_ms + wait_ms;
  return view;
}

}  // namespace

AppView app_of(const json& profile) {
  const json none = json::object();
  const auto section = [&](const char* key) { return profile.value(key, none); };
  const json auth = section("auth"), unlock = section("unlock");
  AppView view;
  view.name = profile.value("display_name", text_at(profile, "name"));
  view.takes_emails = text_at(auth, "login_name") == "email";
  view.can_register = section("endpoints").contains("register");
  const std::string remember = auth.value("remember", "email");
  view.remembers_email = remember != "none";
  view.remembers_password = remember == "credentials";
  view.has_pin = unlock.contains("pin");
  view.has_biometric = unlock.contains("biometric");
  view.has_second_factor = profile.contains("second_factor");
  view.has_approvals = section("entities").contains("approval");
  view.texts = section("messages").get<std::map<std::string, std::string>>();
  return view;
}

SessionView session_of(const json& status) {
  SessionView view;
  view.status = text_at(status, "status");
  view.email = text_at(status, "email");
  view.user_name = text_at(status, "user_name");
  view.busy = text_at(status, "busy");
  view.message = text_at(status, "message");
  view.remembered_email = text_at(status, "remembered_email");
  view.is_allowed = status.value("allowed", false);
  view.is_biometric_enabled = status.value("biometric_enabled", false);
  if (status.contains("organisation")) view.organisation = organisation_of(status["organisation"]);
  for (const auto& each : status.value("organisations", json::array()))
    view.organisations.push_back(organisation_of(each));
  if (status.contains("second_factor")) view.challenge = challenge_of(status["second_factor"]);
  return view;
}

LockView lock_of(const json& status, std::int64_t now_ms) {
  LockView view;
  view.is_locked = status.value("locked", false);
  view.is_protected = status.value("protected", false);
  view.help = texts_at(status, "help");
  if (status.contains("pin")) view.pin = pin_of(status["pin"], now_ms);
  if (status.contains("biometric")) {
    const json& biometric = status["biometric"];
    view.biometric =
        BiometricView{biometric.value("enrolled", false), biometric.value("expired", false),
                      biometric.value("failures_left", 0)};
  }
  return view;
}

RouteView route_of(const json& routing) {
  RouteView view;
  view.route = text_at(routing, "route");
  view.why = text_at(routing, "why");
  view.active_role = text_at(routing, "active_role");
  for (const auto& each : routing.value("dashboards", json::array())) {
    view.dashboards.push_back({text_at(each, "role"), text_at(each, "route"), text_at(each, "name"),
                               text_at(each, "description"), text_at(each, "icon")});
  }
  return view;
}

UpdateView update_of(const json& update) {
  return {text_at(update, "kind"), text_at(update, "message"), text_at(update, "minimum_version"),
          text_at(update, "recommended_version")};
}

RefusalView refusal_of(const std::string& request, const json& error) {
  const std::string path = text_at(error, "field");
  const auto dot = path.rfind('.');
  return {request, dot == std::string::npos ? path : path.substr(dot + 1), text_at(error, "code"),
          text_at(error, "message")};
}

}  // namespace landfall::ui
