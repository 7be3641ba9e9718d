#include "engine/auth/session.hpp"

#include "engine/auth/login_form.hpp"
#include "engine/auth/token_reply.hpp"
#include "engine/auth/user_profile.hpp"
#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/template.hpp"
#include "engine/store/session_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

#include <sodium.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace landfall::auth {
namespace {

// Servers name the lock differently (A-8, P-24); what they agree on is the word.
bool says_locked(std::string_view code) {
  std::string upper{code};
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return upper.find("LOCKED") != std::string::npos;
}

// One 401 means a bad password, a locked account or somebody else's page (C-26, I-8, I-10).
tl::unexpected<Error> refusal_error(const Profile& profile, const http::Response& response) {
  if (response.status >= 500 || response.status == 429 || response.status == 408) {
    return login_error(profile, ErrorClass::transient, "login.server_error");
  }
  const auto code = error_code_of(profile, response);
  if (!code) return login_error(profile, ErrorClass::transient, "login.answer_invalid");
  if (response.status == 423 || says_locked(*code)) {
    return login_error(profile, ErrorClass::refused, "login.account_locked");
  }
  if (response.status == 400 || response.status == 401 || response.status == 422) {
    return login_error(profile, ErrorClass::auth, "login.invalid_credentials");
  }
  return login_error(profile, ErrorClass::refused, "login.server_error");
}

std::optional<std::string> reply_text(const Json& reply, const profile::Endpoint& endpoint,
                                      std::string_view what) {
  const Json* value = profile::reply_value(reply, endpoint, what);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
}

// Who the reply says has logged in; nothing when it does not say so properly.
std::optional<ActiveUser> user_of(const Profile& profile, std::string_view body,
                                  const std::string& email) {
  const profile::Endpoint* endpoint = profile.endpoint(kLoginEndpoint);
  const auto reply = parse_json(body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
  if (endpoint == nullptr || !reply) return std::nullopt;
  const auto user_id = reply_text(*reply, *endpoint, "user_id");
  const std::string organisation = reply_text(*reply, *endpoint, "organisation").value_or("");
  if (!user_id || !is_id_text(*user_id)) return std::nullopt;
  if (!organisation.empty() && !is_id_text(organisation)) return std::nullopt;
  return ActiveUser{*user_id, organisation, email, partition_id_for(*user_id, organisation)};
}

const std::string kOrganisationField = "params.organisation";

// That the server named it: a partition is made for it, and a header carries it.
Status check_organisation(const UserProfile& profile, const std::string& organisation) {
  const auto& known = profile.organisations;
  const bool is_known = std::any_of(known.begin(), known.end(), [&](const Organisation& each) {
    return each.id == organisation;
  });
  if (is_known) return {};
  return failure(Error{ErrorClass::invalid, "session.organisation_unknown",
                       "the user belongs to no such organisation", kOrganisationField});
}

ActiveUser in_organisation(const ActiveUser& user, const std::string& organisation) {
  return {user.user_id, organisation, user.email, partition_id_for(user.user_id, organisation)};
}

Result<std::string> body_from(const profile::Endpoint& endpoint, const Json& values) {
  if (!endpoint.body) return std::string{};
  LANDFALL_TRY_ASSIGN(const Json body, profile::fill_json(*endpoint.body, values));
  return dump_json(body);
}

}  // namespace

std::string_view to_string(AuthStatus status) noexcept {
  switch (status) {
    case AuthStatus::initial:
      return "initial";
    case AuthStatus::loading:
      return "loading";
    case AuthStatus::authenticated:
      return "authenticated";
    case AuthStatus::unauthenticated:
      return "unauthenticated";
    case AuthStatus::biometric_prompt:
      return "biometricPrompt";
    case AuthStatus::organization_select:
      return "organizationSelect";
    case AuthStatus::locked:
      return "locked";
    case AuthStatus::two_factor:
      return "twoFactor";
    case AuthStatus::reauth_required:
      return "reauthRequired";
  }
  return "initial";
}

Session::Session(Parts parts) : parts_(std::move(parts)) {}

Result<std::optional<ActiveUser>> Session::on_open(const store::Reader& device) {
  LANDFALL_TRY_ASSIGN(const auto row, store::read_active_session(device));
  LANDFALL_TRY_ASSIGN(remembered_email_, read_remembered_email(device));
  if (row) user_ = ActiveUser{row->user_id, row->organisation, row->email, row->partition};
  status_ = user_ ? AuthStatus::loading : AuthStatus::unauthenticated;
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
  LANDFALL_TRY_ASSIGN(std::string body, body_from(*endpoint, values));
  on_login_abandoned();
  login_ = LoginUnderWay{email, status_, false, wish};
  status_ = AuthStatus::loading;
  return LoginCall{http::ApiCall{std::string{kLoginEndpoint}, {}, {}, std::move(body)}};
}

Result<LoggedIn> Session::on_login_answer(const http::Answer& answer, Instant /*now*/) {
  if (!login_ || login_->answered) {
    return failure(ErrorClass::refused, "session.login_abandoned",
                   "nobody waits for this login any more");
  }
  auto logged_in = read_login(answer);
  if (!logged_in) {
    on_login_abandoned();
    return logged_in;
  }
  login_->answered = true;
  return logged_in;
}

Result<LoggedIn> Session::read_login(const http::Answer& answer) const {
  const Profile& profile = parts_.profile;
  if (!answer.response) {
    return transport_error(profile, answer.failure.value_or(http::TransportFailure::silent));
  }
  const http::Response& response = *answer.response;
  if (response.status / 100 != 2) return refusal_error(profile, response);
  auto tokens = parse_token_pair(profile, kLoginEndpoint, response);
  if (!tokens) {
    return login_error(profile, ErrorClass::transient, "login.answer_invalid",
                       tokens.error().field);
  }
  auto user = user_of(profile, response.body, login_->email);
  if (!user)
    return login_error(profile, ErrorClass::transient, "login.answer_invalid", "login.user_id");
  LoggedIn logged_in{std::move(*user), std::move(*tokens),
                     permissions::granted_in(profile, kLoginEndpoint, response.body),
                     user_profile_in(profile, kLoginEndpoint, response.body)};
  const auto& organisations = logged_in.profile.organisations;
  if (organisations.size() == 1)
    logged_in.user = in_organisation(logged_in.user, organisations.front().id);
  return logged_in;
}

bool Session::needs_choice(const LoggedIn& logged_in) {
  return logged_in.profile.organisations.size() > 1;
}

void Session::on_choice_needed(LoggedIn logged_in, Instant now) {
  LANDFALL_ASSERT(login_ && login_->answered);
  login_->choice = std::move(logged_in);
  login_->chosen_from = now;
  status_ = AuthStatus::organization_select;
}

Result<LoggedIn> Session::on_chosen(const std::string& organisation, Instant now) {
  if (!awaits_choice()) {
    return failure(ErrorClass::refused, "session.no_choice",
                   "no login waits for an organisation to be chosen");
  }
  LANDFALL_TRY(check_organisation(login_->choice->profile, organisation));
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
  LANDFALL_TRY(check_organisation(profile_, organisation));
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

void Session::on_profile(UserProfile profile) {
  if (user_) profile_ = std::move(profile);
}

Status Session::on_erased(const store::Reader& device) {
  LANDFALL_TRY_ASSIGN(remembered_email_, read_remembered_email(device));
  return {};
}

const UserProfile& Session::profile() const {
  return awaits_choice() ? login_->choice->profile : profile_;
}

Status Session::on_opened(store::Transaction& device, const ActiveUser& user, Instant now) {
  LANDFALL_TRY(store::activate_session(
      device, {user.user_id, user.organisation, user.email, user.partition}, now));
  LANDFALL_TRY_ASSIGN(remembered_email_,
                      remember_email(device, parts_.profile.auth.session.remember,
                                     login_ ? login_->wish : RememberWish{}, user.email));
  login_.reset();
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
}

Status Session::on_logged_out(store::Transaction& device) {
  LANDFALL_TRY(store::deactivate_sessions(device));
  login_.reset();
  user_.reset();
  profile_ = {};
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

PartitionId partition_id_for(std::string_view user_id, std::string_view organisation) {
  // The length keeps ("ab", "c") and ("a", "bc") apart.
  const std::string text = "landfall.partition.1:" + std::to_string(user_id.size()) + ":" +
                           std::string{user_id} + std::string{organisation};
  PartitionId id;
  const int code = crypto_generichash(id.bytes.data(), id.bytes.size(),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      text.size(), nullptr, 0);
  LANDFALL_ASSERT(code == 0);
  // Version 8, a hash of our own making, so that its text is a well-formed UUID.
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0fU) | 0x80U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3fU) | 0x80U);
  return id;
}

}  // namespace landfall::auth
