#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/auth/session.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/base/time.hpp"
#include "engine/store/secret_key.hpp"
#include "engine/unlock/elapsed_clock.hpp"
#include "engine/unlock/remembered.hpp"
#include "engine/unlock/unlock_record.hpp"

namespace landfall::unlock {

// What the user is told. Times that are left are as of the reading that it was asked with.
struct PinStatus {
  bool is_configured = false;
  int failures = 0;
  int failures_left = 0;  // before the hard lock
  bool is_hard_locked = false;
  Duration wait{0};
};

struct BiometricStatus {
  bool is_enrolled = false;
  bool is_expired = false;
  Duration valid_for{0};  // still
  int failures_left = 0;
};

struct UnlockStatus {
  bool is_locked = false;
  bool is_protected = false;  // there is something to unlock it with, so that it can be locked
  PinStatus pin;
  BiometricStatus biometric;
  Duration offline_for{0};  // for so long an unlock needs no server; zero: it needs one
};

// What would open the lock now, the best first: "biometric", "pin", "login". A login always does.
[[nodiscard]] std::vector<std::string_view> what_helps(const UnlockStatus& status);

// What inactivity asks for now (C-11).
enum class IdleVerdict { none, lock, logout };

// Whether the app is open to whoever holds the phone, and what opens it: PIN, biometrics or a login
// (P-13..P-15, P-20..P-24, I-18..I-25, A-50..A-57). One user at a time, the active one.
//
// A guess is counted, durably, before it is checked: whoever ends the process in between has spent
// a try (INV-A8). Waits are counted by time that surely passed, permissions (the offline window,
// biometrics, inactivity) by time that may have passed, so that setting the clock gains nothing
// (INV-A9). What cannot be read is locked, never open.
//
// The machine decides and stores; hashing, the host's hardware and prompts are asked in between by
// its owner, who asks one thing at a time. A step that fails leaves it unusable, as with every
// machine.
class Unlock final {
 public:
  struct Parts {
    const Profile& profile;
  };

  explicit Unlock(Parts parts);

  // --- who uses the app

  // A start. `remembered`: of this process, when it lives on behind a resume or a restart of
  // actors; then the lock is as it was, but for the time that passed. `key` outlives the machine or
  // the next on_open and on_login. Writes nothing; on_activity stores how far time has come. A
  // record that cannot be read locks until a login; no error.
  [[nodiscard]] Status on_open(const store::Reader& device, store::Sealer& key,
                               const auth::ActiveUser& user,
                               const std::optional<Remembered>& remembered, const Reading& reading);
  // The server accepted a login: the lock opens, failures and the hard lock are over, the offline
  // window begins anew. Durable.
  [[nodiscard]] Status on_login(store::Transaction& device, store::Sealer& key,
                                const auth::ActiveUser& user, const Reading& reading);
  // Nobody uses the app any more. PIN and biometrics stay for when they come back.
  void on_logged_out();

  // --- PIN

  // Whether a guess would be looked at. Errors: unlock.no_user, unlock.profile_mismatch,
  // pin.not_configured, pin.malformed (`field`), pin.hard_locked, pin.wait, unlock.offline_expired.
  [[nodiscard]] Status may_guess(const std::string& email, const Secret<std::string>& pin,
                                 const Reading& reading);
  [[nodiscard]] const PinVerifier& verifier() const;
  // Counts the guess that is about to be checked, as if it were wrong. Durable, and committed
  // before anybody looks whether it is right. Errors: those of the last three above.
  [[nodiscard]] Status on_guess(store::Transaction& device, const Reading& reading);
  // It was right: the lock opens, the count is over. `anew`: the verifier at today's cost. Durable.
  [[nodiscard]] Status on_right(store::Transaction& device, std::optional<PinVerifier> anew,
                                const Reading& reading);
  // It was wrong; what that costs was stored before. The hard lock closes also an app that was
  // open.
  void on_wrong();

  // Errors: unlock.no_user, session.locked, pin.off (the profile has no PIN), pin.already_set (not
  // behind a fresh login), pin.malformed, pin.weak.
  [[nodiscard]] Status may_set_pin(const Secret<std::string>& pin, std::string_view field,
                                   bool replaces, const Reading& reading);
  // Over what an older app stored. Errors: unlock.no_user, session.locked, pin.off,
  // pin.already_set.
  [[nodiscard]] Status may_import_pin(const Reading& reading);
  [[nodiscard]] Status on_pin_set(store::Transaction& device, PinVerifier verifier,
                                  const Reading& reading);
  [[nodiscard]] Status on_pin_removed(store::Transaction& device, const Reading& reading);

  // --- biometrics

  // Errors: unlock.no_user, session.locked, biometric.off.
  [[nodiscard]] Status may_enrol() const;
  [[nodiscard]] Status on_enrolled(store::Transaction& device, std::vector<std::byte> box,
                                   const Reading& reading);
  // Errors: unlock.no_user, biometric.off, biometric.not_enrolled, biometric.expired (P-9),
  // biometric.exhausted, unlock.offline_expired.
  [[nodiscard]] Status may_use_biometric(const Reading& reading);
  [[nodiscard]] const BiometricEnrolment& enrolment() const;
  // A look that was not good. Durable.
  [[nodiscard]] Status on_biometric_failed(store::Transaction& device, const Reading& reading);
  [[nodiscard]] Status on_biometric_right(store::Transaction& device, const Reading& reading);
  // The key is gone or opens nothing, or the server refused its token: enrolled anew, or not at
  // all.
  [[nodiscard]] Status on_biometric_removed(store::Transaction& device, const Reading& reading);
  // Whether a proof that only this device saw is not enough, so that the server must be asked: the
  // offline window is over, or the PIN was guessed at too often.
  [[nodiscard]] bool needs_server(const Reading& reading);

  // --- what is signed behind a proof (C-25)

  // Whether the profile has something signed, there is a PIN or a finger to prove, and no key yet.
  [[nodiscard]] bool lacks_attestation_key() const;
  // The key that signs from now on; it goes with the last of PIN and biometrics. Durable. Errors:
  // unlock.no_user, session.locked.
  [[nodiscard]] Status on_attestation_key(store::Transaction& device, store::SecretKey key,
                                          const Reading& reading);
  // Null: there is none. As long-lived as the machine's next step.
  [[nodiscard]] const store::SecretKey* attestation_key() const;
  // What may have passed since the first start here, whatever the clock was set to.
  [[nodiscard]] std::int64_t elapsed_ms(const Reading& reading);

  // --- time

  // The user did something. True when it must be stored now, by on_activity.
  [[nodiscard]] bool touch(const Reading& reading);
  [[nodiscard]] Status on_activity(store::Transaction& device, const Reading& reading);
  [[nodiscard]] IdleVerdict idle_verdict(const Reading& reading);
  // When idle_verdict should be asked again, from now; nothing: nothing would come of it.
  [[nodiscard]] std::optional<Duration> idle_left(const Reading& reading);
  // False when there is nothing to unlock it with, so that it stays open.
  bool lock();

  // --- what it is

  [[nodiscard]] bool is_locked() const { return user_ && !is_open_; }
  [[nodiscard]] bool has_user() const { return user_.has_value(); }
  [[nodiscard]] bool offers_biometric(const Reading& reading);
  [[nodiscard]] UnlockStatus status(const Reading& reading);
  [[nodiscard]] bool is_protected() const;
  // Whether the last activity outlives the process: something is locked or left for want of it
  // (INV-A11).
  [[nodiscard]] bool keeps_activity() const;
  [[nodiscard]] std::optional<Remembered> remembered() const;
  // What a PIN costs today.
  [[nodiscard]] profile::KdfCost kdf() const;

 private:
  struct User {
    auth::ActiveUser active;
    store::Sealer* key = nullptr;
  };

  [[nodiscard]] const profile::UnlockRules& rules() const;
  [[nodiscard]] bool is_window_over() const;
  [[nodiscard]] bool is_biometric_expired() const;
  [[nodiscard]] bool guards_refresh_token() const;
  [[nodiscard]] Duration wait_left() const;
  [[nodiscard]] Status may_count() const;
  [[nodiscard]] Status needs_user() const;
  [[nodiscard]] Status needs_open() const;
  [[nodiscard]] bool is_idle() const;
  void open();
  void forget_unguarded_key();
  [[nodiscard]] Status store(store::Transaction& device);

  Parts parts_;
  std::optional<User> user_;
  UnlockRecord record_;
  ElapsedClock clock_;
  bool is_open_ = false;
  bool is_unreadable_ = false;                  // the record: only a login helps
  std::optional<std::int64_t> fresh_login_ms_;  // in this process
  std::int64_t stored_active_ms_ = 0;
};

}  // namespace landfall::unlock
