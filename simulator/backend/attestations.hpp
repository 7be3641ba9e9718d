#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"
#include "simulator/backend/database.hpp"
#include "simulator/backend/options.hpp"
#include "simulator/backend/pushed_operation.hpp"
#include "simulator/backend/rules.hpp"
#include "simulator/backend/tokens.hpp"

namespace landfall::backend {

// How far a phone's idea of this server's time may be ahead of it: phones have wrong clocks, and
// one that started without a network has heard no better.
inline constexpr Duration kAttestationAhead{24LL * 3'600'000};

// Who decided, proven by a signature (C-25). A device says its public key when it registers, and
// may say another one later: what was signed with an older one still counts, because it may have
// waited on the phone.
class Attestations final {
 public:
  Attestations(BackendDatabase& database, const BackendOptions& options)
      : database_(database), options_(options) {}

  // False when the key is none.
  [[nodiscard]] bool register_key(std::string_view user_id, std::string_view device_id,
                                  std::string_view public_key, Instant now);

  enum class Verdict { good, unknown_key, refused };
  struct Judgement {
    Verdict verdict = Verdict::good;
    Rejection why = {};
  };
  // Good also for what needs none. `unknown_key`: its device has not said the key yet, which is no
  // verdict about the operation. Codes of `refused`: ATTESTATION_REQUIRED, ATTESTATION_INVALID (it
  // is none, altered, of another user or device, or about something else), ATTESTATION_TIME (from
  // the future, or too old), ATTESTATION_REPLAYED (another statement used its nonce).
  [[nodiscard]] Judgement judge(const Caller& caller, const PushedOperation& operation,
                                Instant now);

 private:
  [[nodiscard]] bool knows_key(const Caller& caller, const std::string& public_key);
  [[nodiscard]] bool take_nonce(const std::string& nonce, const std::string& signature);

  BackendDatabase& database_;
  const BackendOptions& options_;
};

}  // namespace landfall::backend
