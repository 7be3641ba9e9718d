#include "engine/realtime/realtime_link.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/mutant.hpp"
#include "engine/profile/template.hpp"
#include "schema/limits.hpp"

namespace landfall::realtime {
namespace {

constexpr Instant kNever{};
// The socket opens within this much less than the handshake's deadline, which ends both.
constexpr int kUnauthorized = 401;

}  // namespace

std::string_view to_string(LinkState state) noexcept {
  switch (state) {
    case LinkState::away:
      return "away";
    case LinkState::waiting:
      return "waiting";
    case LinkState::negotiating:
    case LinkState::stamping:
    case LinkState::connecting:
      return "connecting";
    case LinkState::connected:
      return "connected";
  }
  return "away";
}

// --- coming and going

LinkEffects RealtimeLink::on_foreground(bool is_here, Instant now) {
  LinkEffects effects;
  const bool has_come = is_here && !is_here_;
  is_here_ = is_here;
  if (has_come) sent_away_ = false;
  come_or_go(effects, has_come, now);
  return finish(std::move(effects));
}

LinkEffects RealtimeLink::on_connectivity(bool reachable, bool edge, Instant now) {
  LinkEffects effects;
  const bool returns = reachable && (edge || !reachable_);
  reachable_ = reachable;
  if (returns) sent_away_ = false;
  come_or_go(effects, returns, now);
  return finish(std::move(effects));
}

LinkEffects RealtimeLink::on_auth(auth::TokenState state, Instant now) {
  LinkEffects effects;
  const bool has_session = auth::has_session(state);
  const bool returns = has_session && !has_session_;
  has_session_ = has_session;
  if (returns) sent_away_ = false;
  come_or_go(effects, returns, now);
  return finish(std::move(effects));
}

// `at_once`: something returned that was missing.
void RealtimeLink::come_or_go(LinkEffects& effects, bool at_once, Instant now) {
  if (!may_connect()) {
    if (state_ != LinkState::away) leave(effects, "");
    return;
  }
  const bool is_idle = state_ == LinkState::away || state_ == LinkState::waiting;
  if (!is_idle || sent_away_) return;
  if (!at_once && state_ == LinkState::waiting) return;
  const Instant soonest = began_at_ == kNever ? now : began_at_ + gap_at_return();
  if (soonest <= now) return begin(effects, now);
  wait_until(effects, state_ == LinkState::waiting ? std::min(next_at_, soonest) : soonest);
}

void RealtimeLink::wait_until(LinkEffects& effects, Instant at) {
  next_at_ = at;
  state_ = LinkState::waiting;
  tell(effects, "");
}

// A network that comes and goes many times a minute makes no storm, together with all else that its
// return repeats (INV-Q9): it is no news of a hub that fails, whose delay it shortens by half.
Duration RealtimeLink::gap_at_return() const {
  const std::size_t step = std::min(failures_, rules_.backoff.size());
  const Duration waited = step == 0 ? Duration{0} : rules_.backoff[step - 1];
  return std::max({2 * rules_.backoff.front(), Duration{limits::kResendGapMs}, waited / 2});
}

void RealtimeLink::leave(LinkEffects& effects, std::string code) {
  effects.close = is_open();
  state_ = LinkState::away;
  ++attempt_;
  reader_ = {};
  tell(effects, std::move(code));
}

// --- an attempt

void RealtimeLink::begin(LinkEffects& effects, Instant now) {
  if (!mutant::is(mutant::Mutant::reconnect_without_backoff)) {
    const Instant free_at = attempts_.held_until();
    if (free_at > now) return wait_until(effects, free_at);
    attempts_.on_sent(now);
    attempts_.on_lost();  // a connection that holds is repeated by the next one as well
  }
  ++attempt_;
  began_at_ = now;
  connection_.clear();
  generation_.reset();
  reader_ = {};
  if (rules_.negotiate.empty()) return stamp(effects);
  state_ = LinkState::negotiating;
  effects.negotiate = http::ApiCall{rules_.negotiate, {}, {}, {}};
}

void RealtimeLink::stamp(LinkEffects& effects) {
  state_ = LinkState::stamping;
  effects.need_token = true;
}

LinkEffects RealtimeLink::on_negotiated(std::uint64_t attempt, const http::Answer& answer,
                                        Instant now) {
  LinkEffects effects;
  if (attempt != attempt_ || state_ != LinkState::negotiating) return finish(std::move(effects));
  if (!answer.response) {
    fail(effects, "hub.unreachable", now);
  } else if (answer.response->status / 100 != 2) {
    fail(effects, "hub.status_" + std::to_string(answer.response->status), now);
  } else if (auto negotiation = parse_negotiation(answer.response->body); !negotiation) {
    fail(effects, negotiation.error().code, now);
  } else {
    connection_ = std::move(negotiation->connection);
    stamp(effects);
  }
  return finish(std::move(effects));
}

LinkEffects RealtimeLink::on_token(std::uint64_t attempt, std::optional<std::int64_t> generation,
                                   Instant now) {
  LinkEffects effects;
  if (attempt != attempt_ || state_ != LinkState::stamping) return finish(std::move(effects));
  if (!generation) {
    fail(effects, "session.missing", now);
    return finish(std::move(effects));
  }
  generation_ = generation;
  state_ = LinkState::connecting;
  deadline_ = now + rules_.handshake_timeout;
  std::string target = rules_.hub;
  if (!connection_.empty()) target += "?id=" + profile::percent_encode(connection_);
  effects.open = OpenSocket{std::move(target), rules_.handshake_timeout};
  return finish(std::move(effects));
}

LinkEffects RealtimeLink::on_opened(std::uint64_t attempt, Instant now) {
  LinkEffects effects;
  if (attempt != attempt_ || state_ != LinkState::connecting) return finish(std::move(effects));
  last_heard_ = now;
  send(effects, handshake_record(), now);
  effects.read_more = true;
  return finish(std::move(effects));
}

LinkEffects RealtimeLink::on_lost(std::uint64_t attempt, const SocketLoss& loss, Instant now) {
  LinkEffects effects;
  if (attempt != attempt_ || !is_open()) return finish(std::move(effects));
  if (loss.status == kUnauthorized) effects.refused_token = generation_;
  const std::string code =
      loss.status == 0 ? loss.code : "hub.status_" + std::to_string(loss.status);
  fail(effects, code, now);
  return finish(std::move(effects));
}

// --- what the server says

LinkEffects RealtimeLink::on_text(std::uint64_t attempt, std::string_view text, Instant now) {
  LinkEffects effects;
  if (attempt != attempt_ || !is_open()) return finish(std::move(effects));
  auto records = reader_.feed(text);
  if (!records) {
    fail(effects, records.error().code, now);
    return finish(std::move(effects));
  }
  for (const std::string& record : *records) {
    take_record(effects, record, now);
    if (attempt != attempt_ || !is_open()) return finish(std::move(effects));
  }
  effects.read_more = true;
  return finish(std::move(effects));
}

void RealtimeLink::take_record(LinkEffects& effects, std::string_view record, Instant now) {
  if (is_flood(now)) return fail(effects, "hub.flood", now);
  last_heard_ = now;
  if (state_ == LinkState::connecting) {
    const Status shaken = parse_handshake_reply(record);
    return shaken ? on_shaken(effects, now) : fail(effects, shaken.error().code, now);
  }
  auto message = parse_hub_message(record);
  if (!message) return fail(effects, message.error().code, now);
  take_message(effects, std::move(*message), now);
}

void RealtimeLink::on_shaken(LinkEffects& effects, Instant now) {
  state_ = LinkState::connected;
  connected_at_ = now;
  tell(effects, "", std::exchange(was_connected_, true));
}

void RealtimeLink::take_message(LinkEffects& effects, HubMessage message, Instant now) {
  switch (message.kind) {
    case HubMessageKind::invocation:
      // Nothing that a server may call has a result.
      if (!message.invocation_id.empty())
        send(effects, completion_record(message.invocation_id, "this client returns no results"),
             now);
      effects.calls.push_back({std::move(message.target), std::move(message.arguments)});
      return;
    case HubMessageKind::close:
      if (message.allow_reconnect) return fail(effects, "hub.closed", now);
      sent_away_ = true;
      return leave(effects, "hub.sent_away");
    case HubMessageKind::completion:
    case HubMessageKind::ping:
    case HubMessageKind::other:
      return;
  }
}

// A ping costs little, and a thousand of them keep a radio awake.
bool RealtimeLink::is_flood(Instant now) {
  if (now - second_ >= Duration{1'000} || now < second_) {
    second_ = now;
    messages_in_second_ = 0;
  }
  return ++messages_in_second_ > limits::kHubMessagesPerSecondMax;
}

// --- time

LinkEffects RealtimeLink::on_wake(Instant now) {
  LinkEffects effects;
  if (state_ == LinkState::waiting && now >= next_at_) {
    begin(effects, now);
  } else if (state_ == LinkState::connecting && now >= deadline_) {
    fail(effects, "hub.handshake_timeout", now);
  } else if (state_ == LinkState::connected && now >= last_heard_ + rules_.server_timeout) {
    fail(effects, "hub.silent", now);
  } else if (state_ == LinkState::connected && now >= last_sent_ + rules_.keep_alive) {
    send(effects, ping_record(), now);
  }
  return finish(std::move(effects));
}

void RealtimeLink::send(LinkEffects& effects, std::string text, Instant now) {
  last_sent_ = now;
  effects.send.push_back(std::move(text));
}

void RealtimeLink::fail(LinkEffects& effects, std::string code, Instant now) {
  const bool held =
      state_ == LinkState::connected && now - connected_at_ >= Duration{limits::kHubStableMs};
  if (held) failures_ = 0;
  effects.close = is_open();
  ++attempt_;
  reader_ = {};
  const std::size_t step = std::min(failures_, rules_.backoff.size() - 1);
  ++failures_;
  next_at_ = now + rules_.backoff[step];
  if (mutant::is(mutant::Mutant::reconnect_without_backoff)) next_at_ = now + Duration{100};
  state_ = LinkState::waiting;
  tell(effects, std::move(code));
}

void RealtimeLink::tell(LinkEffects& effects, std::string code, bool again) {
  LinkChange change{state_, std::move(code), std::nullopt, again};
  if (state_ == LinkState::waiting) change.next_attempt_at = next_at_;
  effects.change = std::move(change);
}

// What was asked for in a step counts for the attempt that the step ended with.
LinkEffects RealtimeLink::finish(LinkEffects effects) const {
  effects.attempt = attempt_;
  if (!is_open()) effects.send.clear();
  if (state_ == LinkState::waiting) effects.wake_at = next_at_;
  if (state_ == LinkState::connecting) effects.wake_at = deadline_;
  if (state_ == LinkState::connected) {
    effects.wake_at = std::min(last_heard_ + rules_.server_timeout, last_sent_ + rules_.keep_alive);
  }
  return effects;
}

}  // namespace landfall::realtime
