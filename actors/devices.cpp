#include "actors/devices.hpp"

#include <optional>
#include <string>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "engine/base/base64.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = DevicesSelf;
using auth::RegistrationEffects;
using store::Durability;
using store::Transaction;

void apply(Self self, RegistrationEffects effects);

Json view_of(const DevicesState& state) {
  Json view{{"device_id", state.core->device_id}, {"state", "none"}};
  if (const auto& rules = state.core->profile().devices; rules && rules->max > 0)
    view["max"] = rules->max;
  if (!state.machine) return view;
  view["state"] = auth::to_string(state.machine->state());
  if (const auto* refusal = state.machine->refusal()) {
    view["code"] = refusal->code;
    view["message"] = refusal->message;
  }
  return view;
}

// What the disk had no room for still stands in the machine that made it: a new one is made of what
// is stored, once there may be room.
void stall(Self self) {
  auto& state = self->state;
  ++state.epoch;
  state.machine.reset();
  state.timer->arm(self, state.core->now() + Duration{limits::kStorageRetryMs});
}

template <class Step>
Status run(Self self, std::string_view label, Step step) {
  auto& state = self->state;
  auto effects = state.device->write(label, Durability::durable, std::move(step));
  if (effects) {
    apply(self, std::move(*effects));
    return {};
  }
  if (effects.error().kind == ErrorClass::storage_full) {
    stall(self);
  } else {
    fail_step(self, effects.error());
  }
  return failure(effects.error());
}

void call_server(Self self, auth::RegisterCall call) {
  const auto on_answer = [self, number = call.number,
                          epoch = self->state.epoch](const http::Answer& answer) {
    auto& state = self->state;
    if (epoch != state.epoch || !state.machine) return;
    (void)run(self, "devices.answer", [&](Transaction& tx) {
      return state.machine->on_answer(tx, number, answer, state.core->now());
    });
  };
  self->request(self->state.peers.gateway, caf::infinite, MakeCall{std::move(call.call)})
      .then(handler([on_answer](const http::Answer& answer) { on_answer(answer); }),
            handler([on_answer](const caf::error&) {
              on_answer(http::Answer{std::nullopt, http::TransportFailure::silent});
            }));
}

void apply(Self self, RegistrationEffects effects) {
  auto& state = self->state;
  state.timer->arm(self, effects.wake_at);
  if (effects.changed) {
    self->send(state.peers.api, EmitEvent{"device.changed", "device.changed",
                                          std::make_shared<const Json>(view_of(state))});
  }
  if (effects.call) call_server(self, std::move(*effects.call));
}

void tell_ready(Self self) {
  auto& state = self->state;
  if (!state.machine) return;
  apply(self, state.machine->on_ready(state.reachable, state.authenticated, state.core->now()));
}

std::optional<std::string> attestation_key(const DevicesState& state) {
  if (!state.user) return std::nullopt;
  const auto attestor = state.core->unlocks->attestor(state.user->user_id, state.core->now());
  if (!attestor) return std::nullopt;
  return to_base64(attestor->key);
}

void open(Self self) {
  auto& state = self->state;
  const Core& core = *state.core;
  if (!state.user || !core.profile().devices) return;
  ++state.epoch;
  state.machine.emplace(auth::DeviceRegistration::Parts{
      core.profile(), *state.user->token_key, state.user->user_id,
      auth::DeviceRegistration::Installation{core.device_id, core.config.platform,
                                             core.config.os_version, core.config.app_version,
                                             core.config.device_name},
      *core.repeats, attestation_key(state)});
  const Status opened = run(self, "devices.open", [&](Transaction& tx) {
    return state.machine->on_open(tx, state.told, state.user->by_login, state.core->now());
  });
  if (opened) tell_ready(self);
}

void on_attestation_key(Self self, const AttestationKeyChanged& changed) {
  auto& state = self->state;
  if (!state.machine || !state.user || state.user->user_id != changed.user_id) return;
  (void)run(self, "devices.attestation_key", [&](Transaction& tx) {
    return state.machine->on_attestation_key(tx, changed.key, state.core->now());
  });
}

void leave(DevicesState& state) {
  ++state.epoch;
  state.user.reset();
  state.machine.reset();
}

// What was said stays in memory too: whoever logs in next has the same phone. A success means that
// it is stored for who is logged in, and the machine is gone while the disk has no room.
Result<SharedJson> update(Self self, const UpdateDevice& message) {
  auto& state = self->state;
  state.told = auth::merged(std::move(state.told), message.facts);
  if (state.machine) {
    LANDFALL_TRY(run(self, "devices.update", [&](Transaction& tx) {
      return state.machine->on_facts(tx, message.facts, state.core->now());
    }));
  } else if (state.user && state.core->profile().devices) {
    return failure(ErrorClass::storage_full, "storage.full",
                   "the disk is full; it was not stored yet");
  }
  return std::make_shared<const Json>(view_of(state));
}

void on_timer(Self self, const TimerFired& fired) {
  auto& state = self->state;
  if (!state.timer->fires(self, fired)) return;
  if (!state.machine) return open(self);
  apply(self, state.machine->on_wake(state.core->now()));
}

}  // namespace

DevicesActor::behavior_type devices(Self self, SharedCore core,
                                    std::shared_ptr<store::Database> device, DevicesPeers peers) {
  auto& state = self->state;
  state.timer.emplace(*core->environment.clock);
  state.core = std::move(core);
  state.device = std::move(device);
  state.peers = std::move(peers);
  self->send(state.peers.connectivity,
             SubscribeConnectivity{caf::actor_cast<ConnectivitySubscriber>(self)});
  self->send(state.peers.auth_token, SubscribeAuth{caf::actor_cast<AuthSubscriber>(self)});
  return {
      [self](const UserPresent& user) {
        self->state.user = user;
        open(self);
      },
      [self](const UserLeft&) {
        leave(self->state);
        self->state.timer->arm(self, std::nullopt);
      },
      [self](const AttestationKeyChanged& changed) { on_attestation_key(self, changed); },
      [self](const UpdateDevice& message) { return update(self, message); },
      [self](const ReadDevice&) {
        return Result<SharedJson>{std::make_shared<const Json>(view_of(self->state))};
      },
      [self](const ConnectivityChanged& changed) {
        self->state.reachable = changed.reachable;
        tell_ready(self);
      },
      [self](const AuthChanged& changed) {
        self->state.authenticated = auth::may_call(changed.state);
        tell_ready(self);
      },
      [self](const TimerFired& fired) { on_timer(self, fired); },
  };
}

}  // namespace landfall::actors
