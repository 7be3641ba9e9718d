#include "actors/session.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/handler.hpp"
#include "actors/key_chain.hpp"
#include "actors/session_second_factor.hpp"
#include "actors/session_steps.hpp"
#include "actors/session_unlock.hpp"
#include "actors/session_user.hpp"
#include "engine/auth/refusal.hpp"
#include "engine/background/window.hpp"
#include "engine/base/mutant.hpp"
#include "engine/store/erase_intent.hpp"
#include "engine/store/session_table.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = SessionSelf;
using SharedAnswer = SharedSessionAnswer;
using store::Durability;
using store::Transaction;

// Why the host finds the session like this, where there is something to say.
std::string_view reason_of(const SessionState& state, const SessionSnapshot& snapshot) {
  const bool is_behind_keys = state.machine->status() == auth::AuthStatus::locked;
  if (is_behind_keys) return state.locked_because;
  if (snapshot.second_factor) return snapshot.second_factor->code;
  if (snapshot.status == auth::AuthStatus::locked) return "session.locked";
  if (snapshot.status == auth::AuthStatus::unauthenticated) return state.left_because;
  return {};
}

// --- start

auth::AuthStatus status_for_window(const SessionState& state) {
  return background::session_for_window(state.machine->status(), state.is_refused);
}

// Whether this turn was taken over since: then its continuations end here.
bool is_over(Self self, std::uint64_t turn) { return turn != self->state.turn; }

// Also at a start that nobody sees; the server is asked for whoever is in front of the app.
void come_back(Self self) {
  auto& state = self->state;
  const bool is_seen = state.is_resumed && !state.core->windows->is_window_open();
  is_seen ? look_at_foreground(self) : look_at_idle(self);
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
                   // A refusal that was found while the tokens opened stands. A login may be under
                   // way in front of this one.
                   const auto status = machine.settled_status();
                   if (status == auth::AuthStatus::loading || status == auth::AuthStatus::locked)
                     machine.on_restored();
                   obey_refusal(self, false);
                   tell_status(self);
                   come_back(self);
                 });
}

// The documents wait for their key. What waits to be sent does without, and goes meanwhile, unless
// the session is over for want of use.
void drain_while_locked(Self self, const auth::ActiveUser& user, const Keys& keys) {
  if (!open_lock(self, user, keys.token)) return;
  const auto lock = [self, turn = self->state.turn](const Status&) {
    if (is_over(self, turn)) return;
    stay_locked(self, keys_locked());
    look_at_idle(self);
  };
  if (is_out_of_use(self)) return lock({});
  ask_status(self, self->state.peers.supervisor, DrainOutboxes{user}, lock);
}

// Without a readable token record the data is still the user's: it opens, and only the next call
// needs a login.
void restore(Self self, const auth::ActiveUser& user, const Keys& keys) {
  ask_status(self, self->state.peers.auth_token, OpenTokens{keys.token, user.user_id},
             [self, user, keys, turn = self->state.turn](const Status& opened) {
               if (is_over(self, turn)) return;
               const bool unreadable = !opened && opened.error().kind == ErrorClass::corrupt;
               if (!opened && !unreadable) return stay_locked(self, opened.error());
               if (!keys.documents) return drain_while_locked(self, user, keys);
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
  recall_challenge(self);
  state.core->sessions->set_organisation(*user ? (*user)->organisation : "");
  const auto remembered = state.core->unlocks->recall();
  state.is_resumed = *user && remembered && remembered->user_id == (*user)->user_id;
  tell_status(self);
  const std::uint64_t turn = ++state.turn;
  if (!*user) return;
  constexpr KeyRules kRules{.documents_may_be_locked = true};
  fetch_keys(self, **user, kRules, [self, turn, who = **user](Result<Keys> keys) {
    if (is_over(self, turn)) return;
    if (!keys) return stay_locked(self, keys.error());
    restore(self, who, *keys);
  });
}

// --- logout

// First nobody is active, then the tokens go: a process that dies in between finds nobody logged
// in, which is what the user asked for, and never a user without tokens.
// Only then the server is told, or it would end a session that a failed disk keeps here.
void clear_session(Self self, std::shared_ptr<auth::Farewell> farewell,
                   const SharedAnswer& answer) {
  auto& state = self->state;
  auto stored = state.device->write(
      "session.logged_out", Durability::durable,
      [&](Transaction& device) { return state.machine->on_logged_out(device); });
  if (!stored) {
    answer->deliver(failure(stored.error()));
    return fail_step(self, stored.error());
  }
  self->send(state.peers.gateway, SayFarewell{std::move(farewell)});
  state.core->sessions->set_organisation({});
  state.is_refused = false;
  state.lacks_tokens = false;
  state.last_login.reset();
  forget_lock(self);
  self->send(state.peers.devices, UserLeft{});
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
  clear_session(self,
                std::make_shared<auth::Farewell>(auth::Farewell::Parts{
                    state.core->profile(), state.core->device_id, std::move(tokens),
                    user ? user->organisation : std::string{}}),
                answer);
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
  ++state.factor_turn;
  state.timer->arm(self, std::nullopt);
  tell_status(self);
  const bool clears = state.core->profile().auth.session.logout.clears_cache;
  const ClosePartition close{clears ? ClosedCache::cleared : ClosedCache::stays};
  ask_status(self, state.peers.supervisor, close, [self, answer](const Status& closed) {
    if (!closed) return stay_after_all(self, closed.error(), answer);
    self->request(self->state.peers.auth_token, caf::infinite, TakeTokens{})
        .then(handler([self, answer](const auth::SessionTokens& tokens) {
                tell_server_and_clear(self, tokens, answer);
              }),
              handler([self, answer](const caf::error&) {
                stay_after_all(self, login_dropped(), answer);
              }));
  });
}

caf::result<Result<SessionSnapshot>> logout(Self self) {
  auto& state = self->state;
  const bool has_user = state.machine->user().has_value();
  if (has_user && (state.is_opening || !may_leave(state)))
    return Result<SessionSnapshot>{failure(session_busy())};
  abandon_choice(self);
  state.login_message.clear();
  if (!has_user) {
    abandon_second_factor(self);
    return Result<SessionSnapshot>{snapshot_of(state)};
  }
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
  if (self->state.is_opening || !may_leave(self->state)) return failure(session_busy());
  leave_session(self, message.because);
  return {};
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

// The keys once more; not across a login, whose keys are asked for anyway, nor while one waits for
// its user, who is not to be sent back to a start.
void try_again(Self self) {
  auto& state = self->state;
  if (state.machine->has_login()) {
    return state.timer->arm(self, state.core->now() + Duration{limits::kKeysRetryMs});
  }
  start(self);
}

}  // namespace

SessionSnapshot snapshot_of(SessionState& state) {
  SessionSnapshot snapshot;
  snapshot.status = shown_status(state);
  snapshot.email = state.machine->shown_email();
  if (const auto user = state.machine->shown_user()) snapshot.user_id = user->user_id;
  if (state.machine->status() == auth::AuthStatus::two_factor)
    snapshot.second_factor = state.machine->second_factor()->view();
  snapshot.code = reason_of(state, snapshot);
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
  self->state.is_opening = true;
  ask_status(
      self, self->state.peers.supervisor,
      OpenPartition{user, keys.outbox, keys.documents, std::move(granted)},
      [self, then = std::move(then), opening = ++self->state.openings](const Status& opened) {
        // One that another took the place of is answered while that one is on its way.
        if (opening == self->state.openings) self->state.is_opening = false;
        then(opened);
      });
}

void stay_locked(SessionSelf self, const Error& error) {
  auto& state = self->state;
  mutant::is(mutant::Mutant::log_out_when_locked) ? state.machine->on_reauth_required()
                                                  : state.machine->on_keys_unavailable();
  state.locked_because = error.code;
  if (auth::may_pass(error)) {
    state.timer->arm(self, state.core->now() + Duration{limits::kKeysRetryMs});
  }
  tell_status(self);
}

void obey_refusal(SessionSelf self, bool is_needed) {
  auto& state = self->state;
  auto& machine = *state.machine;
  if (!state.is_refused || !machine.user()) return;
  switch (auth::after_refusal(state.core->profile().auth.refresh.on_rejected, is_needed)) {
    case auth::AfterRefusal::ends:
      // Not while a login is under way that may mend it: one that comes to nothing asks again.
      if (!machine.has_login()) leave_session(self, "session.expired");
      return;
    case auth::AfterRefusal::stays:
      return self->send(state.peers.window, SessionTold{status_for_window(state)});
    case auth::AfterRefusal::asks:
      break;
  }
  if (machine.status() == auth::AuthStatus::reauth_required) return;
  // Nobody can log in before the keys can be read; who reopens the partition comes by here again.
  if (machine.status() == auth::AuthStatus::locked) return;
  machine.on_reauth_required();
  tell_status(self);
}

void tell_status(SessionSelf self) {
  auto& state = self->state;
  follow_challenge(self);
  const SessionSnapshot snapshot = snapshot_of(state);
  auto data = std::make_shared<const Json>(session_json(state.core->profile(), snapshot));
  self->send(state.peers.api, EmitEvent{"session.status", "session.status", std::move(data)});
  self->send(state.peers.window, SessionTold{status_for_window(state)});
  tell_routing(self);
}

void leave_session(SessionSelf self, std::string because) {
  auto& state = self->state;
  if (!may_leave(state)) return;
  // Of somebody else, whose choice nobody will hear any more.
  abandon_choice(self);
  state.left_because = std::move(because);
  using Promise = Answer<SessionSnapshot>::Promise;
  begin_logout(self, std::make_shared<Answer<SessionSnapshot>>(Promise{}, login_dropped()));
}

void store_renewed(SessionSelf self, std::shared_ptr<const auth::TokenPair> pair,
                   std::function<void(const Status&)> then) {
  auto& state = self->state;
  const auto user = state.machine->user();
  const auto status = state.machine->settled_status();
  const bool is_open = auth::is_inside(status);
  // Not behind a login that goes on by itself: its own pair may be on its way to the same place.
  const bool is_busy = state.logging_out || state.machine->is_logging_in();
  if (!user || is_busy || !is_open) return then(failure(session_busy()));
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
  state.factor_timer.emplace(*core->environment.clock);
  state.lock.emplace(unlock::Unlock::Parts{core->profile()});
  state.core = std::move(core);
  state.device = std::move(device);
  state.peers = std::move(peers);
  self->send(state.peers.auth_token, SubscribeAuth{caf::actor_cast<AuthSubscriber>(self)});
  return {
      [self](const StartSession&) { start(self); },
      [self](const Login& message) { return log_in(self, message); },
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
