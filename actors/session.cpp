#include "actors/session.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/key_chain.hpp"
#include "actors/session_second_factor.hpp"
#include "actors/session_unlock.hpp"
#include "actors/session_user.hpp"
#include "engine/auth/refusal.hpp"
#include "engine/base/mutant.hpp"
#include "engine/host/second_factor_json.hpp"
#include "engine/store/erase_intent.hpp"
#include "engine/store/session_table.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = SessionActor::stateful_pointer<SessionState>;
using SharedAnswer = SharedSessionAnswer;
using store::Durability;
using store::Transaction;

Error login_dropped() {
  return {ErrorClass::indeterminate, "engine.restarted", "the login was interrupted; try again"};
}

Error busy() { return {ErrorClass::busy, "session.busy", "a login or logout is under way"}; }

// Why the host finds the session like this, where there is something to say.
std::string_view reason_of(const SessionState& state, const SessionSnapshot& snapshot) {
  const bool is_behind_keys = state.machine->status() == auth::AuthStatus::locked;
  if (is_behind_keys) return state.locked_because;
  if (snapshot.second_factor) return snapshot.second_factor->code;
  if (snapshot.status == auth::AuthStatus::locked) return "session.locked";
  if (snapshot.status == auth::AuthStatus::unauthenticated) return state.left_because;
  return {};
}

SessionSnapshot snapshot_of(SessionState& state) {
  SessionSnapshot snapshot;
  snapshot.status = shown_status(state);
  if (const auto& user = state.machine->user()) {
    snapshot.email = user->email;
    snapshot.user_id = user->user_id;
  }
  if (state.machine->status() == auth::AuthStatus::two_factor)
    snapshot.second_factor = state.machine->second_factor()->view();
  snapshot.code = reason_of(state, snapshot);
  return snapshot;
}

// Asks a peer for a Status; a peer that dies counts as a restart in the middle.
template <class Peer, class Question, class Then>
void ask_status(Self self, const Peer& peer, Question question, Then then) {
  self->request(peer, caf::infinite, std::move(question))
      .then([then](const Status& status) { then(status); },
            [then](const caf::error&) { then(Status{failure(login_dropped())}); });
}

void fetch_keys(Self self, const auth::ActiveUser& user, KeyRules rules,
                KeyChain<Self>::Done done) {
  auto& state = self->state;
  std::make_shared<KeyChain<Self>>(self, state.peers.api, state.core, user, rules, std::move(done))
      ->start();
}

using SharedGranted = std::shared_ptr<const permissions::Granted>;

// `granted`: what the login that opens it says of the user's rights; null at a start.
void open_partition(Self self, const auth::ActiveUser& user, const Keys& keys,
                    SharedGranted granted, std::function<void(const Status&)> then) {
  self->state.is_opening = true;
  ask_status(self, self->state.peers.supervisor,
             OpenPartition{user, keys.outbox, keys.documents, std::move(granted)},
             [self, then = std::move(then)](const Status& opened) {
               self->state.is_opening = false;
               then(opened);
             });
}

// --- start

// A background window looks at what it can do, not at what the user was told.
auth::AuthStatus status_for_window(const SessionState& state) {
  const auto status = state.machine->status();
  const bool is_idle = state.is_refused && status == auth::AuthStatus::authenticated;
  return is_idle ? auth::AuthStatus::reauth_required : status;
}

// What the refusal of the refresh token leads to by the profile (C-4); nothing while there is none.
void obey_refusal(Self self, bool is_needed) {
  auto& state = self->state;
  auto& machine = *state.machine;
  if (!state.is_refused || !machine.user()) return;
  switch (auth::after_refusal(state.core->profile().auth.refresh.on_rejected, is_needed)) {
    case auth::AfterRefusal::ends:
      return leave_session(self, "session.expired");
    case auth::AfterRefusal::stays:
      return self->send(state.peers.window, SessionTold{status_for_window(state)});
    case auth::AfterRefusal::asks:
      break;
  }
  if (machine.status() == auth::AuthStatus::reauth_required) return;
  machine.on_reauth_required();
  tell_status(self);
}

// Whether this turn was taken over since: then its continuations end here.
bool is_over(Self self, std::uint64_t turn) { return turn != self->state.turn; }

// The data stays locked, and nothing of it is touched. What may pass is tried again later.
void stay_locked(Self self, const Error& error) {
  auto& state = self->state;
  mutant::is(mutant::Mutant::log_out_when_locked) ? state.machine->on_reauth_required()
                                                  : state.machine->on_keys_unavailable();
  state.locked_because = error.code;
  const bool may_pass = error.kind == ErrorClass::transient || error.kind == ErrorClass::busy ||
                        error.kind == ErrorClass::storage_full;
  if (may_pass) {
    state.timer->arm(self, state.core->now() + Duration{limits::kKeysRetryMs});
  }
  tell_status(self);
}

void reopen_partition(Self self, const auth::ActiveUser& user, const Keys& keys, bool has_tokens) {
  if (!open_lock(self, user, keys.token)) return;
  self->send(self->state.peers.devices, UserPresent{user.user_id, keys.token, false});
  self->state.lacks_tokens = !has_tokens;
  recall_user(self, user, *keys.token);
  tell_routing(self);
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
                   obey_refusal(self, false);
                   look_at_idle(self);
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
  if (!*user) recall_challenge(self);
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
  auth::UserRecord record;
};

void abandon_login(Self self, const SharedAnswer& answer, const Error& error) {
  self->state.machine->on_login_abandoned();
  tell_status(self);
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
  tell_lock(self);
  self->send(state.peers.devices, UserPresent{user.user_id, keys.token, true});
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
  if (logged_in) return open_login(self, std::move(*logged_in), answer);
  tell_status(self);
  if (state.machine->status() == auth::AuthStatus::two_factor)
    return answer->deliver(snapshot_of(state));
  answer->deliver(failure(logged_in.error()));
}

caf::result<Result<SessionSnapshot>> login(Self self, const Login& message) {
  auto& state = self->state;
  if (state.logging_out || state.logins_held) return Result<SessionSnapshot>{failure(busy())};
  auto call = state.machine->on_login(message.email, *message.password, state.core->now());
  if (!call) return Result<SessionSnapshot>{failure(call.error())};
  begin_anew(self);
  tell_status(self);
  auto promise = self->make_response_promise<Result<SessionSnapshot>>();
  auto answer = std::make_shared<Answer<SessionSnapshot>>(promise, login_dropped());
  self->request(state.peers.gateway, caf::infinite, MakeCall{std::move(call->call)})
      .then([self, answer](
                const http::Answer& http_answer) { on_login_answer(self, http_answer, answer); },
            [self, answer](const caf::error&) { abandon_login(self, answer, login_dropped()); });
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
  forget_user(self);
  forget_lock(self);
  self->send(state.peers.devices, UserLeft{});
  ask_status(self, state.peers.auth_token, ClearTokens{}, [self, answer](const Status& cleared) {
    self->state.logging_out = false;
    tell_status(self);
    if (!cleared) return answer->deliver(failure(cleared.error()));
    answer->deliver(snapshot_of(self->state));
  });
}

// The server is told with a copy of the refresh token; whether it hears is not waited for (C-15,
// I-26 step 1).
void tell_server_and_clear(Self self, const SharedSecret<std::string>& refresh_token,
                           const SharedAnswer& answer) {
  auto& state = self->state;
  if (auto call = state.machine->logout_call(refresh_token)) {
    self->request(state.peers.gateway, caf::infinite, MakeCall{std::move(*call)})
        .then([](const http::Answer&) {}, [](const caf::error&) {});
  }
  clear_session(self, answer);
}

bool may_leave(const SessionState& state) {
  return state.machine->user() && !state.logging_out &&
         state.machine->status() != auth::AuthStatus::loading;
}

void begin_logout(Self self, const SharedAnswer& answer) {
  auto& state = self->state;
  state.logging_out = true;
  ++state.turn;
  state.timer->arm(self, std::nullopt);
  ask_status(self, state.peers.supervisor, ClosePartition{}, [self, answer](const Status& closed) {
    if (!closed) {
      self->state.logging_out = false;
      return answer->deliver(failure(closed.error()));
    }
    self->request(self->state.peers.auth_token, caf::infinite, TakeRefreshToken{})
        .then(
            [self, answer](const SharedSecret<std::string>& token) {
              tell_server_and_clear(self, token, answer);
            },
            [self, answer](const caf::error&) {
              self->state.logging_out = false;
              answer->deliver(failure(login_dropped()));
            });
  });
}

caf::result<Result<SessionSnapshot>> logout(Self self) {
  auto& state = self->state;
  if (!state.machine->user()) {
    abandon_second_factor(self);
    return Result<SessionSnapshot>{snapshot_of(state)};
  }
  if (!may_leave(state)) return Result<SessionSnapshot>{failure(busy())};
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
  auto& state = self->state;
  state.is_refused = changed.state == auth::TokenState::reauth_required;
  if (changed.granted) take_roles(self, *changed.granted);
  obey_refusal(self, changed.is_needed);
}

Status leave(Self self, const LeaveSession& message) {
  if (self->state.is_opening || !may_leave(self->state)) return failure(busy());
  leave_session(self, message.because);
  return {};
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

SessionSnapshot session_snapshot(SessionState& state) { return snapshot_of(state); }

void open_login(SessionSelf self, auth::LoggedIn logged_in, const SharedSessionAnswer& answer) {
  const GoodLogin login{std::make_shared<const auth::TokenPair>(std::move(logged_in.tokens)),
                        std::make_shared<const permissions::Granted>(std::move(logged_in.granted)),
                        std::move(logged_in.record)};
  fetch_login_keys(self, logged_in.user, login, answer);
}

void tell_status(SessionSelf self) {
  auto& state = self->state;
  follow_challenge(self);
  const SessionSnapshot snapshot = snapshot_of(state);
  Json data{{"status", auth::to_string(snapshot.status)}};
  if (!snapshot.code.empty()) data["code"] = snapshot.code;
  if (snapshot.second_factor)
    data["second_factor"] = host::second_factor_json(*snapshot.second_factor);
  if (!snapshot.email.empty()) data["email"] = snapshot.email;
  if (!snapshot.user_id.empty()) data["user_id"] = snapshot.user_id;
  self->send(state.peers.api, EmitEvent{"session.status", "session.status",
                                        std::make_shared<const Json>(std::move(data))});
  self->send(state.peers.window, SessionTold{status_for_window(state)});
  tell_routing(self);
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
  if (!user || state.logging_out || !is_open) return then(failure(busy()));
  ask_status(self, state.peers.auth_token,
             StoreLogin{state.token_key, user->user_id, std::move(pair)},
             [self, then, who = *user, turn = state.turn](const Status& stored) {
               if (is_over(self, turn)) return then(failure(busy()));
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
  state.factor_timer.emplace(*core->environment.clock);
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
      [self](const HoldLogins& message) { self->state.logins_held = message.hold; },
      [self](const UnlockCommand& command) { return on_unlock(self, command); },
      [self](const TouchActivity&) { on_touch(self); },
      [self](const SlowDone& done) { on_slow_done(self, done); },
      [self](const AuthChanged& changed) { on_auth(self, changed); },
      [self](const NeedSession&) { obey_refusal(self, true); },
      [self](const WatchSession& message) {
        self->state.routing = message.watcher;
        self->state.facts_told.reset();
        tell_routing(self);
      },
      [self](const LeaveSession& message) { return leave(self, message); },
      [self](const StoreActiveRole& message) { return store_active_role(self, message.role); },
      [self](const ReadUser&) { return read_user(self->state); },
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired)) try_again(self);
        if (self->state.idle_timer->fires(self, fired)) on_idle_timer(self);
        if (self->state.factor_timer->fires(self, fired)) on_factor_timer(self);
      },
      [self](const SecondFactorCode& message) { return on_second_factor(self, message); },
      [self](const SendSecondFactorCode&) { return on_send_code(self); },
      [self](const ManageSecondFactor& message) { return on_manage_factor(self, message); },
  };
}

}  // namespace landfall::actors
