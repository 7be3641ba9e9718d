#include "ui_imgui/model/screen_use.hpp"

#include <catch2/catch.hpp>

#include <string>

#include "ui_imgui/model/simulation.hpp"

using namespace landfall::ui;

namespace {

// An app whose session ends after half an hour without anybody, before its user.
class Rig {
 public:
  Rig() {
    simulation.execute(SetPaused{true});
    execute(SubmitLogin{"lina@ims.example", "lina-pass-1", false});
    pass(10);
    REQUIRE(status() == "authenticated");
  }
  void execute(const Command& command) {
    simulation.execute(command);
    simulation.tick(0);
  }
  // Nobody touches the phone while it passes.
  void pass(int seconds) { execute(PassTime{seconds * 1'000}); }
  // So many frames of a tenth of a second, at this speed.
  void let_run(int frames, int speed) {
    execute(SetSpeed{speed});
    execute(SetPaused{false});
    for (int i = 0; i < frames; ++i) simulation.tick(100);
    execute(SetPaused{true});
  }
  std::string status() { return simulation.snapshot().identity.session.status; }

  Simulation simulation{options()};

 private:
  static SimulationOptions options() {
    SimulationOptions options;
    options.profile = "ims";
    return options;
  }
};

constexpr int kTenMinutes = 600;
constexpr int kIdle = 1'860;  // a minute more than the profile allows

}  // namespace

TEST_CASE("I-24: what a user does is done on the screen, what befalls their phone is not") {
  CHECK(is_done_on_screen(UseScreen{}));
  CHECK(is_done_on_screen(SyncNow{}));
  CHECK(is_done_on_screen(UnlockByPin{"481629"}));
  CHECK(is_done_on_screen(RetryOperation{"op-1"}));
  CHECK_FALSE(is_done_on_screen(PassTime{1}));
  CHECK_FALSE(is_done_on_screen(SetNetwork{false, true}));
  CHECK_FALSE(is_done_on_screen(SelectPhone{"lina"}));
  CHECK_FALSE(is_done_on_screen(SelectOperation{"op-1"}));
}

TEST_CASE("I-24: while hands are on the screen a touch is due once a minute of the phone's") {
  constexpr std::int64_t kNow = 1'767'583'800'000;
  ScreenUse use;
  CHECK_FALSE(use.is_touch_due(kNow));
  use.use();
  CHECK(use.is_touch_due(kNow));
  use.on_touched(kNow);
  CHECK_FALSE(use.is_touch_due(kNow + 59'999));
  CHECK(use.is_touch_due(kNow + 60'000));
  use.pass_real(ScreenUse::kHandsOffMs - 1);
  CHECK(use.is_in_use());
  use.use();
  use.pass_real(ScreenUse::kHandsOffMs - 1);
  CHECK(use.is_in_use());
  use.pass_real(1);
  CHECK_FALSE(use.is_in_use());
  CHECK_FALSE(use.is_touch_due(kNow + 600'000));
}

TEST_CASE("I-23 I-24: whatever its user does starts the half hour anew, and nothing else does") {
  Rig rig;
  for (int i = 0; i < 4; ++i) {
    rig.pass(kTenMinutes);
    rig.execute(SyncNow{});
  }
  CHECK(rig.status() == "authenticated");
  rig.execute(SelectOperation{""});
  rig.pass(kIdle / 2);
  rig.execute(SetNetwork{true, true});
  rig.pass(kIdle / 2);
  CHECK(rig.status() == "unauthenticated");
  CHECK(rig.simulation.snapshot().identity.session.message ==
        "You have been logged out due to inactivity.");
}

TEST_CASE("I-24: a hand that moves is a touch, where the last is a minute ago") {
  Rig rig;
  for (int i = 0; i < 4; ++i) {
    rig.pass(kTenMinutes);
    rig.execute(UseScreen{});
  }
  CHECK(rig.status() == "authenticated");
}

TEST_CASE("I-23 I-24: at a high speed an app does not go idle under its user's hands") {
  Rig rig;
  rig.execute(UseScreen{});
  // Six minutes of the phone's a frame: an hour in a second of its user's.
  rig.let_run(10, 3'600);
  CHECK(rig.status() == "authenticated");
  // The phone lies there: the hands were taken off it, and then its half hour is over.
  rig.let_run(201, 1);
  rig.let_run(6, 3'600);
  CHECK(rig.status() == "unauthenticated");
}

TEST_CASE("I-23: the hands on one phone are not on another") {
  Rig rig;
  const auto phones = rig.simulation.snapshot().phones;
  REQUIRE(phones.size() > 1);
  rig.execute(UseScreen{});
  rig.execute(SelectPhone{phones[1]});
  rig.let_run(6, 3'600);
  rig.execute(SelectPhone{phones[0]});
  CHECK(rig.status() == "unauthenticated");
}
