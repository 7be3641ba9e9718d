#include "engine/host/unlock_json.hpp"

#include <nlohmann/json.hpp>

namespace landfall::host {
namespace {

Json pin_json(const profile::PinRules& rules, const unlock::PinStatus& pin) {
  return {{"configured", pin.is_configured},    {"digits_min", rules.digits_min},
          {"digits_max", rules.digits_max},     {"failures", pin.failures},
          {"failures_left", pin.failures_left}, {"hard_locked", pin.is_hard_locked},
          {"wait_ms", pin.wait.count()}};
}

Json biometric_json(const profile::BiometricRules& rules,
                    const unlock::BiometricStatus& biometric) {
  using profile::OnBiometricCancelled;
  using profile::OnBiometricFailed;
  return {{"on_failed", rules.on_failed == OnBiometricFailed::pin ? "pin" : "password"},
          {"on_cancelled", rules.on_cancelled == OnBiometricCancelled::stay ? "stay" : "password"},
          {"enrolled", biometric.is_enrolled},
          {"expired", biometric.is_expired},
          {"valid_for_s", biometric.valid_for.count() / 1000},
          {"failures_left", biometric.failures_left}};
}

}  // namespace

Json unlock_json(const Profile& profile, const unlock::UnlockStatus& status,
                 std::string_view code) {
  const auto& rules = profile.unlock;
  Json json{{"locked", status.is_locked},
            {"protected", status.is_protected},
            {"offline_for_s", status.offline_for.count() / 1000},
            {"help", unlock::what_helps(status)}};
  if (!code.empty()) {
    json["code"] = code;
    json["message"] = profile.message(code);
  }
  if (rules.pin) json["pin"] = pin_json(*rules.pin, status.pin);
  if (rules.biometric) json["biometric"] = biometric_json(*rules.biometric, status.biometric);
  if (rules.idle.then != profile::OnIdle::none) json["idle_s"] = rules.idle.after.count() / 1000;
  return json;
}

}  // namespace landfall::host
