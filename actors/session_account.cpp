#include <memory>
#include <optional>
#include <utility>

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "actors/session_steps.hpp"
#include "actors/session_user.hpp"
#include "engine/auth/token_reply.hpp"

namespace landfall::actors {
namespace {

// A 401 renews the tokens on its way (gateway, auth_token). Whether that ends the session is told
// by auth_token, and only by a definitive refusal: what the network does to this call means nothing
// (I-25, C-4).
void check_session(SessionSelf self) {
  auto& state = self->state;
  if (state.is_checking) return;
  state.is_checking = true;
  self->request(state.peers.gateway, caf::infinite,
                MakeCall{http::ApiCall{std::string{auth::kMeEndpoint}, {}, {}, {}}})
      .then(handler([self, turn = state.turn](const http::Answer& answer) {
              self->state.is_checking = false;
              if (turn == self->state.turn) take_answer(self, answer);
            }),
            handler([self](const caf::error&) { self->state.is_checking = false; }));
}

void ask_host(SessionSelf self, const char* port, Json data) {
  self->request(self->state.peers.api, caf::infinite,
                AskHost{port, std::make_shared<const Json>(std::move(data))})
      .then(handler([](const Result<SharedJson>&) {}), handler([](const caf::error&) {}));
}

std::optional<auth::Credentials> credentials_in(const Result<SharedJson>& answered) {
  if (!answered || !(*answered)->is_object()) return std::nullopt;
  const auto status = optional_string_at(**answered, "status");
  const auto value = optional_string_at(**answered, "value");
  if (!status || !value || *status != "value" || !*value) return std::nullopt;
  return auth::credentials_from(**value);
}

}  // namespace

caf::result<Status> register_account(SessionSelf self, const Register& message) {
  auto& state = self->state;
  auto call = auth::register_call(state.core->profile(), message.account, state.core->device_id);
  if (!call) return Status{failure(call.error())};
  auto promise = self->make_response_promise<Status>();
  self->request(state.peers.gateway, caf::infinite, MakeCall{std::move(*call)})
      .then(handler([self, promise](const http::Answer& answer) mutable {
              promise.deliver(auth::read_registered(self->state.core->profile(), answer));
            }),
            handler([promise](const caf::error&) mutable {
              promise.deliver(Status{failure(login_dropped())});
            }));
  return promise;
}

void look_at_foreground(SessionSelf self) {
  look_at_idle(self);
  auto& state = self->state;
  const auto rule = state.core->profile().auth.session.on_foreground;
  if (rule != profile::OnForeground::check || state.logging_out || state.is_switching) return;
  if (shown_status(state) == auth::AuthStatus::authenticated) check_session(self);
}

void read_credentials(SessionSelf self,
                      std::function<void(std::optional<auth::Credentials>)> then) {
  self->request(self->state.peers.api, caf::infinite,
                AskHost{"secret.read",
                        std::make_shared<const Json>(Json{{"name", auth::kCredentialsName}})})
      .then(handler([then](const Result<SharedJson>& answered) { then(credentials_in(answered)); }),
            handler([then](const caf::error&) { then(std::nullopt); }));
}

void keep_credentials(SessionSelf self) {
  auto& state = self->state;
  const auto kept = std::exchange(state.last_login, std::nullopt);
  const auto rule = state.core->profile().auth.session.remember;
  if (rule != profile::Remember::credentials) return;
  // Also behind a suspension that the login's password did not outlive: what is kept is of before.
  if (!kept) return ask_host(self, "secret.remove", Json{{"name", auth::kCredentialsName}});
  ask_host(self, "secret.write",
           Json{{"name", auth::kCredentialsName},
                {"value", auth::credentials_text(kept->email, *kept->password).reveal()}});
}

}  // namespace landfall::actors
