#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/auth/active_user.hpp"
#include "engine/auth/auth_status.hpp"
#include "engine/auth/login_reply.hpp"
#include "engine/auth/remembered_login.hpp"
#include "engine/auth/second_factor.hpp"
#include "engine/auth/token_lifecycle.hpp"
#include "engine/auth/user_record.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/base/time.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"

namespace landfall::auth {

struct LoginCall {
  http::ApiCall call;
};

// Who uses the engine: login, logout, and what a restart finds. The tokens themselves are
// TokenLifecycle's. Whoever belongs to several organisations chooses one before anything is opened
// or stored for them (I-29); with one it is chosen for them (I-28). Logging in as another user
// switches the active row; the other's rows and pending work stay sealed to them (C-22). Logout
// never touches operations (INV-A12). (P-6, P-19 device id, C-15, C-26, I-4..I-10 texts by message
// key, C-14 and I-7 the remembered address.)
class Session final {
 public:
  struct Parts {
    const Profile& profile;
    std::string device_id;
    std::string platform;
  };

  explicit Session(Parts parts);

  // The active row, if any. The settled status becomes `loading` with a user (its keys must be
  // opened), else `unauthenticated`.
  [[nodiscard]] Result<std::optional<ActiveUser>> on_open(const store::Reader& device);

  // Refused with session.busy while one is under way (until on_opened or on_login_abandoned), and
  // with what check_login_form finds (I-4, I-5), which names the field. Status becomes `loading`. A
  // choice of an organisation that nobody made is given up for it, and so is a code that was waited
  // for.
  [[nodiscard]] Result<LoginCall> on_login(const std::string& email,
                                           const Secret<std::string>& password, Instant now,
                                           const RememberWish& wish = {});

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
  // The call that asks for a code by text message; the status stays. Errors as on_second_factor.
  [[nodiscard]] Result<LoginCall> on_send_code(Instant now);
  // Success: it is on its way, and the view may name another phone. Else login.no_connection,
  // session.login_abandoned, or an error of SecondFactor::on_send_refused, of which those end the
  // login that say so, unless a code is looked at meanwhile: its answer decides.
  [[nodiscard]] Status on_send_code_answer(const http::Answer& answer, Instant now);
  // True when the challenge has run out and the login with it. Never while a code is looked at: the
  // server decides that one.
  [[nodiscard]] bool on_second_factor_time(Instant now);
  // A challenge that this process already had when its actors were started anew. It is given up
  // where somebody else than who waits for it is logged in.
  void on_challenge_kept(Challenge challenge);
  [[nodiscard]] const std::optional<SecondFactor>& second_factor() const { return second_factor_; }

  // --- organisations

  // Whether this login has to wait until its user has chosen (I-29).
  [[nodiscard]] static bool needs_choice(const LoggedIn& logged_in);
  // It waits from here on; status becomes `organization_select`. Nothing is durable yet: a process
  // that ends now has nobody logged in. Nor does the choice outlive a suspension, unlike a code
  // that is waited for: nobody has to leave the app for it, and its tokens are kept nowhere.
  void on_choice_needed(LoggedIn logged_in, Instant now);
  // The user chose: the login goes on as if the server had named this one alone. The access token
  // has grown older meanwhile. Errors: session.no_choice (nobody is asked),
  // session.organisation_unknown (with `field`).
  [[nodiscard]] Result<LoggedIn> on_chosen(const std::string& organisation, Instant now);
  [[nodiscard]] bool awaits_choice() const { return login_ && login_->choice; }
  // What the login that waits has of the server, for a farewell; the choice is given up and the
  // status is what it was before.
  [[nodiscard]] std::optional<TokenPair> on_choice_abandoned();

  // Where the active user could go instead (I-30). Errors: session.busy, session.no_user,
  // session.organisation_unknown, session.organisation_active (with `field`).
  [[nodiscard]] Result<ActiveUser> may_switch(const std::string& organisation) const;
  // The other partition's keys are there and the one before is closed. Durable.
  [[nodiscard]] Status on_switched(store::Transaction& device, const ActiveUser& user, Instant now);

  // --- the way in

  // The keys are stored and the pair is durable: makes the user the active one, and keeps or
  // forgets their address as they wished. Durable.
  [[nodiscard]] Status on_opened(store::Transaction& device, const ActiveUser& user, Instant now);
  // What the server says of the active user: with a login, and whenever it is asked (I-40); and
  // what a start finds of it.
  void on_record(UserRecord record);
  // Somebody's data was erased, and their address with it.
  [[nodiscard]] Status on_erased(const store::Reader& device);

  // A start-up whose keys could be read.
  void on_restored();
  // The keys cannot be read now (keychain locked): nothing is lost, nobody is logged out (INV-A7).
  void on_keys_unavailable();
  // The tokens were definitively refused. The user stays, with everything that waits for them.
  void on_reauth_required();
  // A login that answered well but could not be opened, or was cancelled: the status is what it was
  // before.
  void on_login_abandoned();

  // No row is active any more and a login under way is abandoned. Durable.
  [[nodiscard]] Status on_logged_out(store::Transaction& device);

  [[nodiscard]] AuthStatus status() const { return status_; }
  // That of the session behind a login that is under way: what a login that fails falls back to.
  [[nodiscard]] AuthStatus settled_status() const { return login_ ? login_->before : status_; }
  [[nodiscard]] const std::optional<ActiveUser>& user() const { return user_; }
  // Of the active user; nothing while nobody could read it, as before the keys are there.
  [[nodiscard]] const std::optional<UserRecord>& record() const { return record_; }
  // What is shown of whoever is in front of the app. While a login waits for its user that is what
  // is known of them, and nothing of somebody who is logged in behind it: no user, the address that
  // the login was begun with, and the record only for a choice.
  [[nodiscard]] std::optional<ActiveUser> shown_user() const;
  [[nodiscard]] std::string shown_email() const;
  [[nodiscard]] UserRecord shown_record() const;
  // What the login form is filled with; empty: nothing (I-7).
  [[nodiscard]] const std::string& remembered_email() const { return remembered_email_; }
  // A login is under way, whomever it waits for.
  [[nodiscard]] bool has_login() const { return login_.has_value(); }
  // It waits for nobody but the server and the phone (I-35): neither for an organisation nor for a
  // code.
  [[nodiscard]] bool is_logging_in() const {
    return login_ && !login_->choice && status_ != AuthStatus::two_factor;
  }
  // It waits for a choice or a code.
  [[nodiscard]] bool waits_for_user() const { return login_ && !is_logging_in(); }

 private:
  struct LoginUnderWay {
    std::string email;
    AuthStatus before = AuthStatus::unauthenticated;
    bool answered = false;
    RememberWish wish = {};
    std::optional<LoggedIn> choice = std::nullopt;  // who has to choose an organisation first
    Instant chosen_from = {};                       // when they were asked
  };

  [[nodiscard]] SecondFactor::Parts factor_parts() const;
  [[nodiscard]] Error settle_factor(Error error);
  void settle(AuthStatus status);

  Parts parts_;
  AuthStatus status_ = AuthStatus::initial;
  std::optional<ActiveUser> user_;
  std::optional<UserRecord> record_;
  std::string remembered_email_;
  std::optional<LoginUnderWay> login_;
  std::optional<SecondFactor> second_factor_;
};

}  // namespace landfall::auth
