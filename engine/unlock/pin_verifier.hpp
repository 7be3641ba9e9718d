#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/profile/unlock_rules.hpp"
#include "engine/store/secret_key.hpp"

namespace landfall::unlock {

inline constexpr std::size_t kSaltBytes = 16;
using Salt = std::array<std::byte, kSaltBytes>;

// What the device's hardware makes of a salt, with a key that never leaves it. It goes into every
// guess, so that whoever has only the files can try nothing at all (C-3).
using HardwareKey = store::SecretKey;

// A PIN that an older app stored: SHA-256 of the PIN and a salt behind it (P-23, A-53).
struct Sha256Pin {
  std::vector<std::byte> hash;
  std::vector<std::byte> salt;
};

// What tells a right PIN from a wrong one. A guess is turned into a key, by Argon2id and the
// hardware, and the right one opens `box`; nothing is compared. `old_salt`: what goes into Argon2id
// is the SHA-256 of the guess and this salt, because the PIN itself was not known when an older
// app's record was taken over.
struct PinVerifier {
  Salt salt{};
  profile::KdfCost cost;
  std::optional<std::vector<std::byte>> old_salt;
  std::vector<std::byte> box;
};

[[nodiscard]] Salt draw_salt(SecureRandom& random);

// Each takes as long as the cost says: a job for the slow worker. internal when the memory cannot
// be had.
[[nodiscard]] Result<PinVerifier> make_verifier(const Secret<std::string>& pin, const Salt& salt,
                                                profile::KdfCost cost, const HardwareKey& hardware,
                                                SecureRandom& random);
// Over a record of an older app, whose PIN nobody here knows.
[[nodiscard]] Result<PinVerifier> wrap_sha256(const Sha256Pin& old, const Salt& salt,
                                              profile::KdfCost cost, const HardwareKey& hardware,
                                              SecureRandom& random);
[[nodiscard]] Result<bool> opens(const PinVerifier& verifier, const Secret<std::string>& pin,
                                 const HardwareKey& hardware);

// Whether a right guess is the occasion to make the verifier anew: it was made at another cost, or
// by an older app.
[[nodiscard]] bool is_outdated(const PinVerifier& verifier, profile::KdfCost cost);

}  // namespace landfall::unlock
