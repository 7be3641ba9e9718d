#include "engine/connectivity/reachability.hpp"

#include <algorithm>

#include "engine/base/assert.hpp"
#include "schema/limits.hpp"

namespace landfall::connectivity {
namespace {

constexpr Duration kMinute{60'000};
constexpr Duration kProbeTimeout{limits::kProbeTimeoutMs};

}  // namespace

std::string_view to_string(State state) noexcept {
  switch (state) {
    case State::offline:
      return "offline";
    case State::captive:
      return "captive";
    case State::degraded:
      return "degraded";
    case State::online:
      return "online";
    case State::server_down:
      return "server_down";
  }
  return "offline";
}

Reachability::Reachability(profile::ConnectivityRules rules, http::RepeatLedger& repeats)
    : rules_(std::move(rules)), repeats_(&repeats) {
  LANDFALL_ASSERT(!rules_.probe_delays.empty());
  LANDFALL_ASSERT(rules_.server_down_after > 0);
}

ReachabilityEffects Reachability::on_open(Hint hint, Instant now) {
  hint_ = hint;
  restart_ladder(now);
  return finish({}, now);
}

ReachabilityEffects Reachability::on_hint(Hint hint, Instant now) {
  ReachabilityEffects effects;
  effects.metered_changed = hint.metered != hint_.metered;
  const bool repeated = hint.network == hint_.network;
  const bool was_down = hint_.network == Hint::Network::down;
  hint_ = hint;
  if (hint.network == Hint::Network::down) {
    move_to(State::offline, effects);
  } else if (!repeated) {
    // Another network than the one that the ladder was climbed on, or than a probe under way left
    // by. Of one that left before the network went, nothing more is expected.
    restart_ladder(now);
    if (was_down) probe_deadline_.reset();
    probe_again_ = probe_deadline_.has_value();
  }
  return finish(std::move(effects), now);
}

ReachabilityEffects Reachability::on_traffic(http::Signal signal, Instant now) {
  ReachabilityEffects effects;
  const State before = state_;
  take(signal, effects);
  if (state_ != before && wants_probes()) {
    step_ = 0;
    schedule_after_failure(now);
  }
  return finish(std::move(effects), now);
}

ReachabilityEffects Reachability::on_probe(std::uint64_t number, http::Signal signal, Instant now) {
  if (number != last_probe_)
    return signal == http::Signal::not_reached ? finish({}, now) : on_traffic(signal, now);
  ReachabilityEffects effects;
  // A probe that failed after a call succeeded is old news.
  const bool outdated = state_ == State::online && signal != http::Signal::answered;
  if (!outdated) take(signal, effects);
  end_probe(now);
  return finish(std::move(effects), now);
}

ReachabilityEffects Reachability::on_wake(Instant now) { return finish({}, now); }

// What one signal says about the state, wherever it comes from.
void Reachability::take(http::Signal signal, ReachabilityEffects& effects) {
  switch (signal) {
    case http::Signal::answered:
    case http::Signal::server_error:
      // The server spoke: whatever the platform believes, there is a network.
      if (hint_.network == Hint::Network::down) hint_.network = Hint::Network::unknown;
      break;
    case http::Signal::not_reached:
      move_to(State::offline, effects);
      return;
    case http::Signal::silent:
    case http::Signal::none:
      return;
  }
  server_errors_ =
      signal == http::Signal::answered ? 0 : std::min(server_errors_ + 1, rules_.server_down_after);
  const bool is_down = server_errors_ >= rules_.server_down_after;
  const bool stays_down = state_ == State::server_down && signal != http::Signal::answered;
  move_to(is_down || stays_down ? State::server_down : State::online, effects);
}

void Reachability::move_to(State next, ReachabilityEffects& effects) {
  if (next == state_) return;
  const bool edge = !is_reachable(state_) && next == State::online;
  effects.change = Change{state_, next, edge};
  state_ = next;
}

bool Reachability::wants_probes() const {
  return state_ != State::online && hint_.network != Hint::Network::down;
}

void Reachability::restart_ladder(Instant now) {
  step_ = 0;
  probe_again_ = false;
  next_probe_ = now;
}

void Reachability::schedule_after_failure(Instant now) {
  const std::size_t last = rules_.probe_delays.size() - 1;
  next_probe_ = now + rules_.probe_delays[std::min(step_, last)];
  step_ = std::min(step_ + 1, last);
}

// The probe under way has had its say, or never will: what follows when it did not help.
void Reachability::end_probe(Instant now) {
  probe_deadline_.reset();
  if (probe_again_) {
    restart_ladder(now);
  } else {
    schedule_after_failure(now);
  }
}

// The first instant at which one more probe keeps every minute within its bounds.
Instant Reachability::earliest_allowed(Instant now) const {
  const Instant allowed = std::max(now, repeats_->free_at(http::RepeatRank::probe));
  if (probes_.size() < limits::kProbesPerMinuteMax) return allowed;
  return std::max(allowed, probes_.front() + kMinute);
}

// Every step ends here: sends the probe that is due, or says when to look again.
ReachabilityEffects Reachability::finish(ReachabilityEffects effects, Instant now) {
  if (probe_deadline_ && now >= *probe_deadline_) end_probe(now);
  if (probe_deadline_) {
    effects.wake_at = probe_deadline_;
    return effects;
  }
  if (!wants_probes()) return effects;
  const Instant due = std::max(next_probe_, earliest_allowed(now));
  if (due > now) {
    effects.wake_at = due;
    return effects;
  }
  repeats_->on_repeat(now);
  probes_.push_back(now);
  if (probes_.size() > limits::kProbesPerMinuteMax) probes_.pop_front();
  probe_deadline_ = now + kProbeTimeout;
  effects.probe = ++last_probe_;
  effects.wake_at = probe_deadline_;
  return effects;
}

}  // namespace landfall::connectivity
