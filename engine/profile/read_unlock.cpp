#include <chrono>
#include <cstdint>

#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

constexpr std::int64_t kIntMax = 1'000'000;

int small_integer(ObjectReader& reader, std::string_view key, std::int64_t low, std::int64_t high) {
  return static_cast<int>(reader.integer(key, low, high));
}

// A ladder that lets the first failures pass and then only grows: one that falls would reward
// another failure.
void read_lockout(ObjectReader section, PinRules& rules) {
  rules.hard_at = small_integer(section, "hard_at", 1, limits::kPinFailuresMax);
  for (ObjectReader& item : section.array("steps", limits::kLockoutStepsMax)) {
    LockoutStep step;
    step.at = small_integer(item, "at", 1, kIntMax);
    step.wait = std::chrono::seconds{item.integer("wait_s", 1, limits::kLockoutMsMax / 1000)};
    const bool follows = rules.steps.empty() ||
                         (rules.steps.back().at < step.at && rules.steps.back().wait <= step.wait);
    if (!follows) item.refuse("at", "expected steps in order that never wait less than before");
    if (step.at >= rules.hard_at) item.refuse("at", "expected less than hard_at");
    item.done();
    rules.steps.push_back(step);
  }
  section.done();
}

PinRules read_pin(ObjectReader section) {
  PinRules rules;
  rules.digits_min = section.count("digits_min", limits::kPinDigitsMin, limits::kPinDigitsMax);
  rules.digits_max = section.count("digits_max", limits::kPinDigitsMin, limits::kPinDigitsMax);
  if (rules.digits_max < rules.digits_min)
    section.refuse("digits_max", "expected at least digits_min");
  read_lockout(section.object("lockout"), rules);
  ObjectReader kdf = section.object("kdf");
  rules.kdf.memory_kib =
      kdf.count("memory_kib", limits::kKdfMemoryKibMin, limits::kKdfMemoryKibMax);
  rules.kdf.passes = small_integer(kdf, "passes", limits::kKdfPassesMin, limits::kKdfPassesMax);
  kdf.done();
  section.done();
  return rules;
}

BiometricRules read_biometric(ObjectReader section) {
  BiometricRules rules;
  rules.mode =
      section.choice<BiometricMode>("mode", {{"sealed_refresh", BiometricMode::sealed_refresh},
                                             {"server_token", BiometricMode::server_token}});
  rules.failures_max = small_integer(section, "failures_max", 1, limits::kBiometricFailuresMax);
  rules.valid_for =
      std::chrono::hours{24 * section.integer("valid_days", 1, limits::kBiometricDaysMax)};
  rules.on_failed = section.choice<OnBiometricFailed>(
      "on_failed", {{"password", OnBiometricFailed::password}, {"pin", OnBiometricFailed::pin}});
  rules.on_cancelled = section.choice<OnBiometricCancelled>(
      "on_cancelled",
      {{"stay", OnBiometricCancelled::stay}, {"password", OnBiometricCancelled::password}});
  section.done();
  return rules;
}

IdleRules read_idle(ObjectReader section) {
  IdleRules rules;
  rules.then = section.choice<OnIdle>(
      "then", {{"none", OnIdle::none}, {"lock", OnIdle::lock}, {"logout", OnIdle::logout}});
  rules.after = std::chrono::seconds{
      section.integer("after_s", limits::kIdleMsMin / 1000, limits::kIdleMsMax / 1000)};
  section.done();
  return rules;
}

}  // namespace

UnlockRules read_unlock(ObjectReader section) {
  UnlockRules rules;
  rules.at_start = section.flag_or("at_start", true);
  rules.offline_for =
      std::chrono::hours{section.integer("offline_hours", 0, limits::kOfflineHoursMax)};
  if (auto pin = section.object_if("pin")) rules.pin = read_pin(*pin);
  if (auto biometric = section.object_if("biometric")) rules.biometric = read_biometric(*biometric);
  if (auto idle = section.object_if("idle")) rules.idle = read_idle(*idle);
  const bool falls_to_pin = rules.biometric && rules.biometric->on_failed == OnBiometricFailed::pin;
  if (falls_to_pin && !rules.pin) section.refuse("biometric", "falls back to a PIN without rules");
  section.done();
  return rules;
}

}  // namespace landfall::profile
