#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/auth/second_factor.hpp"
#include "engine/auth/token_lifecycle.hpp"
#include "engine/auth/user_record.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/base/time.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"
#include "engine/permissions/permission_update.hpp"

namespace landfall::auth {

// The seeds' words (I-39) plus the engine's.
enum class AuthStatus {
  initial,
  loading,
  authenticated,
  unauthenticated,
  biometric_prompt,
  organization_select,
  locked,
  two_factor,
  reauth_required
};

// As the host reads it: "initial", "biometricPrompt", "reauthRequired".
[[nodiscard]] std::string_view to_string(AuthStatus status) noexcept;

// Who is logged in, as far as it is durable.
struct ActiveUser {
  std::string user_id;
  std::string organisation;
  std::string email;
  PartitionId partition;
};

struct LoginCall {
  http::ApiCall call;
};

// What a good login brings: the pair for auth_token, the user for supervisor to open a partition
// for.
struct LoggedIn {
  ActiveUser user;
  TokenPair tokens;
  permissions::Granted granted = {};
  UserRecord record = {};
};

// Who uses the engine: login, logout, and what a restart finds. The tokens themselves are
// TokenLifecycle's. Logging in as another user switches the active row; the other's rows and
// pending work stay sealed to them (C-22). Logout never touches operations (INV-A12). (P-6, P-19
// device id, C-15, C-26, I-4..I-10 texts by message key.)
class Session final {
 public:
  struct Parts {
    const Profile& profile;
    std::string device_id;
    std::string platform;
  };

  explicit Session(Parts parts);

  // The active row, if any. Status becomes `loading` with a user (its keys must be opened), else
  // `unauthenticated`.
  [[nodiscard]] Result<std::optional<ActiveUser>> on_open(const store::Reader& device);

  // Refused with session.busy while one is under way (until on_opened or on_login_abandoned), and
  // with login.email_missing or login.password_missing (I-4), which name the field. Status becomes
  // `loading`.
  [[nodiscard]] Result<LoginCall> on_login(const std::string& email,
                                           const Secret<std::string>& password, Instant now);

  // Success gives the user and the pair: nothing is durable yet, and the login is under way until
  // on_opened. Otherwise the status is what it was before, and the error's code is a message key
  // whose text the profile has: login.invalid_credentials, login.account_locked,
  // login.no_connection, login.server_error, login.answer_invalid. session.login_abandoned: nobody
  // waits for this answer (a logout came between). second_factor.required: the server wants a code,
  // the status is two_factor and the login is under way until it ends one way or the other.
  [[nodiscard]] Result<LoggedIn> on_login_answer(const http::Answer& answer, Instant now);

  // --- The second factor of a login (engine/auth/second_factor.hpp). Another login or a logout
  // abandons it, and a new process knows nothing of it.

  // second_factor.none: nobody waits for a code. Others as SecondFactor says; those that end the
  // login make the status what it was before it. Else it is `loading` until the answer.
  [[nodiscard]] Result<LoginCall> on_second_factor(const Secret<std::string>& code,
                                                   FactorMethod method, Instant now);
  // As on_login_answer, or an error of SecondFactor. What does not end the login leaves the status
  // at two_factor: another code may be tried.
  [[nodiscard]] Result<LoggedIn> on_second_factor_answer(const http::Answer& answer, Instant now);
  [[nodiscard]] Result<LoginCall> on_send_code(Instant now);
  [[nodiscard]] Status on_send_code_answer(const http::Answer& answer, Instant now);
  // True when the challenge has run out and the login with it. Never while a code is looked at: the
  // server decides that one.
  [[nodiscard]] bool on_second_factor_time(Instant now);
  // A challenge that this process already had when its actors were started anew.
  void on_challenge_kept(Challenge challenge);
  [[nodiscard]] const std::optional<SecondFactor>& second_factor() const { return second_factor_; }

  // The keys are stored and the pair is durable: makes the user the active one. Durable.
  [[nodiscard]] Status on_opened(store::Transaction& device, const ActiveUser& user, Instant now);

  // A start-up whose keys could be read.
  void on_restored();
  // The keys cannot be read now (keychain locked): nothing is lost, nobody is logged out (INV-A7).
  void on_keys_unavailable();
  // The tokens were definitively refused. The user stays, with everything that waits for them.
  void on_reauth_required();
  // A login that answered well but could not be opened, or was cancelled: the status is what it was
  // before.
  void on_login_abandoned();

  // The best-effort call with the refresh token, if the profile has a logout endpoint. Order: make
  // this call while the token is still there, clear the tokens, on_logged_out, send the call
  // without waiting for it (C-15, I-26).
  [[nodiscard]] std::optional<http::ApiCall> logout_call(
      const SharedSecret<std::string>& refresh_token) const;
  // No row is active any more and a login under way is abandoned. Durable.
  [[nodiscard]] Status on_logged_out(store::Transaction& device);

  [[nodiscard]] AuthStatus status() const { return status_; }
  [[nodiscard]] const std::optional<ActiveUser>& user() const { return user_; }

 private:
  struct LoginUnderWay {
    std::string email;
    AuthStatus before = AuthStatus::unauthenticated;
    bool answered = false;
  };

  [[nodiscard]] Result<LoggedIn> read_login(const http::Answer& answer,
                                            std::string_view endpoint) const;
  [[nodiscard]] SecondFactor::Parts factor_parts() const;
  [[nodiscard]] Error settle_factor(Error error);
  void settle(AuthStatus status);

  Parts parts_;
  AuthStatus status_ = AuthStatus::initial;
  std::optional<ActiveUser> user_;
  std::optional<LoginUnderWay> login_;
  std::optional<SecondFactor> second_factor_;
};

// BLAKE2b of user and organisation, as a version 8 UUID. Stable across installations: the
// partition's file name and the names of its keys derive from it.
[[nodiscard]] PartitionId partition_id_for(std::string_view user_id, std::string_view organisation);

}  // namespace landfall::auth
