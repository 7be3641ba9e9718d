#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>

#include "engine/base/random.hpp"
#include "engine/unlock/unlock.hpp"
#include "tests/engine/unlock/unlock_rig.hpp"

using namespace landfall;
using namespace landfall::test;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr std::int64_t kThirtyDaysMs = 30LL * 86'400'000;

// A thief who holds the phone, knows all but the PIN, and may kill the app and set the clock
// whenever they like. What they get is measured by the time as it really is.
class Thief {
 public:
  explicit Thief(std::uint64_t seed) : random_(seed) {
    rig_.login();
    REQUIRE(rig_.set_pin("4816"));
    rig_.has_boot_clock(random_.chance(0.5));
    rig_.start();
  }

  void live(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }

 private:
  void step() {
    switch (random_.below(6)) {
      case 0:
      case 1:
        return guess();
      case 2:
        return rig_.pass(Duration{random_.between(0, 1'000'000)});
      case 3:
        return rig_.pass(Duration{random_.between(0, 3'000)});
      case 4:
        return rig_.restart_with_clock(Duration{random_.between(-400, 400) * 86'400'000LL});
      default:
        if (random_.chance(0.3)) rig_.boot_anew();
        return rig_.start();
    }
  }

  void guess() {
    const bool is_killed = random_.chance(0.5);
    const auto guess = rig_.guess("4817", is_killed);
    if (!guess.was_checked) return;
    const std::int64_t now_ms = rig_.true_ms();
    INFO("guess " << guesses_.size() + 1 << " at " << now_ms);
    CHECK_FALSE(rig_.status().pin.wait < ideal_wait(guesses_.size() + 1));
    if (!guesses_.empty()) CHECK(now_ms - guesses_.back() >= ideal_wait(guesses_.size()).count());
    guesses_.push_back(now_ms);
    // No login and no right guess: the ten of any thirty days are the ten of all time.
    CHECK(guesses_.size() <= 10);
    CHECK((guesses_.size() <= 10 || guesses_.back() - guesses_.front() > kThirtyDaysMs));
  }

  static Duration ideal_wait(std::size_t failures) {
    const std::int64_t waits_s[] = {0, 0, 0, 0, 0, 30, 60, 300, 900, 900, 900};
    return seconds{waits_s[std::min<std::size_t>(failures, 10)]};
  }

  UnlockRig rig_;
  Random random_;
  std::deque<std::int64_t> guesses_;
};

// Somebody who knows the PIN, and wants to go on without ever meeting the server again.
class Dodger {
 public:
  explicit Dodger(std::uint64_t seed) : random_(seed) {
    rig_.login();
    REQUIRE(rig_.set_pin("4816"));
  }

  void live(int steps) {
    for (int i = 0; i < steps; ++i) {
      rig_.pass(Duration{random_.between(0, 3LL * 86'400'000)});
      rig_.restart_with_clock(Duration{random_.between(-60, 0) * 86'400'000LL});
      const bool opened = rig_.guess("4816").code.empty();
      INFO("step " << i << ", day " << rig_.true_ms() / 86'400'000);
      if (opened) CHECK(rig_.true_ms() < kThirtyDaysMs);
    }
    CHECK(rig_.true_ms() > kThirtyDaysMs);
  }

 private:
  UnlockRig rig_;
  Random random_;
};

}  // namespace

TEST_CASE("ten guesses are all that anybody gets, with any kills and any clocks (INV-A8)") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    Thief(seed).live(80);
  }
}

TEST_CASE("the ladder is never climbed faster than by an ideal clock, and never stands still") {
  UnlockRig rig;
  rig.login();
  REQUIRE(rig.set_pin("4816"));
  rig.start();
  Random random(7);
  int guesses = 0;
  for (int i = 0; i < 400 && guesses < 10; ++i) {
    if (rig.guess("4817").was_checked) ++guesses;
    rig.pass(seconds{30});
    if (random.chance(0.2)) rig.restart_with_clock(-hours{random.between(0, 100)});
  }
  CHECK(guesses == 10);
  CHECK(rig.status().pin.is_hard_locked);
}

TEST_CASE("thirty days are thirty days on one boot, however the clock is set back (INV-A9)") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    INFO("seed " << seed);
    Dodger(seed).live(40);
  }
}
