#include <memory>
#include <optional>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/handler.hpp"
#include "actors/session_second_factor.hpp"
#include "actors/session_steps.hpp"
#include "actors/session_user.hpp"
#include "engine/auth/login_form.hpp"
#include "engine/store/session_table.hpp"

namespace landfall::actors {
namespace {

using Self = SessionSelf;
using SharedAnswer = SharedSessionAnswer;
using store::Durability;
using store::Transaction;

// What a good answer brought, on its way through keys, tokens and partition.
struct GoodLogin {
  std::shared_ptr<const auth::TokenPair> pair;
  SharedGranted granted;
  auth::UserRecord record;
};

// What the user reads of a login that came to nothing.
void note_failure(Self self, const Error& error) {
  if (auth::is_for_login_form(error)) self->state.login_message = error.code;
  give_up_login(self);
}

void abandon_login(Self self, const SharedAnswer& answer, const Error& error) {
  self->state.machine->on_login_abandoned();
  note_failure(self, error);
  answer->deliver(failure(error));
}

void finish_login(Self self, const auth::ActiveUser& user, const GoodLogin& login, const Keys& keys,
                  const SharedAnswer& answer) {
  auto& state = self->state;
  auto stored = state.device->write(
      "session.opened", Durability::durable, [&](Transaction& device) -> Status {
        LANDFALL_TRY(state.machine->on_opened(device, user, state.core->now()));
        LANDFALL_TRY(note_user(self, device, user, *keys.token, login.record));
        return note_login(self, device, user, keys.token);
      });
  if (!stored) {
    answer->deliver(failure(stored.error()));
    return fail_step(self, stored.error());
  }
  state.left_because.clear();
  state.login_message.clear();
  state.lacks_tokens = false;
  state.core->sessions->set_organisation(user.organisation);
  keep_credentials(self);
  tell_lock(self);
  self->send(state.peers.devices, UserPresent{user.user_id, keys.token, true});
  open_partition(self, user, keys, login.granted,
                 [self, answer, turn = state.turn](const Status& opened) {
                   // Whoever took over decides what is shown; this one's partition is not theirs to
                   // lock.
                   if (turn != self->state.turn) return answer->deliver(failure(session_busy()));
                   if (opened) {
                     tell_status(self);
                     return answer->deliver(snapshot_of(self->state));
                   }
                   // Logged in they are; it is their data that does not open.
                   stay_locked(self, opened.error());
                   answer->deliver(failure(opened.error()));
                 });
}

void store_tokens(Self self, const auth::ActiveUser& user, const GoodLogin& login, const Keys& keys,
                  const SharedAnswer& answer) {
  ask_status(self, self->state.peers.auth_token, StoreLogin{keys.token, user.user_id, login.pair},
             [self, user, login, keys, answer](const Status& stored) {
               if (!stored) return abandon_login(self, answer, stored.error());
               finish_login(self, user, login, keys, answer);
             });
}

// From here on a start that still waits for keys opens nothing. Another user's partition must be
// closed before the new token exists: nothing of theirs may leave with it. It is not closed
// earlier, so that a login which fails for want of keys leaves them where they were.
void take_over(Self self, const auth::ActiveUser& user, const GoodLogin& login, const Keys& keys,
               const SharedAnswer& answer) {
  auto& state = self->state;
  ++state.turn;
  state.timer->arm(self, std::nullopt);
  const auto& current = state.machine->user();
  if (!current || current->partition == user.partition)
    return store_tokens(self, user, login, keys, answer);
  ask_status(self, state.peers.supervisor, ClosePartition{ClosedCache::stays},
             [self, user, login, keys, answer](const Status& closed) {
               if (!closed) return abandon_login(self, answer, closed.error());
               store_tokens(self, user, login, keys, answer);
             });
}

void fetch_login_keys(Self self, const auth::ActiveUser& user, const GoodLogin& login,
                      const SharedAnswer& answer) {
  auto& state = self->state;
  const auto known = state.device->read([&](const store::Snapshot& device) {
    return store::has_session(device, user.user_id, user.organisation);
  });
  if (!known) return abandon_login(self, answer, known.error());
  fetch_keys(self, user, KeyRules{true, !*known}, [self, user, login, answer](Result<Keys> keys) {
    if (!keys) return abandon_login(self, answer, keys.error());
    take_over(self, user, login, *keys, answer);
  });
}

void on_login_answer(Self self, const http::Answer& http_answer, const SharedAnswer& answer) {
  auto& state = self->state;
  auto logged_in = state.machine->on_login_answer(http_answer, state.core->now());
  if (logged_in) return go_on_with_login(self, std::move(*logged_in), answer);
  if (state.machine->status() == auth::AuthStatus::two_factor) {
    tell_status(self);
    return answer->deliver(snapshot_of(state));
  }
  note_failure(self, logged_in.error());
  answer->deliver(failure(logged_in.error()));
}

bool may_log_in(const SessionState& state) {
  return !state.logging_out && !state.logins_held && !state.is_switching;
}

void begin_login(Self self, const SessionState::LastLogin& typed, const SharedAnswer& answer) {
  auto& state = self->state;
  if (!may_log_in(state)) return answer->deliver(failure(session_busy()));
  // A form that goes nowhere gives nothing up.
  if (auth::check_login_form(state.core->profile(), typed.email, *typed.password))
    abandon_choice(self);
  auto call = state.machine->on_login(typed.email, *typed.password, state.core->now(), typed.wish);
  if (!call) {
    if (call.error().code != "session.busy") note_failure(self, call.error());
    return answer->deliver(failure(call.error()));
  }
  begin_anew(self);
  // In memory for as long as the login takes, and only where it is to be kept behind it.
  state.last_login.reset();
  if (auth::keeps_password(state.core->profile().auth.session.remember, typed.wish))
    state.last_login = typed;
  state.login_message.clear();
  tell_status(self);
  self->request(state.peers.gateway, caf::infinite, MakeCall{std::move(call->call)})
      .then(handler([self, answer](const http::Answer& http_answer) {
              on_login_answer(self, http_answer, answer);
            }),
            handler([self, answer](const caf::error&) {
              abandon_login(self, answer, login_dropped());
            }));
}

// What was kept once stays kept until its user says otherwise.
void log_in_as_before(Self self, const SharedAnswer& answer) {
  read_credentials(self, [self, answer](std::optional<auth::Credentials> kept) {
    // Another version of the app may have kept it.
    const auto rule = self->state.core->profile().auth.session.remember;
    if (!kept || rule != profile::Remember::credentials) {
      return answer->deliver(failure(ErrorClass::refused, "login.not_remembered",
                                     "no password is kept on this phone"));
    }
    auto password = std::make_shared<const Secret<std::string>>(std::move(kept->password));
    begin_login(self, {kept->email, std::move(password), {true, true}}, answer);
  });
}

}  // namespace

caf::result<Result<SessionSnapshot>> log_in(SessionSelf self, const Login& message) {
  auto promise = self->make_response_promise<Result<SessionSnapshot>>();
  const auto answer = std::make_shared<Answer<SessionSnapshot>>(promise, login_dropped());
  if (message.with_remembered) {
    log_in_as_before(self, answer);
  } else {
    begin_login(self, {message.email, message.password, message.wish}, answer);
  }
  return promise;
}

void give_up_login(SessionSelf self) {
  auto& state = self->state;
  // The form may have been wrong while another login still waits for its code.
  if (!state.machine->has_login()) state.last_login.reset();
  tell_status(self);
  obey_refusal(self, false);
}

void go_on_with_login(SessionSelf self, auth::LoggedIn logged_in,
                      const SharedSessionAnswer& answer) {
  ++self->state.factor_turn;
  if (!auth::Session::needs_choice(logged_in))
    return open_login(self, std::move(logged_in), answer);
  auto& state = self->state;
  state.machine->on_choice_needed(std::move(logged_in), state.core->now());
  tell_status(self);
  answer->deliver(snapshot_of(state));
}

void open_login(SessionSelf self, auth::LoggedIn logged_in, const SharedSessionAnswer& answer) {
  const GoodLogin login{std::make_shared<const auth::TokenPair>(std::move(logged_in.tokens)),
                        std::make_shared<const permissions::Granted>(std::move(logged_in.granted)),
                        std::move(logged_in.record)};
  fetch_login_keys(self, logged_in.user, login, answer);
}

}  // namespace landfall::actors
