#include "engine/connectivity/reachability.hpp"

#include <optional>

#include <catch2/catch.hpp>

#include "schema/limits.hpp"

using namespace landfall;
using namespace landfall::connectivity;
using namespace std::chrono_literals;
using http::Signal;
using Network = Hint::Network;

namespace {

const Instant kStart{1'000'000};

profile::ConnectivityRules rules() { return {"probe", {2s, 4s, 8s, 16s, 30s}, 3}; }

// A device with nothing else to do.
class Idle final : public http::RepeatLedger {
 public:
  void on_repeat(Instant) override {}
  [[nodiscard]] Instant free_at(http::RepeatRank, std::size_t) const override { return {}; }
};
Idle repeats;

// A machine at the state that the name says, at kStart.
Reachability online() {
  Reachability machine{rules(), repeats};
  (void)machine.on_open({}, kStart);
  (void)machine.on_probe(1, Signal::answered, kStart);
  REQUIRE(machine.state() == State::online);
  return machine;
}

Reachability server_down() {
  Reachability machine = online();
  for (int i = 0; i < 3; ++i) (void)machine.on_traffic(Signal::server_error, kStart);
  REQUIRE(machine.state() == State::server_down);
  return machine;
}

}  // namespace

TEST_CASE("P-25: it begins offline and probes at once, unless the host says down") {
  for (const Network network : {Network::unknown, Network::up}) {
    Reachability machine{rules(), repeats};
    CHECK(machine.state() == State::offline);
    const auto effects = machine.on_open({network, false}, kStart);
    CHECK(effects.probe);
    CHECK(!effects.change);
    CHECK(effects.wake_at.has_value());
  }
  Reachability machine{rules(), repeats};
  CHECK(machine.on_open({Network::down, false}, kStart) == ReachabilityEffects{});
}

TEST_CASE("C-20: the first answer is the edge offline -> online") {
  Reachability machine{rules(), repeats};
  (void)machine.on_open({}, kStart);
  const auto effects = machine.on_probe(1, Signal::answered, kStart + 1s);
  CHECK(effects.change == Change{State::offline, State::online, true});
  CHECK(!effects.probe);
  CHECK(!effects.wake_at);
}

TEST_CASE(
    "C-20: an answer to any call is an edge too, and the late failure of the probe is old news") {
  Reachability machine{rules(), repeats};
  (void)machine.on_open({}, kStart);
  CHECK(machine.on_traffic(Signal::answered, kStart).change->edge);
  for (const Signal late : {Signal::not_reached, Signal::silent, Signal::server_error}) {
    const auto effects = machine.on_probe(1, late, kStart + 1s);
    CHECK(!effects.change);
    CHECK(!effects.wake_at);
  }
  CHECK(machine.state() == State::online);
}

TEST_CASE("Probes follow a failed call after 2, 4, 8, 16, 30, 30 s") {
  Reachability machine = online();
  Instant now = kStart;
  auto effects = machine.on_traffic(Signal::not_reached, now);
  CHECK(effects.change == Change{State::online, State::offline, false});
  CHECK(!effects.probe);
  for (const Duration delay : {2s, 4s, 8s, 16s, 30s, 30s, 30s}) {
    REQUIRE(effects.wake_at == now + delay);
    CHECK(!machine.on_wake(now + delay - 1ms).probe);
    now = now + delay;
    const auto probe = machine.on_wake(now).probe;
    REQUIRE(probe);
    CHECK(!machine.on_traffic(Signal::not_reached, now).change);
    effects = machine.on_probe(*probe, Signal::not_reached, now);
  }
}

TEST_CASE("While the host says down nothing is probed; its next word probes at once") {
  Reachability machine = online();
  const auto down = machine.on_hint({Network::down, false}, kStart);
  CHECK(down.change == Change{State::online, State::offline, false});
  CHECK(!down.wake_at);
  CHECK(machine.on_wake(kStart + 1h) == ReachabilityEffects{});
  CHECK(machine.on_traffic(Signal::not_reached, kStart + 1h) == ReachabilityEffects{});
  for (const Network network : {Network::up, Network::unknown}) {
    Reachability copy = machine;
    CHECK(copy.on_hint({network, false}, kStart + 1h).probe);
  }
}

TEST_CASE("P-31: when the network returns a probe that left before it went is waited for no more") {
  Reachability machine = server_down();
  REQUIRE(machine.on_wake(kStart + 2s).probe);
  CHECK(machine.on_hint({Network::down, false}, kStart + 2s).change->to == State::offline);
  const auto effects = machine.on_hint({Network::up, false}, kStart + 3s);
  CHECK(effects.probe);
  CHECK(effects.wake_at == kStart + 3s + Duration{limits::kProbeTimeoutMs});
  CHECK(machine.on_probe(3, Signal::answered, kStart + 4s).change ==
        Change{State::offline, State::online, true});
}

TEST_CASE("An answer outweighs a host that says down, until its next word") {
  Reachability machine{rules(), repeats};
  (void)machine.on_open({Network::down, false}, kStart);
  CHECK(machine.on_traffic(Signal::answered, kStart).change ==
        Change{State::offline, State::online, true});
  CHECK(machine.on_traffic(Signal::not_reached, kStart).wake_at == kStart + 2s);
  CHECK(!machine.on_hint({Network::down, false}, kStart).wake_at);
}

TEST_CASE(
    "P-25: a changed network starts the ladder again, also under a probe that left by the old "
    "one") {
  Reachability machine{rules(), repeats};
  (void)machine.on_open({Network::unknown, false}, kStart);
  CHECK(!machine.on_hint({Network::up, false}, kStart + 1s).probe);
  const auto effects = machine.on_probe(1, Signal::not_reached, kStart + 2s);
  CHECK(effects.probe == 2);
  CHECK(machine.on_probe(2, Signal::not_reached, kStart + 2s).wake_at == kStart + 4s);
}

TEST_CASE("Three server errors in a row are server_down, which goes on probing") {
  Reachability machine = online();
  CHECK(!machine.on_traffic(Signal::server_error, kStart).change);
  CHECK(!machine.on_traffic(Signal::server_error, kStart).change);
  CHECK(!machine.on_traffic(Signal::answered, kStart).change);
  CHECK(!machine.on_traffic(Signal::server_error, kStart).change);
  CHECK(!machine.on_traffic(Signal::server_error, kStart).change);
  const auto effects = machine.on_traffic(Signal::server_error, kStart);
  CHECK(effects.change == Change{State::online, State::server_down, false});
  CHECK(effects.wake_at == kStart + 2s);
  CHECK(machine.on_wake(kStart + 2s).probe);
  CHECK(machine.on_probe(2, Signal::server_error, kStart + 2s).wake_at == kStart + 6s);
  CHECK(is_reachable(machine.state()));
}

TEST_CASE("INV-Q8: leaving server_down is no edge") {
  Reachability by_call = server_down();
  CHECK(by_call.on_traffic(Signal::answered, kStart).change ==
        Change{State::server_down, State::online, false});
  Reachability by_probe = server_down();
  (void)by_probe.on_wake(kStart + 2s);
  CHECK(by_probe.on_probe(2, Signal::answered, kStart + 2s).change ==
        Change{State::server_down, State::online, false});
}

TEST_CASE("server_down ends in offline when nothing is reached, and then an answer is an edge") {
  Reachability machine = server_down();
  CHECK(machine.on_traffic(Signal::not_reached, kStart).change ==
        Change{State::server_down, State::offline, false});
  CHECK(machine.on_traffic(Signal::answered, kStart).change ==
        Change{State::offline, State::online, true});
}

TEST_CASE("A server that fails is reached: one error ends offline, a fourth in a row does not") {
  Reachability machine{rules(), repeats};
  (void)machine.on_open({}, kStart);
  CHECK(machine.on_probe(1, Signal::server_error, kStart).change ==
        Change{State::offline, State::online, true});
  (void)machine.on_traffic(Signal::server_error, kStart);
  (void)machine.on_traffic(Signal::server_error, kStart);
  (void)machine.on_traffic(Signal::not_reached, kStart);
  REQUIRE(machine.state() == State::offline);
  CHECK(machine.on_traffic(Signal::server_error, kStart).change ==
        Change{State::offline, State::server_down, false});
}

TEST_CASE("Silence and calls that never tried change nothing") {
  for (const Signal signal : {Signal::silent, Signal::none}) {
    Reachability machine = online();
    CHECK(machine.on_traffic(signal, kStart) == ReachabilityEffects{});
    Reachability down = server_down();
    CHECK(!down.on_traffic(signal, kStart).change);
  }
}

TEST_CASE("A probe that is never answered is given up, so that the next one can leave") {
  Reachability machine{rules(), repeats};
  const auto first = machine.on_open({}, kStart);
  REQUIRE(first.wake_at);
  const auto given_up = machine.on_wake(*first.wake_at);
  CHECK(!given_up.probe);
  REQUIRE(given_up.wake_at == *first.wake_at + 2s);
  CHECK(machine.on_wake(*given_up.wake_at).probe);
}

TEST_CASE("An answer to an earlier probe is traffic, and its failure is dropped") {
  Reachability machine{rules(), repeats};
  const auto first = machine.on_open({}, kStart);
  REQUIRE(first.probe == 1);
  (void)machine.on_wake(*first.wake_at);
  const Instant again = *first.wake_at + 2s;
  REQUIRE(machine.on_wake(again).probe == 2);
  SECTION("that it did not get there says nothing of the network that is") {
    (void)machine.on_traffic(Signal::answered, again);
    REQUIRE(machine.state() == State::online);
    CHECK(machine.on_probe(1, Signal::not_reached, again + 1s).change == std::nullopt);
    CHECK(machine.state() == State::online);
  }
  SECTION("that the server answered does, and the later probe is still waited for") {
    const auto effects = machine.on_probe(1, Signal::answered, again + 1s);
    CHECK(effects.change == Change{State::offline, State::online, true});
    CHECK(effects.wake_at == again + Duration{limits::kProbeTimeoutMs});
    CHECK(machine.on_probe(2, Signal::answered, again + 2s) == ReachabilityEffects{});
  }
  SECTION("and so does that the server failed, once for each answer") {
    CHECK(machine.on_probe(1, Signal::server_error, again + 1s).change->to == State::online);
    CHECK(!machine.on_traffic(Signal::server_error, again + 1s).change);
    CHECK(machine.on_probe(1, Signal::server_error, again + 1s).change->to == State::server_down);
  }
  SECTION("silence changes nothing, whenever it ends") {
    CHECK(!machine.on_probe(1, Signal::silent, again + 1s).change);
    CHECK(machine.state() == State::offline);
  }
}

TEST_CASE("A metered network is noted and changes no state") {
  Reachability machine = online();
  const auto effects = machine.on_hint({Network::unknown, true}, kStart);
  CHECK(effects.metered_changed);
  CHECK(!effects.change);
  CHECK(machine.metered());
  CHECK(!machine.on_hint({Network::unknown, true}, kStart).metered_changed);
}

TEST_CASE("The states have the contract's names") {
  CHECK(to_string(State::offline) == "offline");
  CHECK(to_string(State::captive) == "captive");
  CHECK(to_string(State::degraded) == "degraded");
  CHECK(to_string(State::online) == "online");
  CHECK(to_string(State::server_down) == "server_down");
}

TEST_CASE("INV-Q9: a probe waits while the device has repeated too much, and counts for it") {
  http::RepeatBudget device;
  const std::size_t before = limits::kRepeatsForProbesMax - 1;
  for (std::size_t i = 0; i < before; ++i) device.on_repeat(kStart);
  Reachability machine{rules(), device};
  REQUIRE(machine.on_open({}, kStart).probe);
  CHECK(machine.on_probe(1, Signal::not_reached, kStart).wake_at == kStart + 60s);
  CHECK_FALSE(machine.on_wake(kStart + 59s).probe);
  CHECK(machine.on_wake(kStart + 60s).probe);
}
