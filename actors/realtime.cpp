#include "actors/realtime.hpp"

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "engine/http/request_builder.hpp"
#include "engine/realtime/hub_news.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = RealtimeSelf;
using landfall::realtime::LinkEffects;

void apply(Self self, LinkEffects effects);

std::string code_of(const SocketEvent& event) {
  switch (event.end) {
    case SocketEnd::refused:
      return "socket.refused";
    case SocketEnd::rejected:
      return "socket.rejected";
    case SocketEnd::closed:
      return "socket.closed";
    case SocketEnd::cut:
      return "socket.cut";
    case SocketEnd::too_large:
      return "socket.too_large";
    case SocketEnd::not_text:
      return "socket.not_text";
  }
  return "socket.cut";
}

// --- effects

void close_socket(RealtimeState& state) {
  const std::uint64_t socket = std::exchange(state.socket, 0);
  if (socket != 0) state.core->environment.sockets->close_socket(socket);
}

void negotiate(Self self, std::uint64_t attempt, http::ApiCall call) {
  const auto on_answer = [self, attempt](const http::Answer& answer) {
    apply(self, self->state.link->on_negotiated(attempt, answer, self->state.core->now()));
  };
  self->request(self->state.peers.gateway, caf::infinite, MakeCall{std::move(call)})
      .then(handler([on_answer](const http::Answer& answer) { on_answer(answer); }),
            handler([on_answer](const caf::error&) {
              on_answer(http::Answer{std::nullopt, http::TransportFailure::silent});
            }));
}

void on_token(Self self, std::uint64_t attempt, const Result<auth::AccessToken>& token) {
  auto& state = self->state;
  state.bearer = token ? token->bearer : nullptr;
  const auto generation = token ? std::optional(token->generation) : std::nullopt;
  apply(self, state.link->on_token(attempt, generation, state.core->now()));
}

void ask_token(Self self, std::uint64_t attempt) {
  self->request(self->state.peers.auth_token, caf::infinite, NeedToken{})
      .then(handler([self, attempt](const Result<auth::AccessToken>& token) {
              on_token(self, attempt, token);
            }),
            handler([self, attempt](const caf::error&) { on_token(self, attempt, failure({})); }));
}

void open_socket(Self self, std::uint64_t number, realtime::OpenSocket open) {
  auto& state = self->state;
  auto request = http::build_upgrade(state.core->profile(), state.core->request_facts(),
                                     std::move(open.target), state.bearer);
  state.bearer = nullptr;
  if (!request) return fail_step(self, request.error());
  state.socket = number;
  const auto address = caf::actor_cast<RealtimeActor>(self);
  state.core->environment.sockets->open_socket(
      number, *request, open.timeout, limits::kHubMessageBytesMax,
      [weak = caf::actor_cast<caf::weak_actor_ptr>(address), number](SocketEvent event) {
        const auto alive = caf::actor_cast<caf::strong_actor_ptr>(weak);
        if (alive)
          caf::anon_send(caf::actor_cast<RealtimeActor>(alive),
                         SocketTold{number, std::move(event)});
      });
}

void tell_change(Self self, const realtime::LinkChange& change) {
  auto& state = self->state;
  Json data{{"state", to_string(change.state)}};
  if (!change.code.empty()) data["code"] = change.code;
  if (change.next_attempt_at) data["next_attempt_at"] = format_rfc3339(*change.next_attempt_at);
  self->send(state.peers.api, EmitEvent{"realtime.changed", "realtime.changed",
                                        std::make_shared<const Json>(std::move(data))});
  if (change.state != realtime::LinkState::connected) return;
  // What was said while nobody listened is asked for.
  if (state.peers.permissions) self->send(state.peers.permissions, AskPermissions{});
  if (change.again) self->send(state.peers.delta_pull, RequestPull{});
}

void pass_on(Self self, realtime::HubCall call) {
  auto& peers = self->state.peers;
  auto news = realtime::news_in(std::move(call));
  if (auto* rights = std::get_if<realtime::ChangedRights>(&news)) {
    auto arguments = std::make_shared<const Json>(std::move(rights->arguments));
    if (peers.permissions) self->send(peers.permissions, PermissionsUpdated{std::move(arguments)});
  } else if (auto* changed = std::get_if<realtime::ChangedDocument>(&news)) {
    self->send(peers.delta_pull,
               sync::DataChanged{std::move(changed->entity), changed->row_version});
  }
}

void refuse_token(Self self, std::int64_t generation) {
  self->request(self->state.peers.auth_token, caf::infinite, TokenRejected{generation})
      .then(handler([](const Result<auth::AccessToken>&) {}), handler([](const caf::error&) {}));
}

void apply(Self self, LinkEffects effects) {
  auto& state = self->state;
  state.timer->arm(self, effects.wake_at);
  if (effects.close) close_socket(state);
  if (effects.refused_token) refuse_token(self, *effects.refused_token);
  if (effects.negotiate) negotiate(self, effects.attempt, std::move(*effects.negotiate));
  if (effects.need_token) ask_token(self, effects.attempt);
  if (effects.open) open_socket(self, effects.attempt, std::move(*effects.open));
  for (auto& text : effects.send)
    state.core->environment.sockets->send_text(state.socket, std::move(text));
  for (auto& call : effects.calls) pass_on(self, std::move(call));
  if (effects.change) tell_change(self, *effects.change);
  if (effects.read_more && state.socket != 0)
    state.core->environment.sockets->read_socket(state.socket);
}

// --- events

void on_socket(Self self, const SocketTold& told) {
  auto& state = self->state;
  if (told.number != state.socket) return;
  const Instant now = state.core->now();
  switch (told.event.kind) {
    case SocketEvent::Kind::opened:
      return apply(self, state.link->on_opened(told.number, now));
    case SocketEvent::Kind::text:
      return apply(self, state.link->on_text(told.number, told.event.text, now));
    case SocketEvent::Kind::ended:
      state.socket = 0;
      return apply(self,
                   state.link->on_lost(told.number, {code_of(told.event), told.event.status}, now));
  }
}

}  // namespace

RealtimeState::~RealtimeState() {
  if (core) close_socket(*this);
}

RealtimeActor::behavior_type realtime(Self self, SharedCore core, bool is_here,
                                      RealtimePeers peers) {
  auto& state = self->state;
  state.link.emplace(*core->profile().realtime, *core->repeats);
  state.timer.emplace(*core->environment.clock);
  state.core = std::move(core);
  state.peers = std::move(peers);
  apply(self, state.link->on_foreground(is_here, state.core->now()));
  self->send(state.peers.connectivity,
             SubscribeConnectivity{caf::actor_cast<ConnectivitySubscriber>(self)});
  self->send(state.peers.auth_token, SubscribeAuth{caf::actor_cast<AuthSubscriber>(self)});
  return {
      [self](const SocketTold& told) { on_socket(self, told); },
      [self](const HostIsHere& message) {
        apply(self, self->state.link->on_foreground(message.is_here, self->state.core->now()));
      },
      [self](const ConnectivityChanged& changed) {
        apply(self, self->state.link->on_connectivity(changed.reachable, changed.edge,
                                                      self->state.core->now()));
      },
      [self](const AuthChanged& changed) {
        apply(self, self->state.link->on_auth(changed.state, self->state.core->now()));
      },
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired))
          apply(self, self->state.link->on_wake(self->state.core->now()));
      },
  };
}

}  // namespace landfall::actors
