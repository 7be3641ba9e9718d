#include "engine/unlock/unlock.hpp"

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/transaction.hpp"
#include "engine/store/unlock_table.hpp"
#include "engine/unlock/lockout.hpp"
#include "engine/unlock/pin_form.hpp"
#include "schema/limits.hpp"

#include <algorithm>
#include <utility>

namespace landfall::unlock {
namespace {

using mutant::Mutant;

tl::unexpected<Error> refused(std::string code, std::string message) {
  return failure(ErrorClass::refused, std::move(code), std::move(message));
}

Duration ms(std::int64_t count) { return Duration{count}; }

}  // namespace

std::vector<std::string_view> what_helps(const UnlockStatus& status) {
  std::vector<std::string_view> helps;
  const auto& biometric = status.biometric;
  if (biometric.is_enrolled && !biometric.is_expired && biometric.failures_left > 0)
    helps.emplace_back("biometric");
  const bool pin_is_free = status.pin.is_configured && !status.pin.is_hard_locked;
  if (pin_is_free && status.pin.wait == Duration{0} && status.offline_for > Duration{0})
    helps.emplace_back("pin");
  helps.emplace_back("login");
  return helps;
}

Unlock::Unlock(Parts parts) : parts_(std::move(parts)) {}

const profile::UnlockRules& Unlock::rules() const { return parts_.profile.unlock; }

profile::KdfCost Unlock::kdf() const { return rules().pin ? rules().pin->kdf : profile::KdfCost{}; }

// --- who uses the app

Status Unlock::on_open(const store::Reader& device, store::Sealer& key,
                       const auth::ActiveUser& user, const std::optional<Remembered>& remembered,
                       const Reading& reading) {
  LANDFALL_TRY_ASSIGN(const auto mark, store::read_clock(device));
  clock_ = ElapsedClock(mark, reading);
  user_ = User{user, &key};
  auto loaded = load_record(device, key, user.user_id);
  is_unreadable_ = !loaded && loaded.error().kind == ErrorClass::corrupt;
  if (!loaded && !is_unreadable_) return failure(loaded.error());
  record_ = loaded && *loaded ? **loaded : UnlockRecord{};
  // Somebody who was logged in before there were records of it: their window begins now.
  if (!is_unreadable_ && !*loaded) {
    record_.email = user.email;
    record_.online_ms = clock_.possible_ms();
    record_.active_ms = clock_.possible_ms();
  }
  const bool lives_on = remembered && remembered->user_id == user.user_id;
  if (lives_on) record_.active_ms = std::max(record_.active_ms, remembered->active_ms);
  if (mutant::is(Mutant::forget_idle_asleep)) record_.active_ms = clock_.possible_ms();
  const bool was_open = lives_on ? remembered->is_open : !rules().at_start;
  is_open_ = !is_unreadable_ && (!is_protected() || was_open);
  stored_active_ms_ = 0;
  return {};
}

Status Unlock::on_login(store::Transaction& device, store::Sealer& key,
                        const auth::ActiveUser& user, const Reading& reading) {
  if (!user_ || user_->active.user_id != user.user_id || is_unreadable_) {
    LANDFALL_TRY_ASSIGN(const auto mark, store::read_clock(device));
    if (!user_) clock_ = ElapsedClock(mark, reading);
    auto loaded = load_record(device, key, user.user_id);
    if (!loaded && loaded.error().kind != ErrorClass::corrupt) return failure(loaded.error());
    record_ = loaded && *loaded ? **loaded : UnlockRecord{};
    is_unreadable_ = false;
  }
  user_ = User{user, &key};
  clock_.advance(reading);
  record_.email = user.email;
  record_.failures = 0;
  record_.wait_until_ms = 0;
  record_.online_ms = clock_.possible_ms();
  if (record_.biometric) record_.biometric->failures = 0;
  fresh_login_ms_ = clock_.possible_ms();
  open();
  return store(device);
}

void Unlock::on_logged_out() {
  user_.reset();
  record_ = {};
  is_open_ = false;
  is_unreadable_ = false;
  fresh_login_ms_.reset();
}

// --- PIN

Status Unlock::needs_user() const {
  if (user_) return {};
  return failure(ErrorClass::auth, "unlock.no_user", "nobody is logged in");
}

Status Unlock::needs_open() const {
  LANDFALL_TRY(needs_user());
  if (is_open_) return {};
  return refused("session.locked", "unlock the app first");
}

// What speaks against a guess that could be right.
Status Unlock::may_count() const {
  if (!rules().pin || !record_.pin)
    return refused("pin.not_configured", "no PIN was set on this phone; log in with a password");
  if (is_hard_locked(*rules().pin, record_.failures))
    return refused("pin.hard_locked", "too many wrong PINs; log in with a password");
  if (wait_left() > Duration{0}) {
    const auto seconds = (wait_left().count() + 999) / 1000;
    return refused("pin.wait",
                   "too many wrong PINs; try again in " + std::to_string(seconds) + " seconds");
  }
  if (is_window_over())
    return refused("unlock.offline_expired", "the last login is too long ago; log in again");
  return {};
}

Status Unlock::may_guess(const std::string& email, const Secret<std::string>& pin,
                         const Reading& reading) {
  LANDFALL_TRY(needs_user());
  clock_.advance(reading);
  if (!email.empty() && email != record_.email)
    return refused("unlock.profile_mismatch", "the PIN on this phone is somebody else's");
  LANDFALL_TRY(may_count());
  if (is_well_formed(*rules().pin, pin.reveal())) return {};
  return failure(
      Error{ErrorClass::invalid, "pin.malformed", "is no PIN of this app", "params.pin"});
}

const PinVerifier& Unlock::verifier() const {
  LANDFALL_ASSERT(record_.pin);
  return *record_.pin;
}

Status Unlock::on_guess(store::Transaction& device, const Reading& reading) {
  LANDFALL_TRY(needs_user());
  clock_.advance(reading);
  LANDFALL_TRY(may_count());
  ++record_.failures;
  record_.wait_until_ms = clock_.sure_ms() + wait_after(*rules().pin, record_.failures).count();
  if (mutant::is(Mutant::count_guesses_in_memory)) return {};
  return store(device);
}

Status Unlock::on_right(store::Transaction& device, std::optional<PinVerifier> anew,
                        const Reading& reading) {
  LANDFALL_TRY(needs_user());
  clock_.advance(reading);
  record_.failures = 0;
  record_.wait_until_ms = 0;
  if (record_.biometric) record_.biometric->failures = 0;
  if (anew) record_.pin = std::move(*anew);
  if (mutant::is(Mutant::stretch_offline_window)) record_.online_ms = clock_.possible_ms();
  open();
  return store(device);
}

void Unlock::on_wrong() {
  if (user_ && rules().pin && is_hard_locked(*rules().pin, record_.failures)) is_open_ = false;
}

Status Unlock::may_set_pin(const Secret<std::string>& pin, std::string_view field, bool replaces,
                           const Reading& reading) {
  LANDFALL_TRY(needs_open());
  clock_.advance(reading);
  if (!rules().pin) return refused("pin.off", "this app has no PIN");
  const bool is_fresh =
      fresh_login_ms_ && clock_.possible_ms() - *fresh_login_ms_ < limits::kFreshLoginMs;
  if (record_.pin && !replaces && !is_fresh)
    return refused("pin.already_set", "a PIN is set; change it, or log in anew to replace it");
  return check_new_pin(*rules().pin, pin, field);
}

Status Unlock::may_import_pin(const Reading& reading) {
  LANDFALL_TRY(needs_open());
  clock_.advance(reading);
  if (!rules().pin) return refused("pin.off", "this app has no PIN");
  if (record_.pin) return refused("pin.already_set", "a PIN is set already");
  return {};
}

Status Unlock::on_pin_set(store::Transaction& device, PinVerifier verifier,
                          const Reading& reading) {
  LANDFALL_TRY(needs_open());
  clock_.advance(reading);
  record_.pin = std::move(verifier);
  record_.failures = 0;
  record_.wait_until_ms = 0;
  open();
  return store(device);
}

Status Unlock::on_pin_removed(store::Transaction& device, const Reading& reading) {
  LANDFALL_TRY(needs_open());
  clock_.advance(reading);
  record_.pin.reset();
  forget_unguarded_key();
  return store(device);
}

// --- biometrics

Status Unlock::may_enrol() const {
  LANDFALL_TRY(needs_open());
  if (!rules().biometric) return refused("biometric.off", "this app has no biometrics");
  return {};
}

Status Unlock::on_enrolled(store::Transaction& device, std::vector<std::byte> box,
                           const Reading& reading) {
  LANDFALL_TRY(may_enrol());
  clock_.advance(reading);
  record_.biometric = BiometricEnrolment{std::move(box), clock_.possible_ms(), 0};
  return store(device);
}

Status Unlock::may_use_biometric(const Reading& reading) {
  LANDFALL_TRY(needs_user());
  clock_.advance(reading);
  if (!rules().biometric) return refused("biometric.off", "this app has no biometrics");
  if (!record_.biometric)
    return refused("biometric.not_enrolled", "biometrics are not enrolled on this phone");
  if (is_biometric_expired())
    return refused("biometric.expired", "biometrics were enrolled too long ago; enrol them anew");
  if (record_.biometric->failures >= rules().biometric->failures_max)
    return refused("biometric.exhausted", "too many failures; use what is left");
  return {};
}

const BiometricEnrolment& Unlock::enrolment() const {
  LANDFALL_ASSERT(record_.biometric);
  return *record_.biometric;
}

Status Unlock::on_biometric_failed(store::Transaction& device, const Reading& reading) {
  LANDFALL_TRY(may_use_biometric(reading));
  ++record_.biometric->failures;
  return store(device);
}

Status Unlock::on_biometric_right(store::Transaction& device, const Reading& reading) {
  LANDFALL_TRY(needs_user());
  clock_.advance(reading);
  if (record_.biometric) record_.biometric->failures = 0;
  open();
  return store(device);
}

Status Unlock::on_biometric_removed(store::Transaction& device, const Reading& reading) {
  LANDFALL_TRY(needs_user());
  clock_.advance(reading);
  record_.biometric.reset();
  forget_unguarded_key();
  return store(device);
}

bool Unlock::needs_server(const Reading& reading) {
  clock_.advance(reading);
  const bool is_guessed_at = rules().pin && is_hard_locked(*rules().pin, record_.failures);
  return is_window_over() || is_guessed_at;
}

// --- what is signed behind a proof

bool Unlock::lacks_attestation_key() const {
  const bool is_guarded = record_.pin || record_.biometric;
  return user_ && parts_.profile.attestation && is_guarded && !record_.attestation_key;
}

Status Unlock::on_attestation_key(store::Transaction& device, store::SecretKey key,
                                  const Reading& reading) {
  LANDFALL_TRY(needs_open());
  clock_.advance(reading);
  record_.attestation_key = std::make_shared<const store::SecretKey>(std::move(key));
  return store(device);
}

const store::SecretKey* Unlock::attestation_key() const { return record_.attestation_key.get(); }

std::int64_t Unlock::elapsed_ms(const Reading& reading) {
  clock_.advance(reading);
  return clock_.possible_ms();
}

// Without anything to prove, whoever holds the phone could sign.
void Unlock::forget_unguarded_key() {
  if (!record_.pin && !record_.biometric) record_.attestation_key.reset();
}

// --- time

bool Unlock::touch(const Reading& reading) {
  if (!user_ || !is_open_) return false;
  clock_.advance(reading);
  if (is_idle()) return false;  // too late: the lock is about to close
  record_.active_ms = clock_.possible_ms();
  return record_.active_ms - stored_active_ms_ >= limits::kActivityStoredMs;
}

Status Unlock::on_activity(store::Transaction& device, const Reading& reading) {
  LANDFALL_TRY(needs_user());
  clock_.advance(reading);
  if (is_unreadable_) return store::write_clock(device, clock_.mark());
  return store(device);
}

bool Unlock::is_idle() const {
  return rules().idle.then != profile::OnIdle::none &&
         ms(clock_.possible_ms() - record_.active_ms) >= rules().idle.after;
}

// One sealed token record has two gates (C-8): where biometrics guard it, leaving it behind them
// is the logout that the user asked for, and their finger the login (I-19, I-23).
IdleVerdict Unlock::idle_verdict(const Reading& reading) {
  if (!user_ || is_unreadable_) return IdleVerdict::none;
  clock_.advance(reading);
  if (!is_idle()) return IdleVerdict::none;
  if (rules().idle.then == profile::OnIdle::logout && !guards_refresh_token())
    return IdleVerdict::logout;
  return is_protected() && is_open_ ? IdleVerdict::lock : IdleVerdict::none;
}

std::optional<Duration> Unlock::idle_left(const Reading& reading) {
  if (!user_ || !is_open_ || rules().idle.then == profile::OnIdle::none) return std::nullopt;
  if (!is_protected() && rules().idle.then == profile::OnIdle::lock) return std::nullopt;
  clock_.advance(reading);
  const Duration idle = ms(clock_.possible_ms() - record_.active_ms);
  return std::max(rules().idle.after - idle, Duration{0});
}

bool Unlock::lock() {
  if (!user_ || !is_protected()) return false;
  is_open_ = false;
  fresh_login_ms_.reset();
  return true;
}

void Unlock::open() {
  is_open_ = true;
  record_.active_ms = clock_.possible_ms();
}

// --- what it is

bool Unlock::guards_refresh_token() const {
  return rules().biometric && record_.biometric && !is_biometric_expired() &&
         rules().biometric->mode == profile::BiometricMode::sealed_refresh;
}

bool Unlock::is_biometric_expired() const {
  return ms(clock_.possible_ms() - record_.biometric->enrolled_ms) >= rules().biometric->valid_for;
}

bool Unlock::is_protected() const {
  if (is_unreadable_) return true;
  return (rules().pin && record_.pin) || (rules().biometric && record_.biometric);
}

bool Unlock::keeps_activity() const {
  return user_ && (is_protected() || rules().idle.then == profile::OnIdle::logout);
}

bool Unlock::is_window_over() const {
  return !record_.online_ms || ms(clock_.possible_ms() - *record_.online_ms) >= rules().offline_for;
}

Duration Unlock::wait_left() const {
  return std::max(ms(record_.wait_until_ms - clock_.sure_ms()), Duration{0});
}

bool Unlock::offers_biometric(const Reading& reading) {
  return may_use_biometric(reading).has_value();
}

UnlockStatus Unlock::status(const Reading& reading) {
  clock_.advance(reading);
  UnlockStatus status;
  status.is_locked = is_locked();
  status.is_protected = user_ && is_protected();
  if (rules().pin) {
    status.pin.is_configured = record_.pin.has_value();
    status.pin.failures = record_.failures;
    status.pin.failures_left = std::max(rules().pin->hard_at - record_.failures, 0);
    status.pin.is_hard_locked = is_hard_locked(*rules().pin, record_.failures);
    status.pin.wait = wait_left();
  }
  if (rules().biometric && record_.biometric) {
    status.biometric.is_enrolled = true;
    status.biometric.is_expired = is_biometric_expired();
    const Duration age = ms(clock_.possible_ms() - record_.biometric->enrolled_ms);
    status.biometric.valid_for = std::max(rules().biometric->valid_for - age, Duration{0});
    status.biometric.failures_left =
        std::max(rules().biometric->failures_max - record_.biometric->failures, 0);
  }
  if (user_ && record_.online_ms) {
    const Duration age = ms(clock_.possible_ms() - *record_.online_ms);
    status.offline_for = std::max(rules().offline_for - age, Duration{0});
  }
  return status;
}

std::optional<Remembered> Unlock::remembered() const {
  if (!user_) return std::nullopt;
  return Remembered{user_->active.user_id, is_open_, record_.active_ms};
}

Status Unlock::store(store::Transaction& device) {
  stored_active_ms_ = record_.active_ms;
  LANDFALL_TRY(store::write_clock(device, clock_.mark()));
  return store_record(device, *user_->key, user_->active.user_id, record_);
}

}  // namespace landfall::unlock
