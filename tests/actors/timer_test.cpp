#include <optional>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <catch2/catch.hpp>

#include "actors/timer.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using actors::Timer;
using actors::TimerFired;

// One actor with one timer, in virtual time.
class TimerRig final {
 public:
  TimerRig() : system_(stepped(config_)), clock_(Instant{1'000'000}), timer_(clock_) {
    system_.await_actors_before_shutdown(false);
    coordinator_ = dynamic_cast<caf::scheduler::test_coordinator*>(&system_.scheduler());
    REQUIRE(coordinator_ != nullptr);
    coordinator_->clock().current_time += std::chrono::hours(1);
    actor_ = system_.spawn([this](caf::event_based_actor* self) -> caf::behavior {
      self_ = self;
      return {[this](const TimerFired& message) {
        ++messages_;
        if (timer_.fires(self_, message)) ++fired_;
      }};
    });
    run();
  }
  ~TimerRig() {
    coordinator_->clock().cancel_all();
    caf::anon_send_exit(actor_, caf::exit_reason::kill);
    run();
  }
  TimerRig(const TimerRig&) = delete;
  TimerRig& operator=(const TimerRig&) = delete;

  void arm_in(std::optional<std::int64_t> ms) {
    std::optional<Instant> at;
    if (ms) at = clock_.now() + Duration{*ms};
    timer_.arm(self_, at);
  }
  // The scheduler's time passes, and the engine's, which need not agree.
  void pass(std::int64_t scheduler_ms, std::int64_t engine_ms) {
    clock_.advance(Duration{engine_ms});
    coordinator_->clock().advance_time(Duration{scheduler_ms});
    run();
  }
  void pass(std::int64_t ms) { pass(ms, ms); }
  HandClock& clock() { return clock_; }
  [[nodiscard]] int fired() const { return fired_; }
  [[nodiscard]] int messages() const { return messages_; }

 private:
  static caf::actor_system_config& stepped(caf::actor_system_config& config) {
    config.set("scheduler.policy", caf::atom("testing"));
    config.set("logger.verbosity", caf::atom("quiet"));
    return config;
  }
  void run() {
    while (coordinator_->try_run_once()) {
    }
  }

  caf::actor_system_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator* coordinator_ = nullptr;
  HandClock clock_;
  Timer timer_;
  caf::actor actor_;
  caf::event_based_actor* self_ = nullptr;
  int fired_ = 0;
  int messages_ = 0;
};

TEST_CASE("a timer fires once, at its time") {
  TimerRig rig;
  rig.arm_in(1'000);
  rig.pass(999);
  CHECK(rig.fired() == 0);
  rig.pass(1);
  CHECK(rig.fired() == 1);
  rig.pass(10'000);
  CHECK(rig.fired() == 1);
}

TEST_CASE("arming anew replaces: the old message arrives and is ignored") {
  TimerRig rig;
  rig.arm_in(1'000);
  rig.arm_in(5'000);
  rig.pass(1'000);
  CHECK(rig.messages() == 1);
  CHECK(rig.fired() == 0);
  rig.pass(4'000);
  CHECK(rig.fired() == 1);

  // An earlier one as well; and the later message is stale then.
  rig.arm_in(5'000);
  rig.arm_in(500);
  rig.pass(500);
  CHECK(rig.fired() == 2);
  rig.pass(60'000);
  CHECK(rig.fired() == 2);
}

TEST_CASE("arming for the same instant twice sends one message; disarming makes it stale") {
  TimerRig rig;
  rig.arm_in(1'000);
  rig.arm_in(1'000);
  rig.pass(1'000);
  CHECK(rig.messages() == 1);
  CHECK(rig.fired() == 1);
  rig.arm_in(1'000);
  rig.arm_in(std::nullopt);
  rig.pass(5'000);
  CHECK(rig.fired() == 1);
  // And the same instant can be armed again after it fired or was disarmed.
  rig.arm_in(0);
  rig.pass(0);
  CHECK(rig.fired() == 2);
}

TEST_CASE("a timer that is overdue when it is armed fires at once") {
  TimerRig rig;
  rig.arm_in(-50'000);
  rig.pass(0);
  CHECK(rig.fired() == 1);
}

TEST_CASE("speed 20: a minute of engine time is three seconds of the scheduler's") {
  TimerRig rig;
  rig.clock().set_speed(20.0);
  rig.arm_in(60'000);
  rig.pass(2'999, 59'980);
  CHECK(rig.fired() == 0);
  rig.pass(1, 20);
  CHECK(rig.fired() == 1);

  // A speed that does not divide is rounded up, so that it never fires early by it.
  rig.clock().set_speed(3.0);
  rig.arm_in(1'000);
  rig.pass(333, 999);
  CHECK(rig.messages() == 1);
  rig.pass(1, 3);
  CHECK(rig.fired() == 2);
}

TEST_CASE("a scheduler whose time ran while the engine's stood still arms the rest of the wait") {
  TimerRig rig;
  rig.arm_in(10'000);
  rig.pass(10'000, 4'000);
  CHECK(rig.messages() == 1);
  CHECK(rig.fired() == 0);
  rig.pass(5'999);
  CHECK(rig.fired() == 0);
  rig.pass(1);
  CHECK(rig.fired() == 1);
  CHECK(rig.messages() == 2);
}

TEST_CASE("years between now and then neither overflow nor fire (INV-T3)") {
  TimerRig rig;
  rig.arm_in(60LL * 365 * 24 * 3'600'000);
  rig.pass(1'000'000);
  CHECK(rig.messages() == 0);
  rig.arm_in(1'000);
  rig.pass(1'000);
  CHECK(rig.fired() == 1);
}

}  // namespace
}  // namespace landfall::testing
