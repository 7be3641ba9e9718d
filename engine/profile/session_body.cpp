#include "engine/profile/session_body.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/profile/template.hpp"

namespace landfall::profile {
namespace {

using std::string_view;

constexpr std::array<string_view, 5> kLogin{"email", "password", "device_id", "platform",
                                            "remember_me"};
constexpr std::array<string_view, 4> kRegistration{"email", "password", "name", "device_id"};
constexpr std::array<string_view, 2> kFarewell{"refresh_token", "device_id"};
constexpr std::array<string_view, 6> kFactorCode{"challenge", "code",      "method",
                                                 "email",     "device_id", "platform"};
constexpr std::array<string_view, 5> kFactorText{"challenge", "method", "email", "device_id",
                                                 "platform"};
constexpr std::array<string_view, 3> kFactorTask{"code", "phone_number", "device_id"};
constexpr std::array<string_view, 9> kDevice{
    "app_version", "attestation_key", "biometric_capable", "biometric_type", "device_id",
    "device_name", "os_version",      "platform",          "push_token"};

bool has_exactly(const Json& values, std::span<const string_view> names) {
  return values.is_object() && values.size() == names.size() &&
         std::all_of(names.begin(), names.end(),
                     [&](string_view name) { return values.contains(std::string{name}); });
}

}  // namespace

std::span<const string_view> names_in(SessionBody body) noexcept {
  switch (body) {
    case SessionBody::login:
      return kLogin;
    case SessionBody::registration:
      return kRegistration;
    case SessionBody::farewell:
      return kFarewell;
    case SessionBody::factor_code:
      return kFactorCode;
    case SessionBody::factor_text:
      return kFactorText;
    case SessionBody::factor_task:
      return kFactorTask;
    case SessionBody::device:
      return kDevice;
  }
  return {};
}

bool has_only_names_of(SessionBody body, const Json& shape) {
  const auto used = variables_in_json(shape);
  const auto known = names_in(body);
  return used && std::all_of(used->begin(), used->end(), [&](const std::string& name) {
           return std::find(known.begin(), known.end(), name) != known.end();
         });
}

Result<std::string> fill_body(SessionBody body, const Json& shape, const Json& values) {
  LANDFALL_ASSERT(has_exactly(values, names_in(body)));
  LANDFALL_TRY_ASSIGN(const Json filled, fill_json(shape, values));
  return dump_json(filled);
}

}  // namespace landfall::profile
