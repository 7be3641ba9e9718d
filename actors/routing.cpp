#include "actors/routing.hpp"

#include <algorithm>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "engine/host/routing_json.hpp"
#include "engine/routing/dashboards.hpp"
#include "engine/store/meta_table.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = RoutingSelf;
using store::Durability;
using store::Transaction;

constexpr const char* kOnboarded = "routing.onboarded";

const profile::RoutingRules& rules_of(const RoutingState& state) {
  return *state.core->profile().routing;
}

// The session is busy now and then; it is asked again.
void end_session(Self self) {
  auto& state = self->state;
  if (std::exchange(state.is_leaving, true)) return;
  const auto again = [self] {
    auto& here = self->state;
    here.is_leaving = false;
    here.timer->arm(self, here.core->now() + Duration{limits::kResendGapMs});
  };
  self->request(state.peers.session, caf::infinite, LeaveSession{"routing.web_only"})
      .then(handler([again](const Status& left) {
              if (!left) again();
            }),
            handler([again](const caf::error&) { again(); }));
}

void tell(Self self) {
  auto& state = self->state;
  auto json =
      std::make_shared<const Json>(host::routing_json(state.core->profile(), state.decision));
  const bool is_news = !state.told || *state.told != *json;
  state.told = std::move(json);
  // Under a key of its own: the login screen that follows at once must not take its reason away.
  const char* const key = state.decision.logs_out ? "routing.left" : "routing.changed";
  if (is_news) self->send(state.peers.api, EmitEvent{key, "routing.changed", state.told});
  for (auto& answer : std::exchange(state.waiting, {})) answer.deliver(state.told);
}

// What is missing is waited for once, and then gone on without until it comes.
void look(Self self) {
  auto& state = self->state;
  const Instant now = state.core->now();
  const bool is_complete =
      routing::decide(rules_of(state), state.facts, Duration{0}).why != routing::Why::waiting;
  if (is_complete) {
    state.waiting_since.reset();
  } else if (!state.waiting_since || *state.waiting_since > now) {
    state.waiting_since = now;
  }
  const Duration waited = state.waiting_since ? now - *state.waiting_since : Duration{0};
  auto decision = routing::decide(rules_of(state), state.facts, waited);
  state.is_waiting = decision.why == routing::Why::waiting;
  if (state.is_waiting)
    return state.timer->arm(self, *state.waiting_since + rules_of(state).roles_wait);
  state.timer->arm(self, std::nullopt);
  state.decision = std::move(decision);
  tell(self);
  if (state.decision.logs_out) end_session(self);
}

void on_session(Self self, const SessionFacts& session) {
  auto& state = self->state;
  // Whether it was pulled once is said of one user's data.
  const bool is_another = session.user_id != state.user_id;
  if (is_another || !session.has_session.value_or(false)) state.facts.is_synced.reset();
  if (!session.has_session.value_or(false)) state.is_leaving = false;
  state.user_id = session.user_id;
  state.facts.has_session = session.has_session;
  state.facts.is_locked = session.is_locked;
  state.facts.roles = session.roles;
  state.facts.active_role = session.active_role;
  look(self);
}

caf::result<Result<SharedJson>> on_ask(Self self) {
  auto& state = self->state;
  look(self);
  if (!state.is_waiting) return Result<SharedJson>{state.told};
  auto promise = self->make_response_promise<Result<SharedJson>>();
  state.waiting.emplace_back(promise, read_interrupted());
  return promise;
}

Json chosen_json(const RoutingState& state, const std::string& role, bool is_accepted) {
  Json json = host::routing_json(state.core->profile(), state.decision);
  json["accepted"] = is_accepted;
  if (!is_accepted) return json;
  json["route"] = rules_of(state).dashboard(role)->route;
  json["active_role"] = role;
  return json;
}

caf::result<Result<SharedJson>> on_choose(Self self, const ChooseRole& choice) {
  auto& state = self->state;
  const std::string role = routing::role_among(state.decision.dashboards, choice.role);
  if (role.empty()) {
    return Result<SharedJson>{std::make_shared<const Json>(chosen_json(state, choice.role, false))};
  }
  auto promise = self->make_response_promise<Result<SharedJson>>();
  const auto answer = std::make_shared<Answer<SharedJson>>(promise, write_indeterminate());
  self->request(state.peers.session, caf::infinite, StoreActiveRole{role})
      .then(handler([self, answer, role](const Status& stored) {
              if (!stored) return answer->deliver(failure(stored.error()));
              answer->deliver(std::make_shared<const Json>(chosen_json(self->state, role, true)));
            }),
            handler(
                [answer](const caf::error&) { answer->deliver(failure(write_indeterminate())); }));
  return promise;
}

Status on_onboarded(Self self) {
  auto& state = self->state;
  const Status stored = state.device->write(
      "routing.onboarded", Durability::durable,
      [](Transaction& device) { return store::MetaTable::set(device, kOnboarded, "1"); });
  if (!stored && stored.error().kind != ErrorClass::storage_full) fail_step(self, stored.error());
  if (!stored) return stored;
  state.facts.is_onboarded = true;
  look(self);
  return {};
}

void recall(Self self) {
  auto& state = self->state;
  const auto onboarded = state.device->read(
      [](const store::Snapshot& device) { return store::MetaTable::get(device, kOnboarded); });
  if (!onboarded) return fail_step(self, onboarded.error());
  state.facts.is_onboarded = onboarded->has_value();
}

}  // namespace

RoutingActor::behavior_type routing_actor(Self self, SharedCore core,
                                          std::shared_ptr<store::Database> device,
                                          RoutingPeers peers) {
  auto& state = self->state;
  state.timer.emplace(*core->environment.clock);
  state.core = std::move(core);
  state.device = std::move(device);
  state.peers = std::move(peers);
  recall(self);
  self->send(state.peers.session, WatchSession{RoutingActor(self)});
  return {
      [self](const SessionFacts& facts) { on_session(self, facts); },
      [self](const ScopesSynced& synced) {
        self->state.facts.is_synced = synced.is_synced;
        look(self);
      },
      [self](const AskRoute&) { return on_ask(self); },
      [self](const ChooseRole& choice) { return on_choose(self, choice); },
      [self](const OnboardingDone&) { return on_onboarded(self); },
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired)) look(self);
      },
  };
}

}  // namespace landfall::actors
