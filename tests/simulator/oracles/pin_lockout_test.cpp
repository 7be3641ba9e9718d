#include "simulator/oracles/pin_lockout.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;
using oracles::PinLockout;

namespace {

// ProKure's ladder: nothing before the fifth failure, fifteen minutes from there on.
struct Owner : oracles::Stage {
  PinLockout oracle;
  Owner() { watch(oracle); }

  void guess(bool is_right, const Json& result) {
    world.observe_guess(phone, is_right);
    world.observe_guess_answered(phone, is_right, result);
  }
  void wrong(int failures) {
    guess(false, {{"locked", true}, {"code", "pin.wrong"}, {"pin", {{"failures", failures}}}});
  }
  void right() { guess(true, {{"locked", false}, {"pin", {{"failures", 0}}}}); }
  std::size_t found() { return violations("INV-A8").size(); }
};

}  // namespace

TEST_CASE("INV-A8 oracle: the waits are the profile's") {
  const Json profile = Owner().world.profile();
  CHECK(PinLockout::wait_of(profile, 4) == Duration{0});
  CHECK(PinLockout::wait_of(profile, 5) == std::chrono::minutes{15});
  CHECK(PinLockout::wait_of(profile, 9) == std::chrono::minutes{15});
}

TEST_CASE("INV-A8 oracle: failures that are counted one by one are fine, also over a crash") {
  Owner owner;
  owner.wrong(1);
  owner.world.observe_crash(owner.phone, false);
  // One that was counted when the crash took its answer.
  owner.wrong(3);
  owner.right();
  owner.wrong(1);
  CHECK(owner.found() == 0);
}

TEST_CASE("INV-A8 oracle: a failure that a crash forgets is named") {
  Owner owner;
  owner.wrong(1);
  owner.wrong(2);
  owner.world.observe_crash(owner.phone, true);
  owner.wrong(1);
  CHECK(owner.found() == 1);
}

TEST_CASE("INV-A8 oracle: a guess before the wait is over is named") {
  Owner owner;
  owner.wrong(5);
  owner.wait(15 * 60'000 - 2'000);
  owner.wrong(6);
  CHECK(owner.found() == 1);
  owner.wait(15 * 60'000);
  owner.wrong(7);
  CHECK(owner.found() == 1);
}

TEST_CASE("INV-A8 oracle: a right PIN and a login may have ended the count, a wrong one never") {
  Owner owner;
  owner.wrong(4);
  SECTION("right, and its answer was lost") { owner.world.observe_guess(owner.phone, true); }
  SECTION("a login") { (void)owner.send(owner.routes().login); }
  owner.wrong(1);
  CHECK(owner.found() == 0);
  owner.guess(true, {{"locked", true}, {"code", "pin.wrong"}, {"pin", {{"failures", 2}}}});
  CHECK(owner.found() == 1);
}
