#include "actors/auth_token.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "engine/auth/token_reply.hpp"
#include "engine/base/mutant.hpp"
#include "engine/http/request_builder.hpp"

namespace landfall::actors {
namespace {

using Self = AuthTokenSelf;
using store::Durability;
using store::Transaction;

Error no_token(auth::TokenState state) {
  switch (state) {
    case auth::TokenState::none:
      return {ErrorClass::auth, "auth.none", "nobody is logged in"};
    case auth::TokenState::reauth_required:
      return {ErrorClass::auth, "auth.reauth", "the session has ended; log in again"};
    default:
      return {ErrorClass::auth, "auth.unavailable", "the session could not be renewed now"};
  }
}

void apply(Self self, auth::TokenEffects effects);

// A disk without room: the record is used from memory, and the host is told that it will not
// outlive this process (C-29). The next step that finds room stores it whole.
void tell_not_saved(Self self) {
  auto& state = self->state;
  if (std::exchange(state.not_saved, true)) return;
  self->send(state.api, EmitEvent{"session.not_saved", "session.not_saved",
                                  std::make_shared<const Json>(Json::object())});
}

// Runs one step of the machine on device.db and carries its effects out.
template <class Step>
Status run(Self self, std::string_view label, Durability durability, Step step) {
  auto& state = self->state;
  std::optional<auth::TokenEffects> made;
  const Status stored = state.device->write(label, durability, [&](Transaction& tx) -> Status {
    LANDFALL_TRY_ASSIGN(made, step(tx));
    return {};
  });
  const bool has_no_room = !stored && stored.error().kind == ErrorClass::storage_full;
  if (!stored && !(has_no_room && made)) {
    fail_step(self, stored.error());
    return failure(stored.error());
  }
  if (has_no_room) tell_not_saved(self);
  if (stored) state.not_saved = false;
  apply(self, std::move(*made));
  return {};
}

// What a good answer says of the rights beside the tokens goes with the change that it makes
//
void note_granted(Self self, const http::Answer& answer) {
  auto& state = self->state;
  state.granted = nullptr;
  if (!answer.response || answer.response->status / 100 != 2) return;
  auto granted =
      permissions::granted_in(state.core->profile(), auth::kRefreshEndpoint, answer.response->body);
  if (!granted.is_empty())
    state.granted = std::make_shared<const permissions::Granted>(std::move(granted));
}

void send_refresh(Self self, auth::RefreshCall refresh) {
  auto& state = self->state;
  const auto& profile = state.core->profile();
  const auto request_id =
      to_text(make_id<RequestId>(state.core->now(), *state.core->environment.secure_random));
  auto request =
      http::build_request(profile, state.core->request_facts(), refresh.call, request_id, nullptr);
  if (!request) return fail_step(self, request.error());
  const auto* endpoint = profile.endpoint(refresh.call.endpoint);
  const auto on_answer = [self, attempt = refresh.attempt](const http::Answer& answer) {
    note_granted(self, answer);
    const bool is_synced = !mutant::is(mutant::Mutant::use_pair_unsynced);
    const auto durability = is_synced ? Durability::durable : Durability::ordered;
    (void)run(self, "auth_token.refresh_answer", durability, [&](Transaction& tx) {
      return self->state.machine->on_refresh_answer(tx, attempt, answer, self->state.core->now());
    });
    self->state.granted = nullptr;
  };
  self->request(
          state.transport, caf::infinite,
          SendRequest{std::move(*request), profile.sync.call_timeout, endpoint->response_bytes_max})
      .then(handler([on_answer](const http::Answer& answer) { on_answer(answer); }),
            handler([on_answer](const caf::error&) {
              on_answer(http::Answer{std::nullopt, http::TransportFailure::silent});
            }));
}

// Those who wait get the token, or hear that there is none for now, as soon as no refresh is under
// way.
void release_waiting(Self self) {
  auto& state = self->state;
  if (state.machine->is_resolving()) return;
  auto waiting = std::exchange(state.waiting, {});
  const auto token = state.machine->access();
  for (auto& answer : waiting) {
    if (token) {
      answer.deliver(*token);
    } else {
      answer.deliver(failure(no_token(state.machine->state())));
    }
  }
}

void tell(Self self, auth::TokenState changed) {
  auto& state = self->state;
  state.told = changed;
  const bool renewed = changed == auth::TokenState::valid;
  const auto granted = renewed ? std::exchange(state.granted, nullptr) : nullptr;
  for (const auto& subscriber : state.subscribers)
    self->send(subscriber, AuthChanged{changed, granted});
}

// Before those who wait are released, so that whoever gets no token knows why by then. A refresh
// whose try has failed changes no state, and is told all the same.
void tell_news(Self self, bool has_changed) {
  auto& state = self->state;
  const auto now = state.machine->state();
  if (has_changed) state.core->windows->set_session(auth::has_session(now));
  if (!has_changed && now == state.told) return;
  if (auth::is_news(state.told, now, state.machine->is_resolving())) tell(self, now);
}

void apply(Self self, auth::TokenEffects effects) {
  auto& state = self->state;
  state.timer->arm(self, effects.wake_at);
  if (effects.refresh) send_refresh(self, std::move(*effects.refresh));
  tell_news(self, effects.changed.has_value());
  release_waiting(self);
}

caf::result<Result<auth::AccessToken>> wait_for_token(Self self) {
  auto& state = self->state;
  if (!state.machine->is_resolving()) {
    if (auto token = state.machine->access()) return Result<auth::AccessToken>{*token};
    return Result<auth::AccessToken>{failure(no_token(state.machine->state()))};
  }
  auto promise = self->make_response_promise<Result<auth::AccessToken>>();
  state.waiting.emplace_back(promise, no_token(auth::TokenState::refreshing));
  return promise;
}

void tell_needed(Self self) {
  for (const auto& subscriber : self->state.subscribers)
    self->send(subscriber, AuthChanged{auth::TokenState::reauth_required, nullptr, true});
}

caf::result<Result<auth::AccessToken>> on_need(Self self) {
  auto& state = self->state;
  if (state.machine->state() == auth::TokenState::reauth_required) tell_needed(self);
  if (state.machine->wants_need(state.core->now())) {
    const auto step = [&](Transaction& tx) {
      return state.machine->on_need(tx, state.core->now());
    };
    if (auto ran = run(self, "auth_token.need", Durability::durable, step); !ran) {
      return Result<auth::AccessToken>{failure(ran.error())};
    }
  }
  return wait_for_token(self);
}

caf::result<Result<auth::AccessToken>> on_rejected(Self self, std::int64_t generation) {
  auto& state = self->state;
  if (!state.machine->wants_rejected(generation)) return wait_for_token(self);
  const auto step = [&](Transaction& tx) {
    return state.machine->on_rejected(tx, generation, state.core->now());
  };
  if (auto ran = run(self, "auth_token.rejected", Durability::durable, step); !ran) {
    return Result<auth::AccessToken>{failure(ran.error())};
  }
  return wait_for_token(self);
}

// A record that cannot be read will not get better by trying again: the session is over, nothing
// else is.
bool is_unreadable(const Error& error) {
  return error.code == "seal.broken" || error.code == "tokens.unreadable";
}

Status open_tokens(Self self, OpenTokens& message) {
  auto& state = self->state;
  state.key = std::move(message.key);
  auto effects = state.device->write("auth_token.open", Durability::durable, [&](Transaction& tx) {
    return state.machine->on_open(tx, *state.key, message.user_id, state.core->now());
  });
  if (!effects) {
    if (!is_unreadable(effects.error())) fail_step(self, effects.error());
    return failure(effects.error());
  }
  apply(self, std::move(*effects));
  if (state.machine->state() == auth::TokenState::none) {
    return failure(ErrorClass::corrupt, "tokens.missing", "this user has no token record");
  }
  return {};
}

Status store_login(Self self, const StoreLogin& message) {
  auto& state = self->state;
  state.key = message.key;
  return run(self, "auth_token.login", Durability::durable, [&](Transaction& tx) {
    return state.machine->on_login(tx, *state.key, message.user_id, *message.pair,
                                   state.core->now());
  });
}

void on_connectivity(Self self, const ConnectivityChanged& changed) {
  if (!changed.edge) return;
  auto& state = self->state;
  if (state.machine->state() != auth::TokenState::refreshing) return;
  (void)run(self, "auth_token.edge", Durability::durable,
            [&](Transaction& tx) { return state.machine->on_edge(tx, state.core->now()); });
}

void on_timer(Self self, const TimerFired& fired) {
  auto& state = self->state;
  if (!state.timer->fires(self, fired)) return;
  (void)run(self, "auth_token.wake", Durability::durable,
            [&](Transaction& tx) { return state.machine->on_wake(tx, state.core->now()); });
}

void on_accepted(Self self, const TokenAccepted& accepted) {
  auto& state = self->state;
  if (!state.machine->wants_accepted(accepted.generation)) return;
  (void)run(self, "auth_token.accepted", Durability::ordered,
            [&](Transaction& tx) { return state.machine->on_accepted(tx, accepted.generation); });
}

// Cleared is cleared on the disk: a record that stays there would be found at the next start.
Status clear_tokens(Self self) {
  auto effects =
      self->state.device->write("auth_token.clear", Durability::durable,
                                [&](Transaction& tx) { return self->state.machine->on_clear(tx); });
  if (!effects) {
    fail_step(self, effects.error());
    return failure(effects.error());
  }
  apply(self, std::move(*effects));
  return {};
}

auth::SessionTokens take_tokens(const auth::TokenLifecycle& machine) {
  const auto access = machine.access();
  return {access ? access->bearer : nullptr, machine.refresh_token(),
          machine.state() == auth::TokenState::refreshing};
}

void subscribe(Self self, const SubscribeAuth& message) {
  self->monitor(message.subscriber);
  self->state.subscribers.push_back(message.subscriber);
  self->send(message.subscriber, AuthChanged{self->state.told});
}

}  // namespace

AuthTokenActor::behavior_type auth_token(Self self, SharedCore core,
                                         std::shared_ptr<store::Database> device,
                                         TransportActor transport, ConnectivityActor connectivity,
                                         ApiActor api) {
  auto& state = self->state;
  state.machine.emplace(auth::TokenLifecycle::Parts{
      core->profile(), *core->environment.secure_random, core->device_id, *core->repeats});
  state.timer.emplace(*core->environment.clock);
  state.core = std::move(core);
  state.device = std::move(device);
  state.transport = std::move(transport);
  state.api = std::move(api);
  self->set_down_handler([self](const caf::down_msg& down) {
    std::erase_if(self->state.subscribers,
                  [&](const auto& subscriber) { return subscriber.address() == down.source; });
  });
  self->send(connectivity, SubscribeConnectivity{caf::actor_cast<ConnectivitySubscriber>(self)});
  return {
      [self](OpenTokens& message) { return open_tokens(self, message); },
      [self](const StoreLogin& message) { return store_login(self, message); },
      [self](const NeedToken&) { return on_need(self); },
      [self](const TokenRejected& rejected) { return on_rejected(self, rejected.generation); },
      [self](const TokenAccepted& accepted) { on_accepted(self, accepted); },
      [self](const ClearTokens&) { return clear_tokens(self); },
      [self](const TakeTokens&) { return take_tokens(*self->state.machine); },
      [self](const SubscribeAuth& message) { subscribe(self, message); },
      [self](const ConnectivityChanged& changed) { on_connectivity(self, changed); },
      [self](const TimerFired& fired) { on_timer(self, fired); },
  };
}

}  // namespace landfall::actors
