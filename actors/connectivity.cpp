#include "actors/connectivity.hpp"

#include <cstdint>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "engine/http/outcome.hpp"
#include "engine/http/request_builder.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = ConnectivitySelf;

void apply(Self self, connectivity::ReachabilityEffects effects);

http::Signal signal_of(const ConnectivityState& state, const http::Answer& answer) {
  http::OutcomeContext context;
  context.now = state.core->now();
  context.origin = state.core->profile().origin;
  return http::outcome_of(answer, context).signal;
}

void send_probe(Self self, std::uint64_t number) {
  auto& state = self->state;
  const auto& profile = state.core->profile();
  const auto request_id =
      to_text(make_id<RequestId>(state.core->now(), *state.core->environment.secure_random));
  auto request = http::build_request(profile, state.core->facts,
                                     http::ApiCall{profile.connectivity.probe, {}, {}, {}},
                                     request_id, nullptr);
  if (!request) return fail_step(self, request.error());
  const auto* endpoint = profile.endpoint(profile.connectivity.probe);
  self->request(
          state.transport, caf::infinite,
          SendRequest{std::move(*request), profile.sync.call_timeout, endpoint->response_bytes_max})
      .then(handler([self, number](http::Answer& answer) {
        auto& here = self->state;
        apply(self, here.machine->on_probe(number, signal_of(here, answer), here.core->now()));
      }));
}

// Told with the state that it belongs to, and not with the next: so it goes by itself (I-31, I-32).
void put_banner(Json& data, const Profile& profile, connectivity::State state) {
  const auto& banner = profile.connectivity.offline_banner;
  const bool is_cut_off =
      state == connectivity::State::offline || state == connectivity::State::captive;
  if (!banner || !is_cut_off) return;
  data["banner"] = {{"message_key", banner->message},
                    {"message", std::string{profile.message(banner->message)}},
                    {"background", banner->background}};
}

void tell(Self self, const connectivity::Change& change) {
  auto& state = self->state;
  const ConnectivityChanged changed{change.to, connectivity::is_reachable(change.to), change.edge,
                                    state.machine->metered()};
  for (const auto& subscriber : state.subscribers) self->send(subscriber, changed);
  Json data{{"state", connectivity::to_string(change.to)}, {"metered", state.machine->metered()}};
  put_banner(data, state.core->profile(), change.to);
  self->send(state.api, EmitEvent{"connectivity", "connectivity.changed",
                                  std::make_shared<const Json>(std::move(data))});
}

void apply(Self self, connectivity::ReachabilityEffects effects) {
  self->state.timer->arm(self, effects.wake_at);
  const auto now_state = self->state.machine->state();
  if (effects.change) {
    tell(self, *effects.change);
  } else if (effects.metered_changed) {
    tell(self, {now_state, now_state, false});
  }
  if (effects.probe) send_probe(self, *effects.probe);
}

}  // namespace

ConnectivityActor::behavior_type connectivity(Self self, SharedCore core, TransportActor transport,
                                              ApiActor api) {
  auto& state = self->state;
  state.machine.emplace(core->profile().connectivity, *core->repeats);
  state.timer.emplace(*core->environment.clock);
  state.core = std::move(core);
  state.transport = std::move(transport);
  state.api = std::move(api);
  self->set_down_handler([self](const caf::down_msg& down) {
    std::erase_if(self->state.subscribers,
                  [&](const auto& subscriber) { return subscriber.address() == down.source; });
  });
  apply(self, state.machine->on_open(connectivity::Hint{}, state.core->now()));
  return {
      [self](const NetworkHint& message) {
        apply(self, self->state.machine->on_hint(message.hint, self->state.core->now()));
      },
      [self](const TrafficSeen& seen) {
        apply(self, self->state.machine->on_traffic(seen.signal, self->state.core->now()));
      },
      [self](const SubscribeConnectivity& message) {
        auto& here = self->state;
        const auto now_state = here.machine->state();
        self->monitor(message.subscriber);
        here.subscribers.push_back(message.subscriber);
        self->send(message.subscriber,
                   ConnectivityChanged{now_state, connectivity::is_reachable(now_state), false,
                                       here.machine->metered()});
      },
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired)) {
          apply(self, self->state.machine->on_wake(self->state.core->now()));
        }
      },
  };
}

}  // namespace landfall::actors
