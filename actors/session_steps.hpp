#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/handler.hpp"
#include "actors/key_chain.hpp"
#include "actors/session.hpp"
#include "actors/session_unlock.hpp"

// What the parts of the session actor share (session.cpp), and the parts beside login and lock.

namespace landfall::actors {

using SharedSessionAnswer = std::shared_ptr<Answer<SessionSnapshot>>;
using SharedGranted = std::shared_ptr<const permissions::Granted>;

[[nodiscard]] inline Error login_dropped() {
  return {ErrorClass::indeterminate, "engine.restarted", "the login was interrupted; try again"};
}

using auth::session_busy;

// Asks a peer for a Status; a peer that dies counts as a restart in the middle.
template <class Peer, class Question, class Then>
void ask_status(SessionSelf self, const Peer& peer, Question question, Then then) {
  self->request(peer, caf::infinite, std::move(question))
      .then(handler([then](const Status& status) { then(status); }),
            handler([then](const caf::error&) { then(Status{failure(login_dropped())}); }));
}

// --- session.cpp

[[nodiscard]] SessionSnapshot snapshot_of(SessionState& state);
void fetch_keys(SessionSelf self, const auth::ActiveUser& user, KeyRules rules,
                KeyChain<SessionSelf>::Done done);
// `granted`: what the login that opens it says of the user's rights; null where none does.
void open_partition(SessionSelf self, const auth::ActiveUser& user, const Keys& keys,
                    SharedGranted granted, std::function<void(const Status&)> then);
// The data stays locked, and nothing of it is touched. What may pass is tried again later.
void stay_locked(SessionSelf self, const Error& error);
// What the refusal of the refresh token leads to by the profile (C-4); nothing while there is none.
void obey_refusal(SessionSelf self, bool is_needed);

// --- session_login.cpp

[[nodiscard]] caf::result<Result<SessionSnapshot>> log_in(SessionSelf self, const Login& message);
// A login that the server accepted, whichever call it came from: it waits until its user has chosen
// an organisation where there are several, else it is opened.
void go_on_with_login(SessionSelf self, auth::LoggedIn logged_in,
                      const SharedSessionAnswer& answer);
// User and organisation are settled: keys, tokens, partition.
void open_login(SessionSelf self, auth::LoggedIn logged_in, const SharedSessionAnswer& answer);
// A login came to nothing: what was typed is forgotten, and what waited for its end is done.
void give_up_login(SessionSelf self);

// --- session_view.cpp

[[nodiscard]] auth::SessionView view_of(SessionState& state, auth::AuthStatus shown);

// --- session_organisation.cpp

[[nodiscard]] caf::result<Result<SessionSnapshot>> choose_organisation(
    SessionSelf self, const ChooseOrganisation& message);
// A login whose user never chose is over; the server is told.
void abandon_choice(SessionSelf self);

// --- session_account.cpp

[[nodiscard]] caf::result<Status> register_account(SessionSelf self, const Register& message);
// The user is back: out of use for too long, or is the session still good (I-25)?
void look_at_foreground(SessionSelf self);
// What the host's secure storage keeps of the last login; nothing where it keeps none.
void read_credentials(SessionSelf self, std::function<void(std::optional<auth::Credentials>)> then);
// Behind a login that succeeded: as its user wished, where the profile knows such a wish.
void keep_credentials(SessionSelf self);

}  // namespace landfall::actors
