#include "simulator/backend/sms_codes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "simulator/backend/accounts.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kDigits = 6;
constexpr std::uint32_t kCodes = 1'000'000;
constexpr std::size_t kPhoneDigitsMin = 6;
constexpr std::size_t kPhoneDigitsMax = 15;  // E.164
constexpr Duration kHour{3'600'000};
// A drawn code is never this one, so that it opens nothing where it is not wanted.
constexpr std::string_view kDevelopmentCode = "000000";

std::string hash_of(std::string_view phone_number, std::string_view code) {
  std::string salt{phone_number};
  salt.resize(std::max<std::size_t>(salt.size(), 16), '.');
  return hash_password(code, salt);
}

}  // namespace

bool is_phone_number(std::string_view text) {
  if (!text.starts_with('+')) return false;
  const std::string_view digits = text.substr(1);
  return digits.size() >= kPhoneDigitsMin && digits.size() <= kPhoneDigitsMax &&
         std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What is above the last whole million would favour some codes, so it is drawn again.
std::string SmsCodes::draw() {
  constexpr std::uint32_t kFair = 0xFFFF'FFFFU / kCodes * kCodes;
  while (true) {
    std::array<std::byte, 4> bytes{};
    random_.fill(bytes);
    std::uint32_t number = 0;
    for (const auto byte : bytes) number = (number << 8U) | std::to_integer<std::uint32_t>(byte);
    if (number >= kFair) continue;
    const std::string digits = std::to_string(number % kCodes);
    std::string code = std::string(kDigits - digits.size(), '0') + digits;
    if (code != kDevelopmentCode) return code;
  }
}

SmsCodes::Sent SmsCodes::send(const std::string& phone_number, const std::string& purpose,
                              Instant now) {
  if (!is_phone_number(phone_number)) return Sent::bad_number;
  clean_up(now);
  {
    Query recent(database_,
                 "SELECT count(*) FROM sms_codes WHERE phone_number = ? AND created_at > ?",
                 phone_number, (now - kHour).unix_ms);
    if (recent.step() && recent.integer(0) >= kSmsSendsPerHour) return Sent::too_many;
  }
  if (options_.development_codes) {
    options_.development_log("no message to " + phone_number + " for " + purpose +
                             ": the development code " + std::string{kDevelopmentCode} +
                             " is taken");
    return Sent::sent;
  }
  const Sms sms{phone_number, purpose, draw(), now};
  if (sink_ && !sink_(sms)) return Sent::failed;
  Query(database_,
        "INSERT INTO sms_codes (phone_number, code, purpose, expires_at, is_used, attempt_count,"
        " created_at) VALUES (?,?,?,?,0,0,?)",
        phone_number, hash_of(phone_number, sms.code), purpose, (now + kSmsCodeLifetime).unix_ms,
        now.unix_ms)
      .run();
  last_[phone_number] = sms;
  return Sent::sent;
}

bool SmsCodes::is_development_code(const std::string& phone_number, const std::string& purpose,
                                   std::string_view code) const {
  if (!options_.development_codes || code != kDevelopmentCode) return false;
  options_.development_log("the development code " + std::string{kDevelopmentCode} +
                           " was taken for " + phone_number + ", " + purpose);
  return true;
}

SmsCodes::Verdict SmsCodes::verify(const std::string& phone_number, const std::string& purpose,
                                   std::string_view code, Instant now) {
  if (is_development_code(phone_number, purpose, code)) return Verdict::right;
  std::int64_t id = 0;
  std::int64_t attempts = 0;
  bool is_right = false;
  {
    Query record(database_,
                 "SELECT id, code, attempt_count FROM sms_codes WHERE phone_number = ? AND"
                 " purpose = ? AND is_used = 0 AND expires_at > ? ORDER BY id DESC LIMIT 1",
                 phone_number, purpose, now.unix_ms);
    if (!record.step()) return Verdict::none;
    id = record.integer(0);
    is_right = record.text(1) == hash_of(phone_number, code);
    attempts = record.integer(2) + (is_right ? 0 : 1);
  }
  const bool is_used = is_right || attempts >= kSmsAttemptsMax;
  Query(database_, "UPDATE sms_codes SET is_used = ?2, attempt_count = ?3 WHERE id = ?1", id,
        is_used, attempts)
      .run();
  if (is_right) return Verdict::right;
  return is_used ? Verdict::used_up : Verdict::wrong;
}

int SmsCodes::clean_up(Instant now) {
  return Query(database_, "DELETE FROM sms_codes WHERE created_at < ?",
               (now - kSmsRecordAge).unix_ms)
      .run();
}

std::optional<Sms> SmsCodes::last(const std::string& phone_number) const {
  const auto found = last_.find(phone_number);
  if (found == last_.end()) return std::nullopt;
  return found->second;
}

}  // namespace landfall::backend
