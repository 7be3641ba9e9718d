#include "actors/session.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/key_chain.hpp"
#include "actors/session_steps.hpp"
#include "actors/session_unlock.hpp"
#include "engine/auth/user_profile.hpp"
#include "engine/host/session_json.hpp"
#include "engine/store/erase_intent.hpp"
#include "engine/store/session_table.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = SessionActor::stateful_pointer<SessionState>;
using SharedAnswer = SharedSessionAnswer;
using store::Durability;
using store::Transaction;

// Why the host finds the session like this, where there is something to say.
std::string_view reason_of(const SessionState& state, const SessionSnapshot& snapshot) {
  const bool is_behind_keys = state.machine->status() == auth::AuthStatus::locked;
  if (is_behind_keys) return state.locked_because;
  if (snapshot.status == auth::AuthStatus::locked) return "session.locked";
  if (snapshot.status == auth::AuthStatus::unauthenticated) return state.left_because;
  return {};
}

// --- start

// Whether this turn was taken over since: then its continuations end here.
bool is_over(Self self, std::uint64_t turn) { return turn != self->state.turn; }

// Where the profile has it so, a definitive refusal ends the session (C-4, I-15). Nothing else
// does, and not while a login is under way that may mend it.
void leave_if_refused(Self self) {
  auto& state = self->state;
  const auto rule = state.core->profile().auth.refresh.on_rejected;
  if (rule != profile::OnRefreshRejected::logout || !state.is_refused) return;
  if (state.machine->status() == auth::AuthStatus::reauth_required)
    leave_session(self, "session.expired");
}

void read_profile(Self self, const auth::ActiveUser& user, const Keys& keys) {
  auto& state = self->state;
  auto known = state.device->read([&](const store::Snapshot& device) {
    return auth::load_user_profile(device, *keys.token, user.partition);
  });
  if (known) state.machine->on_profile(std::move(*known));
}

// Also at a start that nobody sees; the server is asked for whoever is in front of the app.
void come_back(Self self) {
  auto& state = self->state;
  const bool is_seen = state.is_resumed && !state.core->windows->is_window_open();
  is_seen ? look_at_foreground(self) : look_at_idle(self);
}

void reopen_partition(Self self, const auth::ActiveUser& user, const Keys& keys, bool has_tokens) {
  if (!open_lock(self, user, keys.token)) return;
  read_profile(self, user, keys);
  open_partition(self, user, keys, nullptr,
                 [self, has_tokens, turn = self->state.turn](const Status& ready) {
                   if (is_over(self, turn)) return;
                   auto& machine = *self->state.machine;
                   if (!ready) return stay_locked(self, ready.error());
                   if (!has_tokens) machine.on_reauth_required();
                   // A refusal that was found while the tokens opened stands.
                   const auto status = machine.status();
                   if (status == auth::AuthStatus::loading || status == auth::AuthStatus::locked)
                     machine.on_restored();
                   tell_status(self);
                   come_back(self);
                 });
}

// Without a readable token record the data is still the user's: it opens, and only the next call
// needs a login.
void restore(Self self, const auth::ActiveUser& user, const Keys& keys) {
  ask_status(self, self->state.peers.auth_token, OpenTokens{keys.token, user.user_id},
             [self, user, keys, turn = self->state.turn](const Status& opened) {
               if (is_over(self, turn)) return;
               const bool unreadable = !opened && opened.error().kind == ErrorClass::corrupt;
               if (!opened && !unreadable) return stay_locked(self, opened.error());
               reopen_partition(self, user, keys, opened.has_value());
             });
}

void start(Self self) {
  auto& state = self->state;
  auto user = state.device->read(
      [&](const store::Snapshot& device) { return state.machine->on_open(device); });
  if (!user) return fail_step(self, user.error());
  const auto erasing = state.device->read(
      [](const store::Snapshot& device) { return store::read_erase_intent(device); });
  if (!erasing) return fail_step(self, erasing.error());
  state.logins_held = erasing->has_value();
  state.core->sessions->set_organisation(*user ? (*user)->organisation : "");
  const auto remembered = state.core->unlocks->recall();
  state.is_resumed = *user && remembered && remembered->user_id == (*user)->user_id;
  tell_status(self);
  const std::uint64_t turn = ++state.turn;
  if (!*user) return;
  fetch_keys(self, **user, KeyRules{}, [self, turn, who = **user](Result<Keys> keys) {
    if (is_over(self, turn)) return;
    if (!keys) return stay_locked(self, keys.error());
    restore(self, who, *keys);
  });
}

// --- login

// What a good answer brought, on its way through keys, tokens and partition.
struct GoodLogin {
  std::shared_ptr<const auth::TokenPair> pair;
  SharedGranted granted;
  auth::UserProfile profile;
};

// What the user reads of a login that came to nothing.
void note_failure(Self self, const Error& error) {
  self->state.last_login.reset();
  if (error.code.starts_with("login.")) self->state.login_message = error.code;
  tell_status(self);
  leave_if_refused(self);
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
        LANDFALL_TRY(auth::store_user_profile(device, *keys.token, user.partition, login.profile));
        return note_login(self, device, user, keys.token);
      });
  if (!stored) {
    answer->deliver(failure(stored.error()));
    return fail_step(self, stored.error());
  }
  state.left_because.clear();
  state.machine->on_profile(login.profile);
  state.core->sessions->set_organisation(user.organisation);
  keep_credentials(self);
  tell_lock(self);
  open_partition(self, user, keys, login.granted, [self, answer](const Status& opened) {
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
  ask_status(self, state.peers.supervisor, ClosePartition{},
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
  if (!logged_in) {
    note_failure(self, logged_in.error());
    return answer->deliver(failure(logged_in.error()));
  }
  if (!auth::Session::needs_choice(*logged_in))
    return go_on_with_login(self, std::move(*logged_in), answer);
  state.machine->on_choice_needed(std::move(*logged_in), state.core->now());
  tell_status(self);
  answer->deliver(snapshot_of(state));
}

bool may_log_in(const SessionState& state) {
  return !state.logging_out && !state.logins_held && !state.is_switching;
}

void begin_login(Self self, const SessionState::LastLogin& typed, const SharedAnswer& answer) {
  auto& state = self->state;
  if (!may_log_in(state)) return answer->deliver(failure(session_busy()));
  abandon_choice(self);
  auto call = state.machine->on_login(typed.email, *typed.password, state.core->now(), typed.wish);
  if (!call) {
    if (call.error().code != "session.busy") note_failure(self, call.error());
    return answer->deliver(failure(call.error()));
  }
  state.last_login = typed;
  state.login_message.clear();
  tell_status(self);
  self->request(state.peers.gateway, caf::infinite, MakeCall{std::move(call->call)})
      .then([self, answer](
                const http::Answer& http_answer) { on_login_answer(self, http_answer, answer); },
            [self, answer](const caf::error&) { abandon_login(self, answer, login_dropped()); });
}

// What was kept once stays kept until its user says otherwise.
void log_in_as_before(Self self, const SharedAnswer& answer) {
  read_credentials(self, [self, answer](std::optional<auth::Credentials> kept) {
    if (!kept) {
      return answer->deliver(failure(ErrorClass::refused, "login.not_remembered",
                                     "no password is kept on this phone"));
    }
    auto password = std::make_shared<const Secret<std::string>>(std::move(kept->password));
    begin_login(self, {kept->email, std::move(password), {true, true}}, answer);
  });
}

caf::result<Result<SessionSnapshot>> login(Self self, const Login& message) {
  auto promise = self->make_response_promise<Result<SessionSnapshot>>();
  const auto answer = std::make_shared<Answer<SessionSnapshot>>(promise, login_dropped());
  if (message.with_remembered) {
    log_in_as_before(self, answer);
  } else {
    begin_login(self, {message.email, message.password, message.wish}, answer);
  }
  return promise;
}

// --- logout

// First nobody is active, then the tokens go: a process that dies in between finds nobody logged
// in, which is what the user asked for, and never a user without tokens.
void clear_session(Self self, const SharedAnswer& answer) {
  auto& state = self->state;
  auto stored = state.device->write(
      "session.logged_out", Durability::durable,
      [&](Transaction& device) { return state.machine->on_logged_out(device); });
  if (!stored) {
    answer->deliver(failure(stored.error()));
    return fail_step(self, stored.error());
  }
  state.core->sessions->set_organisation({});
  state.is_refused = false;
  forget_lock(self);
  ask_status(self, state.peers.auth_token, ClearTokens{}, [self, answer](const Status& cleared) {
    self->state.logging_out = false;
    tell_status(self);
    if (!cleared) return answer->deliver(failure(cleared.error()));
    answer->deliver(snapshot_of(self->state));
  });
}

// The server is told with a copy of the tokens; whether it hears is not waited for (C-15, I-26).
void tell_server_and_clear(Self self, auth::SessionTokens tokens, const SharedAnswer& answer) {
  auto& state = self->state;
  const auto& user = state.machine->user();
  self->send(state.peers.gateway,
             SayFarewell{std::make_shared<auth::Farewell>(auth::Farewell::Parts{
                 state.core->profile(), state.core->device_id, std::move(tokens),
                 user ? user->organisation : std::string{}})});
  clear_session(self, answer);
}

bool may_leave(const SessionState& state) {
  return state.machine->user() && !state.logging_out && !state.is_switching &&
         state.machine->status() != auth::AuthStatus::loading;
}

void stay_after_all(Self self, const Error& error, const SharedAnswer& answer) {
  self->state.logging_out = false;
  tell_status(self);
  answer->deliver(failure(error));
}

void begin_logout(Self self, const SharedAnswer& answer) {
  auto& state = self->state;
  state.logging_out = true;
  ++state.turn;
  state.timer->arm(self, std::nullopt);
  tell_status(self);
  const ClosePartition close{state.core->profile().auth.session.logout.clears_cache};
  ask_status(self, state.peers.supervisor, close, [self, answer](const Status& closed) {
    if (!closed) return stay_after_all(self, closed.error(), answer);
    self->request(self->state.peers.auth_token, caf::infinite, TakeTokens{})
        .then(
            [self, answer](const auth::SessionTokens& tokens) {
              tell_server_and_clear(self, tokens, answer);
            },
            [self, answer](const caf::error&) { stay_after_all(self, login_dropped(), answer); });
  });
}

caf::result<Result<SessionSnapshot>> logout(Self self) {
  auto& state = self->state;
  abandon_choice(self);
  state.login_message.clear();
  if (!state.machine->user()) return Result<SessionSnapshot>{snapshot_of(state)};
  if (!may_leave(state)) return Result<SessionSnapshot>{failure(session_busy())};
  state.left_because.clear();
  auto promise = self->make_response_promise<Result<SessionSnapshot>>();
  begin_logout(self, std::make_shared<Answer<SessionSnapshot>>(promise, login_dropped()));
  return promise;
}

// --- a new pair without a password

Status note_renewal(Self self, const auth::ActiveUser& user) {
  auto& state = self->state;
  const Status stored = state.device->write(
      "session.renewed", Durability::durable,
      [&](Transaction& device) { return note_login(self, device, user, state.token_key); });
  if (!stored) {
    fail_step(self, stored.error());
    return stored;
  }
  state.machine->on_restored();
  return {};
}

void on_auth(Self self, const AuthChanged& changed) {
  auto& machine = *self->state.machine;
  if (changed.state == auth::TokenState::reauth_required && machine.user() &&
      machine.status() != auth::AuthStatus::reauth_required) {
    machine.on_reauth_required();
    tell_status(self);
  }
  self->state.is_refused = changed.state == auth::TokenState::reauth_required;
  leave_if_refused(self);
}

void hold_logins(Self self, bool hold) {
  auto& state = self->state;
  state.logins_held = hold;
  if (hold) return;
  const auto read = state.device->read(
      [&](const store::Snapshot& device) { return state.machine->on_erased(device); });
  if (!read) return fail_step(self, read.error());
  tell_status(self);
}

// The keys once more; not across a login, whose keys are asked for anyway.
void try_again(Self self) {
  auto& state = self->state;
  if (state.machine->status() == auth::AuthStatus::loading) {
    return state.timer->arm(self, state.core->now() + Duration{limits::kKeysRetryMs});
  }
  start(self);
}

}  // namespace

SessionSnapshot snapshot_of(SessionState& state) {
  SessionSnapshot snapshot;
  snapshot.status = shown_status(state);
  if (const auto& user = state.machine->user()) {
    snapshot.email = user->email;
    snapshot.user_id = user->user_id;
  }
  snapshot.view = view_of(state, snapshot.status);
  return snapshot;
}

void fetch_keys(SessionSelf self, const auth::ActiveUser& user, KeyRules rules,
                KeyChain<SessionSelf>::Done done) {
  auto& state = self->state;
  std::make_shared<KeyChain<SessionSelf>>(self, state.peers.api, state.core, user, rules,
                                          std::move(done))
      ->start();
}

void open_partition(SessionSelf self, const auth::ActiveUser& user, const Keys& keys,
                    SharedGranted granted, std::function<void(const Status&)> then) {
  ask_status(self, self->state.peers.supervisor,
             OpenPartition{user, keys.outbox, keys.documents, std::move(granted)}, std::move(then));
}

void stay_locked(SessionSelf self, const Error& error) {
  auto& state = self->state;
  state.machine->on_keys_unavailable();
  state.locked_because = error.code;
  const bool may_pass = error.kind == ErrorClass::transient || error.kind == ErrorClass::busy ||
                        error.kind == ErrorClass::storage_full;
  if (may_pass) {
    state.timer->arm(self, state.core->now() + Duration{limits::kKeysRetryMs});
  }
  tell_status(self);
}

void go_on_with_login(SessionSelf self, auth::LoggedIn logged_in,
                      const SharedSessionAnswer& answer) {
  const GoodLogin login{std::make_shared<const auth::TokenPair>(std::move(logged_in.tokens)),
                        std::make_shared<const permissions::Granted>(std::move(logged_in.granted)),
                        std::move(logged_in.profile)};
  fetch_login_keys(self, logged_in.user, login, answer);
}

void tell_status(SessionSelf self) {
  auto& state = self->state;
  const SessionSnapshot snapshot = snapshot_of(state);
  Json data{{"status", auth::to_string(snapshot.status)}};
  if (const auto code = reason_of(state, snapshot); !code.empty()) data["code"] = code;
  if (!snapshot.email.empty()) data["email"] = snapshot.email;
  if (!snapshot.user_id.empty()) data["user_id"] = snapshot.user_id;
  host::put_session_view(data, state.core->profile(), snapshot.view);
  self->send(state.peers.api, EmitEvent{"session.status", "session.status",
                                        std::make_shared<const Json>(std::move(data))});
  self->send(state.peers.window, SessionTold{state.machine->status()});
}

void leave_session(SessionSelf self, std::string because) {
  auto& state = self->state;
  if (!may_leave(state)) return;
  state.left_because = std::move(because);
  using Promise = Answer<SessionSnapshot>::Promise;
  begin_logout(self, std::make_shared<Answer<SessionSnapshot>>(Promise{}, login_dropped()));
}

void store_renewed(SessionSelf self, std::shared_ptr<const auth::TokenPair> pair,
                   std::function<void(const Status&)> then) {
  auto& state = self->state;
  const auto user = state.machine->user();
  const auto status = state.machine->status();
  const bool is_open =
      status == auth::AuthStatus::authenticated || status == auth::AuthStatus::reauth_required;
  if (!user || state.logging_out || !is_open) return then(failure(session_busy()));
  ask_status(self, state.peers.auth_token,
             StoreLogin{state.token_key, user->user_id, std::move(pair)},
             [self, then, who = *user, turn = state.turn](const Status& stored) {
               if (is_over(self, turn)) return then(failure(session_busy()));
               then(stored ? note_renewal(self, who) : stored);
             });
}

SessionActor::behavior_type session(Self self, SharedCore core,
                                    std::shared_ptr<store::Database> device, SessionPeers peers) {
  auto& state = self->state;
  state.machine.emplace(
      auth::Session::Parts{core->profile(), core->device_id, core->config.platform});
  state.timer.emplace(*core->environment.clock);
  state.idle_timer.emplace(*core->environment.clock);
  state.lock.emplace(unlock::Unlock::Parts{core->profile()});
  state.core = std::move(core);
  state.device = std::move(device);
  state.peers = std::move(peers);
  self->send(state.peers.auth_token, SubscribeAuth{caf::actor_cast<AuthSubscriber>(self)});
  return {
      [self](const StartSession&) { start(self); },
      [self](const Login& message) { return login(self, message); },
      [self](const Logout&) { return logout(self); },
      [self](const ReadSession&) { return Result<SessionSnapshot>{snapshot_of(self->state)}; },
      [self](const ReadActiveUser&) { return OptionalUser{self->state.machine->user()}; },
      [self](const Register& message) { return register_account(self, message); },
      [self](const ChooseOrganisation& message) { return choose_organisation(self, message); },
      [self](const AppInForeground&) { look_at_foreground(self); },
      [self](const HoldLogins& message) { hold_logins(self, message.hold); },
      [self](const UnlockCommand& command) { return on_unlock(self, command); },
      [self](const TouchActivity&) { on_touch(self); },
      [self](const SlowDone& done) { on_slow_done(self, done); },
      [self](const AuthChanged& changed) { on_auth(self, changed); },
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired)) try_again(self);
        if (self->state.idle_timer->fires(self, fired)) on_idle_timer(self);
      },
  };
}

}  // namespace landfall::actors
