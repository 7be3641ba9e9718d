#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "engine/base/random.hpp"
#include "engine/connectivity/reachability.hpp"
#include "schema/limits.hpp"

using namespace landfall;
using namespace landfall::connectivity;
using namespace std::chrono_literals;
using http::Signal;
using Network = Hint::Network;

namespace {

constexpr std::array<Signal, 5> kSignals{Signal::answered, Signal::server_error,
                                         Signal::not_reached, Signal::silent, Signal::none};

// Drives a machine with events at random instants and checks after each what must always hold.
class Drive final {
 public:
  Drive(std::uint64_t seed, std::int64_t gap_ms_max, bool eager)
      : random_(seed), gap_ms_max_(gap_ms_max), eager_(eager), machine_(rules(), repeats_) {}

  void run(int events) {
    const Hint hint = random_hint();
    host_says_down_ = hint.network == Network::down;
    check(machine_.on_open(hint, now_));
    for (int i = 0; i < events; ++i) one_event();
  }

  [[nodiscard]] std::size_t probes() const { return probes_sent_; }

 private:
  static profile::ConnectivityRules rules() { return {"probe", {1s, 2s, 30s}, 3}; }

  Hint random_hint() {
    const auto network = static_cast<Network>(random_.below(3));
    const bool metered = random_.chance(0.2);
    return {network, metered};
  }

  Signal random_signal() { return kSignals[random_.below(kSignals.size())]; }

  void one_event() {
    now_ = now_ + Duration{random_.between(0, gap_ms_max_)};
    // An eager host lets every timer fire in time; a lazy one, or a phone asleep, does not.
    while (eager_ && timer_ && *timer_ <= now_) {
      const Instant later = now_;
      now_ = *timer_;
      check(machine_.on_wake(now_));
      now_ = later;
    }
    switch (random_.below(5)) {
      case 0: {
        const Hint hint = random_hint();
        host_says_down_ = hint.network == Network::down;
        return check(machine_.on_hint(hint, now_));
      }
      case 1:
        return check(machine_.on_traffic(heard(random_signal()), now_));
      case 2:
        return answer_probe();
      case 3:
        return check(machine_.on_wake(now_));
      default:
        return;
    }
  }

  // The probe that left last, or one before it.
  void answer_probe() {
    if (outstanding_.empty()) return;
    const auto which = static_cast<std::ptrdiff_t>(random_.below(outstanding_.size()));
    const std::uint64_t number = outstanding_[static_cast<std::size_t>(which)];
    outstanding_.erase(outstanding_.begin() + which);
    check(machine_.on_probe(number, heard(random_signal()), now_));
  }

  // An answer disproves a host that says down.
  Signal heard(Signal signal) {
    if (signal == Signal::answered || signal == Signal::server_error) host_says_down_ = false;
    return signal;
  }

  void check(const ReachabilityEffects& effects) {
    timer_ = effects.wake_at;
    if (effects.probe) note_probe(*effects.probe);
    RC_ASSERT(!timer_ || *timer_ > now_);
    if (machine_.state() != State::online && !host_says_down_) RC_ASSERT(timer_.has_value());
    if (effects.change) {
      RC_ASSERT(effects.change->from != effects.change->to);
      RC_ASSERT(effects.change->to == machine_.state());
      const bool from_offline = effects.change->from == State::offline;
      RC_ASSERT(effects.change->edge == (from_offline && effects.change->to == State::online));
    }
  }

  void note_probe(std::uint64_t number) {
    RC_ASSERT(!host_says_down_);
    outstanding_.push_back(number);
    ++probes_sent_;
    recent_.push_back(now_);
    while (now_ - recent_.front() >= Duration{60'000}) recent_.pop_front();
    RC_ASSERT(recent_.size() <= limits::kProbesPerMinuteMax);
  }

  Random random_;
  std::int64_t gap_ms_max_;
  bool eager_;
  http::RepeatBudget repeats_;
  Reachability machine_;
  Instant now_{1'000'000};
  std::optional<Instant> timer_;
  std::deque<std::uint64_t> outstanding_;
  bool host_says_down_ = false;
  std::size_t probes_sent_ = 0;
  std::deque<Instant> recent_;
};

}  // namespace

TEST_CASE(
    "INV-Q9 INV-Q10: never more than twelve probes a minute, always a timer or a probe while not "
    "online") {
  const bool holds = rc::check([](std::uint64_t seed, bool eager) {
    constexpr std::array<std::int64_t, 5> kGaps{0, 20, 700, 5'000, 90'000};
    for (const std::int64_t gap_ms : kGaps) Drive(seed, gap_ms, eager).run(400);
  });
  CHECK(holds);
}

TEST_CASE("INV-Q9: a host that flaps all the time meets the bound and no more") {
  http::RepeatBudget repeats;
  Reachability machine{{"probe", {1s}, 3}, repeats};
  std::size_t probes = 0;
  std::uint64_t last = 0;
  Instant now{0};
  const auto count = [&](const ReachabilityEffects& effects) {
    probes += effects.probe ? 1 : 0;
    last = effects.probe.value_or(last);
  };
  count(machine.on_open({}, now));
  for (int i = 0; i < 6'000; ++i) {
    now = now + 10ms;
    count(machine.on_hint({Network::down, false}, now));
    count(machine.on_hint({Network::up, false}, now));
    count(machine.on_probe(last, Signal::not_reached, now));
  }
  CHECK(probes ==
        limits::kProbesPerMinuteMax + 1);  // the minute is closed on both sides: 0 and 60 s
}
