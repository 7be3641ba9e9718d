#include "engine/auth/manage_second_factor.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/auth/second_factor.hpp"
#include "engine/auth/token_reply.hpp"
#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/session_body.hpp"
#include "schema/limits.hpp"

namespace landfall::auth {
namespace {

tl::unexpected<Error> told(const Profile& profile, ErrorClass kind, std::string_view key,
                           std::optional<std::string> field = std::nullopt) {
  return failure(
      Error{kind, std::string{key}, std::string{profile.message(key)}, std::move(field)});
}

tl::unexpected<Error> unanswered(const Profile& profile, const http::Answer& answer) {
  switch (answer.failure.value_or(http::TransportFailure::silent)) {
    case http::TransportFailure::not_sent:
      return told(profile, ErrorClass::wait_network, "network.not_sent");
    case http::TransportFailure::no_session:
      return told(profile, ErrorClass::auth, "network.no_session");
    case http::TransportFailure::silent:
    case http::TransportFailure::cut:
    case http::TransportFailure::too_large:
      break;
  }
  return told(profile, ErrorClass::indeterminate, "second_factor.unknown");
}

tl::unexpected<Error> refused(const Profile& profile, const http::Response& response) {
  using profile::FactorRefusal;
  const auto code = error_code_of(profile, response);
  const auto& errors = profile.second_factor->errors;
  const auto known = code ? errors.find(*code) : errors.end();
  if (known != errors.end() && known->second == FactorRefusal::wrong_code)
    return told(profile, ErrorClass::refused, "second_factor.wrong_code", "params.code");
  if (known != errors.end() && known->second == FactorRefusal::code_used)
    return told(profile, ErrorClass::refused, "second_factor.code_used", "params.code");
  const bool may_pass = response.status >= 500 || response.status == 429 || response.status == 408;
  if (may_pass) return told(profile, ErrorClass::transient, "second_factor.server_error");
  return told(profile, ErrorClass::refused, "second_factor.refused");
}

// Text for a user's eyes: short, and without a control character.
std::optional<Secret<std::string>> shown_at(const Json* value, std::size_t bytes_max) {
  if (value == nullptr || !value->is_string()) return std::nullopt;
  const auto& text = value->get_ref<const std::string&>();
  const bool is_plain =
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
  if (text.empty() || text.size() > bytes_max || !is_plain) return std::nullopt;
  return Secret<std::string>{text};
}

bool read_set_up(const Json& reply, const profile::Endpoint& endpoint, FactorSecrets& secrets) {
  auto url = shown_at(profile::reply_value(reply, endpoint, "factor_url"), limits::kTargetBytesMax);
  auto key = shown_at(profile::reply_value(reply, endpoint, "factor_key"), limits::kTargetBytesMax);
  if (!url && !key) return false;
  if (url) secrets.url = std::move(*url);
  if (key) secrets.manual_key = std::move(*key);
  return true;
}

bool read_backup_codes(const Json& reply, const profile::Endpoint& endpoint,
                       FactorSecrets& secrets) {
  const Json* codes = profile::reply_value(reply, endpoint, "backup_codes");
  if (codes == nullptr || !codes->is_array() || codes->size() > limits::kBackupCodesMax)
    return false;
  for (const auto& code : *codes) {
    auto shown = shown_at(&code, limits::kBackupCodeBytesMax);
    if (!shown) return false;
    secrets.backup_codes.push_back(std::move(*shown));
  }
  return true;
}

}  // namespace

std::string_view endpoint_of(FactorTask task) noexcept {
  switch (task) {
    case FactorTask::set_up:
      return "second_factor_setup";
    case FactorTask::verify:
      return "second_factor_verify";
    case FactorTask::backup_codes:
      return "second_factor_backup_codes";
    case FactorTask::disable:
      return "second_factor_disable";
  }
  return "second_factor_setup";
}

Result<http::ApiCall> manage_call(const Profile& profile, const std::string& device_id,
                                  const FactorWish& wish) {
  const profile::Endpoint* endpoint = profile.endpoint(endpoint_of(wish.task));
  if (!profile.second_factor || endpoint == nullptr)
    return told(profile, ErrorClass::invalid, "second_factor.off");
  const bool is_bad_number = !wish.phone_number.empty() && wish.phone_number.front() != '+';
  if (is_bad_number)
    return told(profile, ErrorClass::invalid, "second_factor.phone_invalid", "params.phone_number");
  http::ApiCall call{endpoint->name, {}, {}, {}};
  if (!endpoint->body) return call;
  const Json values = {
      {"code", wish.code.reveal()}, {"phone_number", wish.phone_number}, {"device_id", device_id}};
  LANDFALL_TRY_ASSIGN(
      call.body, profile::fill_body(profile::SessionBody::factor_task, *endpoint->body, values));
  return call;
}

Result<FactorSecrets> read_managed(const Profile& profile, FactorTask task,
                                   const http::Answer& answer) {
  if (!answer.response) return unanswered(profile, answer);
  const http::Response& response = *answer.response;
  if (response.status / 100 != 2) return refused(profile, response);
  FactorSecrets secrets;
  if (task == FactorTask::disable) return secrets;
  const profile::Endpoint& endpoint = *profile.endpoint(endpoint_of(task));
  const auto reply =
      parse_json(response.body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
  const bool is_read =
      reply && (task == FactorTask::set_up ? read_set_up(*reply, endpoint, secrets)
                                           : read_backup_codes(*reply, endpoint, secrets));
  if (!is_read) return told(profile, ErrorClass::indeterminate, "second_factor.answer_invalid");
  return secrets;
}

}  // namespace landfall::auth
