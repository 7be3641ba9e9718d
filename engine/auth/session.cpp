#include "engine/auth/session.hpp"

#include "engine/auth/login_form.hpp"
#include "engine/auth/token_reply.hpp"
#include "engine/base/assert.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/session_body.hpp"
#include "engine/store/session_table.hpp"
#include "engine/store/transaction.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace landfall::auth {
namespace {

tl::unexpected<Error> login_abandoned() {
  return failure(ErrorClass::refused, "session.login_abandoned",
                 "nobody waits for this login any more");
}

tl::unexpected<Error> no_factor() {
  return failure(ErrorClass::invalid, "second_factor.none", "no login waits for a second factor");
}

const std::string kOrganisationField = "params.organisation";

// That the server named it: a partition is made for it, and a header carries it.
Status check_organisation(const std::vector<Organisation>& known, const std::string& organisation) {
  const bool is_known = std::any_of(known.begin(), known.end(), [&](const Organisation& each) {
    return each.id == organisation;
  });
  if (is_known) return {};
  return failure(Error{ErrorClass::invalid, "session.organisation_unknown",
                       "the user belongs to no such organisation", kOrganisationField});
}

}  // namespace

Session::Session(Parts parts) : parts_(std::move(parts)) {}

Result<std::optional<ActiveUser>> Session::on_open(const store::Reader& device) {
  LANDFALL_TRY_ASSIGN(const auto row, store::read_active_session(device));
  LANDFALL_TRY_ASSIGN(remembered_email_, read_remembered_email(device));
  if (row) user_ = ActiveUser{row->user_id, row->organisation, row->email, row->partition};
  settle(user_ ? AuthStatus::loading : AuthStatus::unauthenticated);
  return user_;
}

Result<LoginCall> Session::on_login(const std::string& email, const Secret<std::string>& password,
                                    Instant /*now*/, const RememberWish& wish) {
  if (is_logging_in()) return failure(ErrorClass::busy, "session.busy", "a login is under way");
  LANDFALL_TRY(check_login_form(parts_.profile, email, password));
  const profile::Endpoint* endpoint = parts_.profile.endpoint(kLoginEndpoint);
  if (endpoint == nullptr)
    return failure(ErrorClass::invalid, "profile.missing", "the profile names no login");
  const Json values = {{"email", email},
                       {"password", password.reveal()},
                       {"device_id", parts_.device_id},
                       {"platform", parts_.platform},
                       {"remember_me", wish.email || wish.password}};
  std::string body;
  if (endpoint->body) {
    LANDFALL_TRY_ASSIGN(body,
                        profile::fill_body(profile::SessionBody::login, *endpoint->body, values));
  }
  // Whoever begins anew gives up a login that waits for its code or its organisation.
  on_login_abandoned();
  login_ = LoginUnderWay{email, status_, false, wish};
  status_ = AuthStatus::loading;
  return LoginCall{http::ApiCall{std::string{kLoginEndpoint}, {}, {}, std::move(body)}};
}

Result<LoggedIn> Session::on_login_answer(const http::Answer& answer, Instant now) {
  if (!login_ || login_->answered) return login_abandoned();
  auto challenge = answer.response
                       ? challenge_in(parts_.profile, *answer.response, login_->email, now)
                       : std::nullopt;
  if (challenge && *challenge) {
    (*challenge)->wish = login_->wish;
    second_factor_.emplace(std::move(**challenge));
    status_ = AuthStatus::two_factor;
    return login_error(parts_.profile, ErrorClass::auth, "second_factor.required");
  }
  auto logged_in = challenge ? Result<LoggedIn>{failure(challenge->error())}
                             : read_login(parts_.profile, kLoginEndpoint, login_->email, answer);
  if (!logged_in) {
    on_login_abandoned();
    return logged_in;
  }
  login_->answered = true;
  return logged_in;
}

SecondFactor::Parts Session::factor_parts() const {
  return {parts_.profile, parts_.device_id, parts_.platform};
}

// What the error leaves of the login that waits for its code.
Error Session::settle_factor(Error error) {
  if (ends_login(error)) {
    on_login_abandoned();
  } else {
    status_ = AuthStatus::two_factor;
  }
  return error;
}

Result<LoginCall> Session::on_second_factor(const Secret<std::string>& code, FactorMethod method,
                                            Instant now) {
  if (!second_factor_) return no_factor();
  if (second_factor_->is_checking() || login_->answered)
    return failure(ErrorClass::busy, "session.busy", "a code is being looked at");
  auto call = second_factor_->on_code(factor_parts(), code, method, now);
  if (!call) return failure(settle_factor(call.error()));
  status_ = AuthStatus::loading;
  return LoginCall{std::move(*call)};
}

Result<LoggedIn> Session::on_second_factor_answer(const http::Answer& answer, Instant /*now*/) {
  if (!second_factor_ || !second_factor_->is_checking()) return login_abandoned();
  second_factor_->on_answered();
  auto logged_in = read_login(parts_.profile, kSecondFactorLoginEndpoint, login_->email, answer);
  if (logged_in) {
    login_->answered = true;
    return logged_in;
  }
  const bool is_refused = answer.response && answer.response->status / 100 != 2;
  return failure(settle_factor(
      is_refused ? second_factor_->on_refused(parts_.profile, *answer.response, logged_in.error())
                 : logged_in.error()));
}

Result<LoginCall> Session::on_send_code(Instant now) {
  if (!second_factor_) return no_factor();
  if (login_->answered) return failure(ErrorClass::busy, "session.busy", "the login goes on");
  auto call = second_factor_->on_send(factor_parts(), now);
  if (call) return LoginCall{std::move(*call)};
  const Error error = call.error();
  return failure(error.code == "session.busy" ? error : settle_factor(error));
}

Status Session::on_send_code_answer(const http::Answer& answer, Instant /*now*/) {
  const Profile& profile = parts_.profile;
  if (!second_factor_) return login_abandoned();
  if (!answer.response)
    return transport_error(profile, answer.failure.value_or(http::TransportFailure::silent));
  if (answer.response->status / 100 == 2) {
    second_factor_->on_sent(profile, *answer.response);
    return {};
  }
  Error error = second_factor_->on_send_refused(profile, *answer.response);
  // A code that is being looked at meanwhile is decided by its own answer.
  if (!second_factor_->is_checking() && !login_->answered) error = settle_factor(std::move(error));
  return failure(std::move(error));
}

bool Session::on_second_factor_time(Instant now) {
  if (status_ != AuthStatus::two_factor || !second_factor_->is_over(now)) return false;
  on_login_abandoned();
  return true;
}

void Session::on_challenge_kept(Challenge challenge) {
  if (user_ && user_->email != challenge.email) return;
  login_ = LoginUnderWay{challenge.email, status_, false, challenge.wish};
  second_factor_.emplace(std::move(challenge));
  status_ = AuthStatus::two_factor;
}

bool Session::needs_choice(const LoggedIn& logged_in) {
  return logged_in.record.organisations.size() > 1;
}

void Session::on_choice_needed(LoggedIn logged_in, Instant now) {
  LANDFALL_ASSERT(login_ && login_->answered);
  // A code that led here opens nothing more.
  second_factor_.reset();
  login_->choice = std::move(logged_in);
  login_->chosen_from = now;
  status_ = AuthStatus::organization_select;
}

Result<LoggedIn> Session::on_chosen(const std::string& organisation, Instant now) {
  if (!awaits_choice()) {
    return failure(ErrorClass::refused, "session.no_choice",
                   "no login waits for an organisation to be chosen");
  }
  LANDFALL_TRY(check_organisation(login_->choice->record.organisations, organisation));
  LoggedIn logged_in = std::move(*std::exchange(login_->choice, std::nullopt));
  logged_in.user = in_organisation(logged_in.user, organisation);
  Duration& lifetime = logged_in.tokens.access_lifetime;
  if (lifetime > Duration{0})
    lifetime = std::max(lifetime - (now - login_->chosen_from), Duration{1});
  status_ = AuthStatus::loading;
  return logged_in;
}

std::optional<TokenPair> Session::on_choice_abandoned() {
  if (!awaits_choice()) return std::nullopt;
  TokenPair tokens = std::move(login_->choice->tokens);
  on_login_abandoned();
  return tokens;
}

Result<ActiveUser> Session::may_switch(const std::string& organisation) const {
  if (login_) return failure(ErrorClass::busy, "session.busy", "a login is under way");
  if (!user_) return failure(ErrorClass::auth, "session.no_user", "nobody is logged in");
  const auto& known = record_ ? record_->organisations : std::vector<Organisation>{};
  LANDFALL_TRY(check_organisation(known, organisation));
  if (organisation == user_->organisation) {
    return failure(Error{ErrorClass::refused, "session.organisation_active",
                         "this organisation is the active one", kOrganisationField});
  }
  return in_organisation(*user_, organisation);
}

Status Session::on_switched(store::Transaction& device, const ActiveUser& user, Instant now) {
  LANDFALL_TRY(store::activate_session(
      device, {user.user_id, user.organisation, user.email, user.partition}, now));
  user_ = user;
  return {};
}

void Session::on_record(UserRecord record) {
  if (user_) record_ = std::move(record);
}

Status Session::on_erased(const store::Reader& device) {
  LANDFALL_TRY_ASSIGN(remembered_email_, read_remembered_email(device));
  return {};
}

std::optional<ActiveUser> Session::shown_user() const {
  return waits_for_user() ? std::nullopt : user_;
}

std::string Session::shown_email() const {
  if (waits_for_user()) return login_->email;
  return user_ ? user_->email : std::string{};
}

UserRecord Session::shown_record() const {
  if (awaits_choice()) return login_->choice->record;
  return waits_for_user() ? UserRecord{} : record_.value_or(UserRecord{});
}

Status Session::on_opened(store::Transaction& device, const ActiveUser& user, Instant now) {
  LANDFALL_TRY(store::activate_session(
      device, {user.user_id, user.organisation, user.email, user.partition}, now));
  LANDFALL_TRY_ASSIGN(remembered_email_,
                      remember_email(device, parts_.profile.auth.session.remember,
                                     login_ ? login_->wish : RememberWish{}, user.email));
  login_.reset();
  second_factor_.reset();
  user_ = user;
  status_ = AuthStatus::authenticated;
  return {};
}

void Session::on_restored() {
  LANDFALL_ASSERT(user_);
  settle(AuthStatus::authenticated);
}

void Session::on_keys_unavailable() { settle(AuthStatus::locked); }

void Session::on_reauth_required() {
  LANDFALL_ASSERT(user_);
  settle(AuthStatus::reauth_required);
}

void Session::on_login_abandoned() {
  if (!login_) return;
  status_ = login_->before;
  login_.reset();
  second_factor_.reset();
}

Status Session::on_logged_out(store::Transaction& device) {
  LANDFALL_TRY(store::deactivate_sessions(device));
  login_.reset();
  second_factor_.reset();
  user_.reset();
  record_.reset();
  status_ = AuthStatus::unauthenticated;
  return {};
}

void Session::settle(AuthStatus status) {
  // While a login is under way the form says so; what happens behind it is what a failed login
  // falls back to.
  if (login_) {
    login_->before = status;
  } else {
    status_ = status;
  }
}

}  // namespace landfall::auth
