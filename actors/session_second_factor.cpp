#include "actors/session_second_factor.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "actors/session_steps.hpp"
#include "engine/host/second_factor_json.hpp"

namespace landfall::actors {
namespace {

constexpr const char* kExpired = "second_factor.expired";

Error factor_dropped() {
  return {ErrorClass::indeterminate, "engine.restarted", "the code's answer was lost; try again"};
}

// The server looked at the code: that is an answer, not an error.
bool is_verdict(const Error& error) {
  return error.code.starts_with("second_factor.") &&
         (error.kind == ErrorClass::auth || error.kind == ErrorClass::refused);
}

void refuse(SessionSelf self, const SharedSessionAnswer& answer, const Error& error) {
  auto& state = self->state;
  const bool is_over = !state.machine->second_factor();
  if (is_over) {
    ++state.factor_turn;
    state.left_because = error.code;
  }
  is_over ? give_up_login(self) : tell_status(self);
  if (is_verdict(error)) return answer->deliver(snapshot_of(state));
  answer->deliver(failure(error));
}

void on_code_answer(SessionSelf self, const http::Answer& http_answer,
                    const SharedSessionAnswer& answer) {
  auto& state = self->state;
  auto logged_in = state.machine->on_second_factor_answer(http_answer, state.core->now());
  if (logged_in) return go_on_with_login(self, std::move(*logged_in), answer);
  refuse(self, answer, logged_in.error());
}

void on_send_answer(SessionSelf self, const http::Answer& http_answer,
                    const SharedSessionAnswer& answer) {
  auto& state = self->state;
  const auto sent = state.machine->on_send_code_answer(http_answer, state.core->now());
  if (!sent) return refuse(self, answer, sent.error());
  tell_status(self);
  answer->deliver(snapshot_of(state));
}

using Then = void (*)(SessionSelf, const http::Answer&, const SharedSessionAnswer&);

// A challenge that was given up meanwhile hears no answer any more: it could be taken for that of
// another one.
void ask_server(SessionSelf self, http::ApiCall call, const SharedSessionAnswer& answer,
                Then then) {
  const auto finish = [self, answer, then,
                       turn = self->state.factor_turn](const http::Answer& http_answer) {
    if (turn == self->state.factor_turn) return then(self, http_answer, answer);
    answer->deliver(failure(ErrorClass::refused, "session.login_abandoned",
                            "nobody waits for this login any more"));
  };
  self->request(self->state.peers.gateway, caf::infinite, MakeCall{std::move(call)})
      .then(handler(finish), handler([finish](const caf::error&) {
              finish(http::Answer{std::nullopt, http::TransportFailure::silent});
            }));
}

SharedSessionAnswer open_answer(SessionSelf self) {
  return std::make_shared<Answer<SessionSnapshot>>(
      self->make_response_promise<Result<SessionSnapshot>>(), factor_dropped());
}

}  // namespace

void recall_challenge(SessionSelf self) {
  auto& state = self->state;
  auto kept = state.core->challenges->recall();
  if (!kept || state.machine->has_login()) return;
  state.machine->on_challenge_kept(std::move(*kept));
}

void follow_challenge(SessionSelf self) {
  auto& state = self->state;
  const auto& factor = state.machine->second_factor();
  // Whoever is logging out waits for no code, even if a logout that fails leaves them to it.
  const bool is_kept = factor && !state.logging_out;
  state.core->challenges->keep(is_kept ? std::optional(factor->challenge()) : std::nullopt);
  const bool is_waiting = is_kept && state.machine->status() == auth::AuthStatus::two_factor;
  state.factor_timer->arm(self, is_waiting ? factor->challenge().expires_at : std::nullopt);
}

void begin_anew(SessionSelf self) {
  auto& state = self->state;
  ++state.factor_turn;
  if (state.left_because.starts_with("second_factor.")) state.left_because.clear();
}

void abandon_second_factor(SessionSelf self) {
  auto& state = self->state;
  if (!state.machine->second_factor()) return;
  ++state.factor_turn;
  state.machine->on_login_abandoned();
  state.left_because.clear();
  give_up_login(self);
}

void on_factor_timer(SessionSelf self) {
  auto& state = self->state;
  if (!state.machine->on_second_factor_time(state.core->now())) return;
  ++state.factor_turn;
  state.left_because = kExpired;
  give_up_login(self);
}

caf::result<Result<SessionSnapshot>> on_second_factor(SessionSelf self,
                                                      const SecondFactorCode& code) {
  auto& state = self->state;
  if (state.logging_out || state.logins_held)
    return Result<SessionSnapshot>{failure(session_busy())};
  const bool was_waiting = state.machine->second_factor().has_value();
  auto call = state.machine->on_second_factor(*code.code, code.method, state.core->now());
  const auto answer = open_answer(self);
  if (call) {
    state.login_message.clear();
    tell_status(self);
    ask_server(self, std::move(call->call), answer, on_code_answer);
  } else if (was_waiting && !state.machine->second_factor()) {
    refuse(self, answer, call.error());
  } else {
    answer->deliver(failure(call.error()));
  }
  return caf::delegated<Result<SessionSnapshot>>{};
}

caf::result<Result<SessionSnapshot>> on_send_code(SessionSelf self) {
  auto& state = self->state;
  if (state.logging_out || state.logins_held)
    return Result<SessionSnapshot>{failure(session_busy())};
  const bool was_waiting = state.machine->second_factor().has_value();
  auto call = state.machine->on_send_code(state.core->now());
  const auto answer = open_answer(self);
  if (call) {
    ask_server(self, std::move(call->call), answer, on_send_answer);
  } else if (was_waiting && !state.machine->second_factor()) {
    refuse(self, answer, call.error());
  } else {
    answer->deliver(failure(call.error()));
  }
  return caf::delegated<Result<SessionSnapshot>>{};
}

caf::result<Result<SharedJson>> on_manage_factor(SessionSelf self, const ManageSecondFactor& wish) {
  auto& state = self->state;
  auto call = auth::manage_call(state.core->profile(), state.core->device_id,
                                {wish.task, *wish.code, wish.phone_number});
  if (!call) return Result<SharedJson>{failure(call.error())};
  const auto promise = self->make_response_promise<Result<SharedJson>>();
  const auto answer = std::make_shared<Answer<SharedJson>>(
      promise, Error{ErrorClass::indeterminate, "second_factor.unknown",
                     "the engine restarted this part; the server may have done it"});
  const auto finish = [self, answer, task = wish.task](const http::Answer& http_answer) {
    const auto secrets = auth::read_managed(self->state.core->profile(), task, http_answer);
    if (!secrets) return answer->deliver(failure(secrets.error()));
    answer->deliver(std::make_shared<const Json>(host::managed_factor_json(task, *secrets)));
  };
  self->request(state.peers.gateway, caf::infinite, MakeCall{std::move(*call)})
      .then(handler(finish), handler([finish](const caf::error&) {
              finish(http::Answer{std::nullopt, http::TransportFailure::silent});
            }));
  return promise;
}

}  // namespace landfall::actors
