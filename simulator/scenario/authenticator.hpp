#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/time.hpp"

namespace landfall::scenario {

// Which code a user hands in.
enum class CodeOf {
  totp,              // what their authenticator shows now
  again,             // the one before, once more
  wrong,             // none that any authenticator of theirs shows now
  backup_code,       // the next on their list
  used_backup_code,  // the one that they crossed out last
  sms,               // of the last message
  text               // as the scenario writes it
};

// What a user with a second factor keeps beside the phone: an authenticator, and a sheet of paper
// with backup codes. It learns from what the engine replies, as they do.
class Authenticator final {
 public:
  // A request that was answered well.
  void hear(const std::string& request, const nlohmann::json& params, const nlohmann::json& result);

  // Nothing: they have no such code.
  [[nodiscard]] std::optional<std::string> code(CodeOf which, Instant now);
  // Where their messages go; empty: nowhere.
  [[nodiscard]] const std::string& phone_number() const { return phone_number_; }
  // A code that came another way was handed in.
  void note(std::string code) { last_ = std::move(code); }

 private:
  std::string key_;
  std::string phone_number_;
  std::string last_;
  std::vector<std::string> backup_codes_;
  std::size_t backup_codes_used_ = 0;
};

}  // namespace landfall::scenario
