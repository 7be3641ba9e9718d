#include "actors/permissions.hpp"

#include <algorithm>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = PermissionsSelf;
using landfall::permissions::Granted;
using landfall::permissions::RevocationEffects;
using store::Durability;
using store::Transaction;

void apply(Self self, RevocationEffects effects);

void make_machine(PermissionsState& state) {
  state.machine.emplace(landfall::permissions::Revocation::Parts{
      state.core->profile(), *state.store.outbox_key, state.user_id, *state.core->repeats});
}

// What the disk had no room for was taken back there and still stands in the machine that made it:
// a new one is made of what is stored, and asks the server what it missed.
void stall(Self self) {
  self->state.stalled = true;
  self->state.timer->arm(self, self->state.core->now() + Duration{limits::kStorageRetryMs});
}

template <class Step>
void run(Self self, std::string_view label, Step step) {
  auto& state = self->state;
  if (state.stalled) return;
  auto effects = state.store.database->write(label, Durability::durable, std::move(step));
  if (effects) return apply(self, std::move(*effects));
  if (effects.error().kind == ErrorClass::storage_full) return stall(self);
  fail_step(self, effects.error());
}

void open(Self self, const std::optional<Granted>& login) {
  auto& state = self->state;
  make_machine(state);
  run(self, "permissions.open", [&](Transaction& tx) {
    return state.machine->on_open(tx, state.core->forms->count(), login, state.core->now());
  });
  if (!state.stalled)
    apply(self, state.machine->on_ready(state.reachable, state.authenticated, state.core->now()));
}

// --- effects

void emit(Self self, const std::string& event, Json data) {
  self->send(self->state.peers.api,
             EmitEvent{event, event, std::make_shared<const Json>(std::move(data))});
}

bool is_granted(const PermissionsState& state, std::string_view right) {
  return check_right(*state.core->profile().permissions, state.machine->set(), right).is_granted;
}

void tell_changed(Self self) {
  auto& state = self->state;
  const auto& set = state.machine->set();
  emit(self, "permissions.changed", Json{{"known", set.is_known}, {"permissions", set.granted}});
  for (const auto& subscriber : state.subscribers) self->send(subscriber, PermissionsChanged{});
  state.watched->look([&](const std::string& right) { return is_granted(state, right); });
}

void tell_revoked(Self self, const landfall::permissions::Revoked& revoked) {
  Json data{{"permissions", revoked.permissions},
            {"at", format_rfc3339(revoked.at)},
            {"ends_session", revoked.ends_session},
            {"message", self->state.core->profile().message("permissions.revoked")}};
  if (revoked.logout_by) data["logout_by"] = format_rfc3339(*revoked.logout_by);
  emit(self, "permissions.revoked", std::move(data));
}

void ask_roles(Self self, landfall::permissions::RolesCall call) {
  const auto on_answer = [self, number = call.number](const http::Answer& answer) {
    run(self, "permissions.roles", [&](Transaction& tx) {
      return self->state.machine->on_roles(tx, number, answer, self->state.core->now());
    });
  };
  self->request(self->state.peers.gateway, caf::infinite, MakeCall{std::move(call.call)})
      .then(handler([on_answer](const http::Answer& answer) { on_answer(answer); }),
            handler([on_answer](const caf::error&) {
              on_answer(http::Answer{std::nullopt, http::TransportFailure::silent});
            }));
}

// A session that is busy is asked again. One that ends takes this actor with it.
void log_out(Self self) {
  auto& state = self->state;
  if (std::exchange(state.logging_out, true)) return;
  const auto again = [self] {
    auto& here = self->state;
    here.logging_out = false;
    here.timer->arm(self, here.core->now() + Duration{limits::kResendGapMs});
  };
  self->request(state.peers.session, caf::infinite, Logout{})
      .then(handler([again](const Result<SessionSnapshot>& left) {
              if (!left) again();
            }),
            handler([again](const caf::error&) { again(); }));
}

void apply(Self self, RevocationEffects effects) {
  auto& state = self->state;
  state.timer->arm(self, effects.wake_at);
  if (effects.ignored) {
    emit(self, "permissions.ignored",
         Json{{"code", effects.ignored->code}, {"message", effects.ignored->message}});
  }
  if (effects.changed) tell_changed(self);
  if (effects.revoked) tell_revoked(self, *effects.revoked);
  if (effects.ask_roles) ask_roles(self, std::move(*effects.ask_roles));
  if (effects.logout) log_out(self);
}

// --- what the host asks

Json role_list(const PermissionsState& state, const std::string& role) {
  return rights_of_role(*state.core->profile().permissions, state.machine->set(), role);
}

Result<SharedJson> read(const PermissionsState& state, const ReadPermissions& question) {
  const auto& set = state.machine->set();
  Json reply{{"known", set.is_known}, {"permissions", set.granted}, {"roles", roles_of(set)}};
  if (set.by_role) reply["by_role"] = *set.by_role;
  if (const auto by = state.machine->logout_by()) reply["logout_by"] = format_rfc3339(*by);
  if (!question.right.empty()) {
    const auto check = check_right(*state.core->profile().permissions, set, question.right);
    reply["granted"] = check.is_granted;
    reply["source"] = to_string(check.source);
  }
  if (!question.role.empty()) reply["of_role"] = role_list(state, question.role);
  return std::make_shared<const Json>(std::move(reply));
}

Result<Json> watch(PermissionsState& state, const WatchRights& message) {
  if (state.watched->is_full()) {
    return failure(ErrorClass::busy, "subscription.too_many",
                   "too many subscriptions are open; close one first");
  }
  WatchedRights::Granted granted;
  for (const auto& right : message.rights) granted.emplace(right, is_granted(state, right));
  Json reply{{"subscription", message.subscription}, {"granted", granted}};
  state.watched->open(message.subscription, std::move(granted));
  return reply;
}

Status unwatch(PermissionsState& state, const UnwatchRights& message) {
  if (state.watched->close(message.subscription)) return {};
  return failure(Error{ErrorClass::invalid, "subscription.unknown",
                       "no subscription of this number is open", "params.subscription"});
}

// --- events

void tell_ready(Self self) {
  auto& state = self->state;
  if (state.stalled) return;
  apply(self, state.machine->on_ready(state.reachable, state.authenticated, state.core->now()));
}

void on_connectivity(Self self, const ConnectivityChanged& changed) {
  self->state.reachable = changed.reachable;
  tell_ready(self);
}

void on_auth(Self self, const AuthChanged& changed) {
  auto& state = self->state;
  state.authenticated = auth::may_call(changed.state);
  if (changed.granted) {
    run(self, "permissions.refreshed", [&](Transaction& tx) {
      return state.machine->on_refreshed(tx, *changed.granted, state.core->now());
    });
  }
  tell_ready(self);
}

void on_login(Self self, const LoginGranted& login) {
  run(self, "permissions.login", [&](Transaction& tx) {
    return self->state.machine->on_login(tx, login.granted, self->state.core->now());
  });
}

void on_update(Self self, const PermissionsUpdated& message) {
  run(self, "permissions.update", [&](Transaction& tx) {
    return self->state.machine->on_update(tx, *message.arguments, self->state.core->now());
  });
}

void on_timer(Self self, const TimerFired& fired) {
  auto& state = self->state;
  if (!state.timer->fires(self, fired)) return;
  if (std::exchange(state.stalled, false)) return open(self, std::nullopt);
  apply(self, state.machine->on_wake(state.core->now()));
}

void start(Self self, SharedCore core, PartitionStore store, std::string user_id,
           PermissionsPeers peers) {
  auto& state = self->state;
  state.timer.emplace(*core->environment.clock);
  state.watched.emplace(core->poll_queue);
  state.core = std::move(core);
  state.store = std::move(store);
  state.user_id = std::move(user_id);
  state.peers = std::move(peers);
  self->send(state.peers.connectivity,
             SubscribeConnectivity{caf::actor_cast<ConnectivitySubscriber>(self)});
  self->send(state.peers.auth_token, SubscribeAuth{caf::actor_cast<AuthSubscriber>(self)});
}

}  // namespace

PermissionsActor::behavior_type permissions(Self self, SharedCore core, PartitionStore store,
                                            std::string user_id,
                                            std::shared_ptr<const Granted> granted,
                                            PermissionsPeers peers) {
  start(self, std::move(core), std::move(store), std::move(user_id), std::move(peers));
  open(self, granted ? std::optional(*granted) : std::nullopt);
  return {
      [self](const SubscribePermissions& message) {
        // What changed before it asked is news to it too.
        self->state.subscribers.push_back(message.subscriber);
        self->send(message.subscriber, PermissionsChanged{});
      },
      [self](const PermissionsUpdated& message) { on_update(self, message); },
      [self](const AskPermissions&) {
        if (!self->state.stalled)
          apply(self, self->state.machine->on_wanted(self->state.core->now()));
      },
      [self](const LoginGranted& login) { on_login(self, login); },
      [self](const FormsChanged& message) {
        if (!self->state.stalled)
          apply(self, self->state.machine->on_forms(message.open, self->state.core->now()));
      },
      [self](const ReadPermissions& question) { return read(self->state, question); },
      [self](const WatchRights& message) { message.reply->send(watch(self->state, message)); },
      [self](const UnwatchRights& message) { return unwatch(self->state, message); },
      [self](const ConnectivityChanged& changed) { on_connectivity(self, changed); },
      [self](const AuthChanged& changed) { on_auth(self, changed); },
      [self](const TimerFired& fired) { on_timer(self, fired); },
  };
}

}  // namespace landfall::actors
