#include "engine/auth/device_registration.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/auth/device_limit.hpp"
#include "engine/base/json.hpp"
#include "engine/http/outcome.hpp"
#include "engine/http/server_message.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/session_body.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::auth {
namespace {

// Doubled with each failure in a row, up to the longest.
Duration retry_delay(std::size_t failures) {
  std::int64_t delay_ms = limits::kRegistrationRetryMs;
  for (std::size_t i = 1; i < failures && delay_ms < limits::kRegistrationRetryMsMax; ++i)
    delay_ms *= 2;
  return Duration{std::min(delay_ms, limits::kRegistrationRetryMsMax)};
}

// A portal's page is no word of our server's.
bool is_our_answer(const http::Response& response) {
  const auto body =
      parse_json(response.body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
  return response.body.empty() || (body && body->is_object());
}

Json or_null(const std::optional<std::string>& text) {
  return text && !text->empty() ? Json(*text) : Json();
}

DeviceRefusal refusal_of(const Profile& profile, const http::Response& response, std::string body) {
  if (auto limit = device_limit_of(profile, response))
    return {std::move(body), std::move(limit->code), std::move(limit->message)};
  std::string message = http::server_message(profile, response.body);
  if (message.empty()) message = profile.message("device.refused");
  return {std::move(body), "device.refused", std::move(message)};
}

}  // namespace

std::string_view to_string(RegistrationState state) noexcept {
  switch (state) {
    case RegistrationState::waiting:
      return "waiting";
    case RegistrationState::registered:
      return "registered";
    case RegistrationState::refused:
      return "refused";
  }
  return "waiting";
}

DeviceFacts merged(DeviceFacts facts, const DeviceFacts& told) {
  if (told.push_token) facts.push_token = told.push_token;
  if (told.device_name) facts.device_name = told.device_name;
  if (told.biometric_capable) facts.biometric_capable = told.biometric_capable;
  if (told.biometric_type) facts.biometric_type = told.biometric_type;
  return facts;
}

Result<std::string> DeviceRegistration::body() const {
  const profile::Endpoint* endpoint =
      parts_.profile.endpoint(parts_.profile.devices->register_endpoint);
  const auto& phone = parts_.installation;
  const auto& facts = record_.facts;
  const Json values = {{"device_id", phone.device_id},
                       {"platform", phone.platform},
                       {"os_version", phone.os_version},
                       {"app_version", phone.app_version},
                       {"push_token", or_null(facts.push_token)},
                       {"device_name", facts.device_name.value_or(phone.device_name)},
                       {"biometric_capable", facts.biometric_capable.value_or(false)},
                       {"biometric_type", or_null(facts.biometric_type)},
                       {"attestation_key", or_null(parts_.attestation_key)}};
  return profile::fill_body(profile::SessionBody::device, *endpoint->body, values);
}

RegistrationState DeviceRegistration::state() const {
  if (record_.registered == wanted_) return RegistrationState::registered;
  return refusal() != nullptr ? RegistrationState::refused : RegistrationState::waiting;
}

const DeviceRefusal* DeviceRegistration::refusal() const {
  return record_.refusal && record_.refusal->body == wanted_ ? &*record_.refusal : nullptr;
}

Result<RegistrationEffects> DeviceRegistration::on_open(store::Transaction& device,
                                                        const DeviceFacts& told, bool by_login,
                                                        Instant now) {
  auto stored = load_device_record(device, parts_.token_key, parts_.user_id);
  if (!stored && stored.error().kind != ErrorClass::corrupt) return failure(stored.error());
  if (stored) stored_ = std::move(*stored);
  if (stored_) record_ = *stored_;
  if (by_login) record_.refusal.reset();
  record_.facts = merged(std::move(record_.facts), told);
  return keep(device, now);
}

Result<RegistrationEffects> DeviceRegistration::on_facts(store::Transaction& device,
                                                         const DeviceFacts& told, Instant now) {
  DeviceFacts facts = merged(record_.facts, told);
  // News goes at once, if the server did not ask for quiet; what is known already waits its turn.
  if (facts != record_.facts) {
    failures_ = 0;
    due_at_ = held_until_;
  }
  record_.facts = std::move(facts);
  return keep(device, now);
}

Result<RegistrationEffects> DeviceRegistration::on_attestation_key(store::Transaction& device,
                                                                   std::optional<std::string> key,
                                                                   Instant now) {
  if (key != parts_.attestation_key) {
    failures_ = 0;
    due_at_ = held_until_;
  }
  parts_.attestation_key = std::move(key);
  return keep(device, now);
}

Result<RegistrationEffects> DeviceRegistration::on_answer(store::Transaction& device,
                                                          std::uint64_t number,
                                                          const http::Answer& answer, Instant now) {
  // Of a call that was made before the machine was opened anew.
  if (number != asked_) return proceed(now);
  asked_.reset();
  calls_.on_answer(answer);
  take_verdict(answer, now);
  return keep(device, now);
}

void DeviceRegistration::take_verdict(const http::Answer& answer, Instant now) {
  http::OutcomeContext context;
  context.now = now;
  context.origin = parts_.profile.origin;
  context.retry_after_max = parts_.profile.sync.retry_after_max;
  const http::Outcome outcome = http::outcome_of(answer, context);
  switch (outcome.fate) {
    case http::Fate::by_result:
      if (!is_our_answer(*answer.response)) return try_later(std::nullopt, now);
      record_.registered = asked_body_;
      record_.refusal.reset();
      failures_ = 0;
      return;
    case http::Fate::rejected:
    case http::Fate::conflict:
      if (!is_our_answer(*answer.response)) return try_later(outcome.retry_after, now);
      record_.refusal = refusal_of(parts_.profile, *answer.response, asked_body_);
      return;
    case http::Fate::queued:
    case http::Fate::unknown:
    case http::Fate::blocked:
      return try_later(outcome.retry_after, now);
  }
}

void DeviceRegistration::try_later(std::optional<Duration> asked, Instant now) {
  ++failures_;
  due_at_ = now + asked.value_or(retry_delay(failures_));
  if (asked) held_until_ = due_at_;
}

Result<RegistrationEffects> DeviceRegistration::keep(store::Transaction& device, Instant now) {
  LANDFALL_TRY_ASSIGN(wanted_, body());
  if (stored_ != record_) {
    LANDFALL_TRY(store_device_record(device, parts_.token_key, parts_.user_id, record_));
    stored_ = record_;
  }
  return proceed(now);
}

RegistrationEffects DeviceRegistration::on_ready(bool reachable, bool authenticated, Instant now) {
  const bool came_back = (reachable && !reachable_) || (authenticated && !authenticated_);
  reachable_ = reachable;
  authenticated_ = authenticated;
  if (came_back) {
    failures_ = 0;
    due_at_ = held_until_;
  }
  return proceed(now);
}

RegistrationEffects DeviceRegistration::on_wake(Instant now) { return proceed(now); }

RegistrationEffects DeviceRegistration::proceed(Instant now) {
  RegistrationEffects effects;
  const RegistrationState current = state();
  effects.changed = std::exchange(told_, current) != current;
  if (current != RegistrationState::waiting || asked_ || !reachable_ || !authenticated_)
    return effects;
  // A clock that was set back since makes nobody wait for longer than the longest.
  const Instant longest = now + std::max(Duration{limits::kRegistrationRetryMsMax},
                                         parts_.profile.sync.retry_after_max);
  due_at_ = std::min(due_at_, longest);
  const Instant call_at = std::max(due_at_, calls_.held_until());
  if (now < call_at) {
    effects.wake_at = call_at;
    return effects;
  }
  calls_.on_sent(now);
  asked_ = ++asks_;
  asked_body_ = wanted_;
  effects.call =
      RegisterCall{*asked_, {parts_.profile.devices->register_endpoint, {}, {}, wanted_}};
  return effects;
}

}  // namespace landfall::auth
