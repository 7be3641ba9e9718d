#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "engine/base/time.hpp"
#include "engine/http/outcome.hpp"
#include "engine/http/repeat_budget.hpp"
#include "engine/profile/connectivity_rules.hpp"

namespace landfall::connectivity {

enum class State {
  offline,     // no way to the server is known
  captive,     // a portal stands between; declared for hosts that know, never concluded here
  degraded,    // reachable and poor; declared for hosts that know, never concluded here
  online,      // the server answers
  server_down  // the server is reached and fails
};

// "offline", "captive", "degraded", "online", "server_down".
[[nodiscard]] std::string_view to_string(State state) noexcept;

// Whether calls are worth sending. In server_down they are: a retry ladder runs its course.
[[nodiscard]] constexpr bool is_reachable(State state) noexcept {
  return state != State::offline && state != State::captive;
}

// What the platform believes about its network. It is a hint: an answer of the server outweighs it.
struct Hint {
  enum class Network { unknown, down, up };
  Network network = Network::unknown;
  bool metered = false;

  friend bool operator==(const Hint&, const Hint&) = default;
};

struct Change {
  State from = State::offline;
  State to = State::offline;
  bool edge = false;  // offline -> online, which re-arms waiting work; leaving server_down is none

  friend bool operator==(const Change&, const Change&) = default;
};

struct ReachabilityEffects {
  std::optional<Change> change;
  bool metered_changed = false;
  std::optional<std::uint64_t> probe;  // to be sent; on_probe is told its answer with this number
  std::optional<Instant> wake_at;  // replaces the machine's one timer; nothing: no timer is needed

  friend bool operator==(const ReachabilityEffects&, const ReachabilityEffects&) = default;
};

// Whether the server can be reached, fused from the host's hints, our own traffic and a probe
// (P-25, C-20, INV-Q9).
//
// It begins offline and asks at once, unless the host says that the network is down. One call that
// did not reach the server makes it offline; probes then leave after the profile's delays, the last
// of which repeats. While the host says down nothing is probed, but any answer of the server
// disproves the host until its next hint. Silence proves nothing and changes nothing. Any number of
// events causes at most kProbesPerMinuteMax probes in a minute, and no more than the device may
// repeat. While it is not online and the host does not say down, a timer or a probe is under way,
// always.
class Reachability final {
 public:
  // The ledger outlives it.
  Reachability(profile::ConnectivityRules rules, http::RepeatLedger& repeats);

  [[nodiscard]] ReachabilityEffects on_open(Hint hint, Instant now);
  [[nodiscard]] ReachabilityEffects on_hint(Hint hint, Instant now);
  // What the answer to any call but a probe said: Outcome::signal.
  [[nodiscard]] ReachabilityEffects on_traffic(http::Signal signal, Instant now);
  // What the answer to the probe of that number said. One that comes when a later probe has left is
  // traffic like any other, but for a failure to reach the server: that one left by a network that
  // may be gone, and says nothing about this one.
  [[nodiscard]] ReachabilityEffects on_probe(std::uint64_t number, http::Signal signal,
                                             Instant now);
  // The one timer.
  [[nodiscard]] ReachabilityEffects on_wake(Instant now);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool metered() const { return hint_.metered; }

 private:
  void take(http::Signal signal, ReachabilityEffects& effects);
  void move_to(State next, ReachabilityEffects& effects);
  void restart_ladder(Instant now);
  void schedule_after_failure(Instant now);
  void end_probe(Instant now);
  [[nodiscard]] bool wants_probes() const;
  [[nodiscard]] Instant earliest_allowed(Instant now) const;
  [[nodiscard]] ReachabilityEffects finish(ReachabilityEffects effects, Instant now);

  profile::ConnectivityRules rules_;
  http::RepeatLedger* repeats_;
  State state_ = State::offline;
  Hint hint_;
  std::size_t server_errors_ = 0;  // in a row, over calls and probes
  std::size_t step_ = 0;           // on the ladder of delays
  Instant next_probe_;
  std::uint64_t last_probe_ = 0;           // its number
  std::optional<Instant> probe_deadline_;  // set while a probe is under way
  bool probe_again_ = false;               // the network changed under the probe
  std::deque<Instant> probes_;             // the last ones sent, at most kProbesPerMinuteMax
};

}  // namespace landfall::connectivity
