#include "engine/auth/login_form.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "engine/auth/device_limit.hpp"
#include "engine/auth/email_form.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::auth {
namespace {

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isspace(c) != 0; });
}

}  // namespace

tl::unexpected<Error> login_error(const Profile& profile, ErrorClass kind, std::string_view key,
                                  std::optional<std::string> field) {
  return failure(
      Error{kind, std::string{key}, std::string{profile.message(key)}, std::move(field)});
}

tl::unexpected<Error> transport_error(const Profile& profile, http::TransportFailure problem) {
  switch (problem) {
    case http::TransportFailure::not_sent:
    case http::TransportFailure::no_session:
      return login_error(profile, ErrorClass::wait_network, "login.no_connection");
    case http::TransportFailure::silent:
      return login_error(profile, ErrorClass::transient, "login.no_connection");
    case http::TransportFailure::cut:
    case http::TransportFailure::too_large:
      break;
  }
  return login_error(profile, ErrorClass::transient, "login.answer_invalid");
}

Status check_login_form(const Profile& profile, std::string_view email,
                        const Secret<std::string>& password) {
  if (is_blank(email))
    return login_error(profile, ErrorClass::invalid, "login.email_missing", "params.email");
  const bool takes_emails = profile.auth.session.login_name == profile::LoginName::email;
  if (takes_emails && !is_email(email))
    return login_error(profile, ErrorClass::invalid, "login.email_invalid", "params.email");
  if (password.reveal().empty())
    return login_error(profile, ErrorClass::invalid, "login.password_missing", "params.password");
  return {};
}

bool is_for_login_form(const Error& error) {
  return error.code.starts_with("login.") || error.code == kDeviceLimitCode;
}

}  // namespace landfall::auth
