#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "simulator/backend/database.hpp"
#include "simulator/backend/options.hpp"

namespace landfall::backend {

// The messages of an hour are bounded like the tries of a code: tries alone would leave
// whoever asks again as many as they like.
inline constexpr Duration kSmsCodeLifetime{10LL * 60'000};
inline constexpr std::int64_t kSmsAttemptsMax = 5;
inline constexpr Duration kSmsRecordAge{7LL * 24 * 3'600'000};
inline constexpr std::int64_t kSmsSendsPerHour = 5;

// One message as it goes to whoever sends it.
struct Sms {
  std::string phone_number;  // "+" and the country's code first
  std::string purpose;
  std::string code;
  Instant at;
};

// Hands a message to its network; false: it was not taken.
using SmsSink = std::function<bool(const Sms&)>;

[[nodiscard]] bool is_phone_number(std::string_view text);

// Codes by text message: a record {PhoneNumber, Code, Purpose, ExpiresAt, IsUsed,
// AttemptCount} for each. The most recent valid one of a number and a purpose is the one that
// counts. Codes are stored hashed: whoever reads the database reads no code of it.
class SmsCodes final {
 public:
  SmsCodes(BackendDatabase& database, SecureRandom& random, const BackendOptions& options)
      : database_(database), random_(random), options_(options) {}

  enum class Sent { sent, failed, too_many, bad_number };
  // Draws a code and hands it to the sink. A message that nobody took leaves no code behind. With
  // development codes no message is sent.
  [[nodiscard]] Sent send(const std::string& phone_number, const std::string& purpose, Instant now);

  // `used_up`: it was wrong, and the last try of its record.
  enum class Verdict { right, wrong, used_up, none };
  [[nodiscard]] Verdict verify(const std::string& phone_number, const std::string& purpose,
                               std::string_view code, Instant now);

  // Forgets records older than a week; how many.
  int clean_up(Instant now);

  void set_sink(SmsSink sink) { sink_ = std::move(sink); }
  // The last that was handed to the number's network; nothing: there was none.
  [[nodiscard]] std::optional<Sms> last(const std::string& phone_number) const;

 private:
  [[nodiscard]] std::string draw();
  [[nodiscard]] bool is_development_code(const std::string& phone_number,
                                         const std::string& purpose, std::string_view code) const;

  BackendDatabase& database_;
  SecureRandom& random_;
  const BackendOptions& options_;
  SmsSink sink_;
  std::map<std::string, Sms> last_;
};

}  // namespace landfall::backend
