#include "simulator/scenario/authenticator.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/backend/totp.hpp"

namespace landfall::scenario {

void Authenticator::hear(const std::string& request, const Json& params, const Json& result) {
  if (request == "second_factor.setup") {
    key_ = backend::from_base32(result.value("manual_key", "")).value_or("");
    phone_number_ = params.value("phone_number", "");
  }
  if (result.is_object() && result.contains("backup_codes")) {
    backup_codes_ = result["backup_codes"].get<std::vector<std::string>>();
    backup_codes_used_ = 0;
  }
}

std::optional<std::string> Authenticator::code(CodeOf which, Instant now) {
  const std::string shown = backend::totp(key_, now, {});
  switch (which) {
    case CodeOf::totp:
      last_ = shown;
      break;
    case CodeOf::wrong: {
      std::string wrong = shown;
      wrong.front() = wrong.front() == '9' ? '0' : static_cast<char>(wrong.front() + 1);
      return wrong;
    }
    case CodeOf::backup_code:
      if (backup_codes_used_ >= backup_codes_.size()) return std::nullopt;
      last_ = backup_codes_[backup_codes_used_++];
      break;
    case CodeOf::used_backup_code:
      if (backup_codes_used_ == 0) return std::nullopt;
      return backup_codes_[backup_codes_used_ - 1];
    case CodeOf::again:
    case CodeOf::sms:
    case CodeOf::text:
      break;
  }
  if (last_.empty()) return std::nullopt;
  return last_;
}

}  // namespace landfall::scenario
