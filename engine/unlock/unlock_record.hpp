#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/store/secret_key.hpp"
#include "engine/unlock/pin_verifier.hpp"

namespace landfall::store {
class Reader;
class Sealer;
class Transaction;
}  // namespace landfall::store

namespace landfall::unlock {

// Biometrics of one user on this device. What opens `box` is given out by the host's secure storage
// after a good look at a finger or a face, and is kept nowhere else.
struct BiometricEnrolment {
  std::vector<std::byte> box;  // sealed: the server's token for it, or a proof of the key alone
  std::int64_t enrolled_ms = 0;
  int failures = 0;  // in a row
};

// All that is known about how one user unlocks the app, as one value that is sealed and written
// whole. Times are those of ElapsedClock: `wait_until` on its sure side, the others on its possible
// side.
struct UnlockRecord {
  std::string email;  // whose PIN it is
  std::optional<PinVerifier> pin;
  int failures = 0;  // guesses in a row that were not right, as far as anybody knows
  std::int64_t wait_until_ms = 0;
  std::optional<std::int64_t> online_ms;  // the last online login
  std::int64_t active_ms = 0;             // the last that the user did
  std::optional<BiometricEnrolment> biometric;
  // Signs what its user decides behind a PIN or a look (C-25); null: none was made. It goes when
  // both are gone.
  std::shared_ptr<const store::SecretKey> attestation_key;
};

// Sealed under the user's token key and bound to their row. Errors of reading: seal.broken
// (altered, moved or another key) and unlock.unreadable. Nothing when the user has no record.
[[nodiscard]] Status store_record(store::Transaction& device, store::Sealer& key,
                                  std::string_view user_id, const UnlockRecord& record);
[[nodiscard]] Result<std::optional<UnlockRecord>> load_record(const store::Reader& device,
                                                              const store::Sealer& key,
                                                              std::string_view user_id);

}  // namespace landfall::unlock
