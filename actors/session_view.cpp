#include <utility>

#include <nlohmann/json.hpp>

#include "actors/proof.hpp"
#include "actors/session_steps.hpp"
#include "engine/host/second_factor_json.hpp"
#include "engine/host/session_json.hpp"

namespace landfall::actors {
namespace {

using auth::AuthStatus;

std::string busy_of(const SessionState& state) {
  if (state.logging_out) return "logout";
  if (state.is_biometric_busy) return "biometric";
  if (state.is_switching || state.machine->is_logging_in()) return "login";
  return {};
}

// What the user is to read: what came of the last try, else why they find themselves here.
std::string message_of(const SessionState& state, AuthStatus shown) {
  if (!state.login_message.empty()) return state.login_message;
  if (shown == AuthStatus::two_factor) return state.machine->second_factor()->view().code;
  if (shown == AuthStatus::unauthenticated) return state.left_because;
  if (shown == AuthStatus::reauth_required) return "session.expired";
  return {};
}

}  // namespace

Json session_json(const Profile& profile, const SessionSnapshot& session) {
  Json json{{"status", auth::to_string(session.status)}};
  if (!session.email.empty()) json["email"] = session.email;
  if (!session.user_id.empty()) json["user_id"] = session.user_id;
  host::add_second_factor(json, session.second_factor, session.code);
  host::put_session_view(json, profile, session.view);
  return json;
}

auth::SessionView view_of(SessionState& state, AuthStatus shown) {
  auth::UserRecord record = state.machine->shown_record();
  auth::SessionView view;
  view.user_name = std::move(record.name);
  view.organisations = std::move(record.organisations);
  if (const auto user = state.machine->shown_user()) view.organisation = user->organisation;
  view.message_key = message_of(state, shown);
  view.remembered_email = state.machine->remembered_email();
  const auto biometric = state.lock->status(read_time(state)).biometric;
  view.is_biometric_enabled = biometric.is_enrolled && !biometric.is_expired;
  view.busy = busy_of(state);
  const bool is_open = auth::is_inside(shown);
  view.are_routes_allowed = is_open && !state.logging_out && !state.is_switching;
  return view;
}

}  // namespace landfall::actors
