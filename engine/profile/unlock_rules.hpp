#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/base/time.hpp"

namespace landfall::profile {

// From this many failures in a row on, the next guess waits so long (C-2). Failures between two
// steps, and behind the last, wait as long as the step before them says.
struct LockoutStep {
  int at = 0;
  Duration wait{0};
};

// What one guess costs whoever makes it: Argon2id's memory and passes. A record keeps the cost that
// it was made with, so that a profile may raise its own at any time (C-3).
struct KdfCost {
  std::size_t memory_kib = 0;
  int passes = 0;

  friend bool operator==(const KdfCost&, const KdfCost&) = default;
};

struct PinRules {
  std::size_t digits_min = 0;  // C-1
  std::size_t digits_max = 0;
  std::vector<LockoutStep> steps;  // in order of `at`
  int hard_at = 0;                 // failures that only an online login ends
  KdfCost kdf;
};

// Where the proof of a biometric unlock lives (C-8): a token of the server's own for it, or the one
// refresh token, which is never copied: biometrics are a second gate before the same record
// (INV-A5).
enum class BiometricMode { server_token, sealed_refresh };

// What the user falls back to (C-9, C-10).
enum class OnBiometricFailed { pin, password };
enum class OnBiometricCancelled { stay, password };

struct BiometricRules {
  BiometricMode mode = BiometricMode::sealed_refresh;
  int failures_max = 0;   // in a row; then it is the fallback's turn
  Duration valid_for{0};  // after that it is enrolled anew (P-9)
  OnBiometricFailed on_failed = OnBiometricFailed::password;
  OnBiometricCancelled on_cancelled = OnBiometricCancelled::password;
};

// What becomes of a session that nobody uses (C-11). Pending work stays in any case.
enum class OnIdle { none, lock, logout };

struct IdleRules {
  Duration after{0};
  OnIdle then = OnIdle::none;
};

// How the app is unlocked by whom it knows already, without a password. An app without PIN and
// biometrics has neither.
struct UnlockRules {
  bool at_start = false;  // a new process begins locked, where there is something to unlock it with
  // An unlock that no server sees is good for this long after the last online login (C-12); zero:
  // never.
  Duration offline_for{0};
  std::optional<PinRules> pin;
  std::optional<BiometricRules> biometric;
  IdleRules idle;
};

}  // namespace landfall::profile
