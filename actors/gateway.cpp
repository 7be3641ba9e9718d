#include "actors/gateway.hpp"

#include <memory>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/handler.hpp"
#include "engine/auth/refusal.hpp"
#include "engine/base/mutant.hpp"
#include "engine/http/outcome.hpp"
#include "engine/http/request_builder.hpp"

namespace landfall::actors {
namespace {

using Self = GatewaySelf;
using Promise = caf::typed_response_promise<http::Answer>;

// One MakeCall on its way. Shared by the continuations of its requests, of which one is open at a
// time.
struct Flight {
  http::ApiCall call;
  std::optional<std::string> organisation;  // nothing: the active one's
  std::shared_ptr<void> visit;              // null: it is none of a visit's
  const profile::Endpoint* endpoint = nullptr;
  Promise promise;
  std::uint64_t epoch = 0;
  std::int64_t generation = 0;  // of the token it was last stamped with; zero for calls without one
  bool replayed = false;
  std::optional<http::Answer> refusal;  // the 401 that it is about to be replayed behind
  std::optional<Instant> left_at;
};
using SharedFlight = std::shared_ptr<Flight>;

http::Answer no_session() { return {std::nullopt, http::TransportFailure::no_session}; }

// A session that is not renewed yet is none that ended: a call that never left waits for it as for
// a network. What met a 401 was refused.
http::Answer without_token(const Flight& flight, const Error& error) {
  const bool may_wait = error.code == "auth.unavailable" && !flight.replayed;
  return may_wait ? http::Answer{std::nullopt, http::TransportFailure::not_sent} : no_session();
}

void on_answer(Self self, const SharedFlight& flight, http::Answer answer);

void deliver(Flight& flight, http::Answer answer) {
  answer.left_at = flight.left_at;
  flight.promise.deliver(std::move(answer));
}

// A login, a code or a registration may be somebody else's than the session's: what carries no
// credential of the session says nothing of its organisation.
profile::Variables facts_for(const Core& core, const Flight& flight) {
  if (flight.endpoint->auth == profile::AuthKind::none) return core.facts;
  const bool names_its_own =
      flight.organisation && !mutant::is(mutant::Mutant::name_active_organisation);
  return names_its_own ? core.request_facts(*flight.organisation) : core.request_facts();
}

void send(Self self, const SharedFlight& flight, const SharedSecret<std::string>& bearer) {
  auto& state = self->state;
  const auto request_id =
      to_text(make_id<RequestId>(state.core->now(), *state.core->environment.secure_random));
  auto request = http::build_request(state.core->profile(), facts_for(*state.core, *flight),
                                     flight->call, request_id, bearer);
  if (!request) {
    flight->promise.deliver(http::Answer{std::nullopt, http::TransportFailure::not_sent});
    return fail_step(self, request.error());
  }
  flight->left_at = state.core->now();
  self->request(state.transport, caf::infinite,
                SendRequest{std::move(*request), state.core->profile().sync.call_timeout,
                            flight->endpoint->response_bytes_max})
      .then(handler([self, flight](http::Answer& answer) {
              on_answer(self, flight, std::move(answer));
            }),
            handler([flight](const caf::error&) {
              deliver(*flight, http::Answer{std::nullopt, http::TransportFailure::silent});
            }));
}

// Stamps with the token that comes back, or gives up when none can be had.
void send_with(Self self, const SharedFlight& flight, const Result<auth::AccessToken>& token) {
  const bool is_over = flight->epoch != self->state.epoch;
  if (!token && !is_over && flight->refusal) return deliver(*flight, std::move(*flight->refusal));
  if (is_over) return (void)flight->promise.deliver(no_session());
  if (!token) return (void)flight->promise.deliver(without_token(*flight, token.error()));
  flight->generation = token->generation;
  send(self, flight, token->bearer);
}

template <class Question>
void ask_token(Self self, const SharedFlight& flight, Question question) {
  self->request(self->state.auth_token, caf::infinite, std::move(question))
      .then(handler([self, flight](const Result<auth::AccessToken>& token) {
              send_with(self, flight, token);
            }),
            handler([flight](const caf::error&) { flight->promise.deliver(no_session()); }));
}

// Its word counts like any other witness that time has passed (INV-A9).
void note_server_time(GatewayState& state, const http::Answer& answer,
                      const http::Outcome& outcome) {
  if (!answer.response || outcome.signal != http::Signal::answered) return;
  const auto date = http::find_header(answer.response->headers, "Date");
  if (const auto at = date ? http::parse_http_date(*date) : std::nullopt)
    state.core->unlocks->see_server_time(*at, state.core->now());
}

// Tells auth_token the first time that the server accepts a generation.
void note_accepted(Self self, const Flight& flight, const http::Answer& answer) {
  auto& state = self->state;
  if (!answer.response || answer.response->status == 401 || answer.response->status >= 500) return;
  if (flight.generation <= state.accepted_generation) return;
  state.accepted_generation = flight.generation;
  self->send(state.auth_token, TokenAccepted{flight.generation});
}

void on_answer(Self self, const SharedFlight& flight, http::Answer answer) {
  auto& state = self->state;
  http::OutcomeContext context;
  context.now = state.core->now();
  context.origin = state.core->profile().origin;
  const http::Outcome outcome = http::outcome_of(answer, context);
  self->send(state.connectivity, TrafficSeen{outcome.signal});
  note_server_time(state, answer, outcome);
  if (flight->epoch != state.epoch) return (void)flight->promise.deliver(no_session());
  if (flight->generation == 0) return deliver(*flight, std::move(answer));
  note_accepted(self, *flight, answer);
  if (!outcome.refresh_token) return deliver(*flight, std::move(answer));
  const auto& profile = state.core->profile();
  switch (auth::after_401(profile, *flight->endpoint, flight->replayed)) {
    case auth::After401::refresh:
      self->request(state.auth_token, caf::infinite, TokenRejected{flight->generation})
          .then(handler([](const Result<auth::AccessToken>&) {}),
                handler([](const caf::error&) {}));
      [[fallthrough]];
    case auth::After401::pass:
      return deliver(*flight, std::move(answer));
    case auth::After401::replay:
      break;
  }
  flight->replayed = true;
  state.core->repeats->on_repeat(state.core->now());  // counted; it waits for nobody (INV-A2)
  if (auth::gets_its_401(profile.auth)) flight->refusal = std::move(answer);
  ask_token(self, flight, TokenRejected{flight->generation});
}

// One call after the other; what becomes of them changes nothing here.
void say_farewell(Self self, const std::shared_ptr<auth::Farewell>& farewell) {
  auto& state = self->state;
  const auto& profile = state.core->profile();
  auto next = farewell->next();
  if (!next) return;
  const auto request_id =
      to_text(make_id<RequestId>(state.core->now(), *state.core->environment.secure_random));
  auto request =
      http::build_request(profile, state.core->facts, next->call, request_id, next->bearer);
  const auto then = [self, farewell](const http::Answer& answer) {
    farewell->on_answer(answer);
    say_farewell(self, farewell);
  };
  if (!request) return then(http::Answer{std::nullopt, http::TransportFailure::not_sent});
  self->request(state.transport, caf::infinite,
                SendRequest{std::move(*request), profile.sync.call_timeout,
                            profile.endpoint(next->call.endpoint)->response_bytes_max, true})
      .then(handler([then](const http::Answer& answer) { then(answer); }),
            handler([](const caf::error&) {}));
}

}  // namespace

GatewayActor::behavior_type gateway(Self self, SharedCore core, TransportActor transport,
                                    AuthTokenActor auth_token, ConnectivityActor connectivity) {
  auto& state = self->state;
  state.core = std::move(core);
  state.transport = std::move(transport);
  state.auth_token = std::move(auth_token);
  state.connectivity = std::move(connectivity);
  return {
      [self](MakeCall& message) -> caf::result<http::Answer> {
        auto& here = self->state;
        auto flight = std::make_shared<Flight>();
        flight->endpoint = here.core->profile().endpoint(message.call.endpoint);
        if (flight->endpoint == nullptr)
          return http::Answer{std::nullopt, http::TransportFailure::not_sent};
        flight->call = std::move(message.call);
        flight->organisation = std::move(message.organisation);
        if (flight->organisation) flight->visit = here.visits;
        flight->promise = self->make_response_promise<http::Answer>();
        flight->epoch = here.epoch;
        auto promise = flight->promise;
        if (flight->endpoint->auth == profile::AuthKind::jwt) {
          ask_token(self, flight, NeedToken{});
        } else {
          send(self, flight, nullptr);
        }
        return promise;
      },
      [self](const EndSession& message) {
        const bool has_visit = self->state.visits.use_count() > 1;
        if (message.calls == EndedCalls::of_visits && !has_visit) return Status{};
        ++self->state.epoch;
        self->state.accepted_generation = 0;
        if (!mutant::is(mutant::Mutant::keep_calls_over_logout))
          self->send(self->state.transport, CancelCalls{});
        return Status{};
      },
      [self](const SayFarewell& message) { say_farewell(self, message.farewell); },
  };
}

}  // namespace landfall::actors
