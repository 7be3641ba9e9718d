#include "simulator/oracles/idle_lock.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

constexpr std::int64_t kIdleMs = 30 * 60'000;

struct Owner : oracles::Stage {
  oracles::IdleLock oracle;
  Owner() { watch(oracle); }

  void touch() { world.observe_touch(phone); }
  void open() { world.observe_guess_answered(phone, true, Json{{"locked", false}}); }
  std::size_t found() { return violations("INV-A11").size(); }
};

}  // namespace

TEST_CASE("INV-A11 oracle: what was touched in time answers, and a phone without a PIN always") {
  Owner owner;
  owner.wait(10 * kIdleMs);
  owner.accept("o1", 1);
  owner.world.observe_protected(owner.phone);
  for (int i = 2; i < 6; ++i) {
    owner.wait(kIdleMs - 1);
    owner.touch();
    owner.accept("o" + std::to_string(i), i);
  }
  CHECK(owner.found() == 0);
}

TEST_CASE("INV-A11 oracle: an answer behind thirty minutes without a touch is named") {
  Owner owner;
  owner.world.observe_protected(owner.phone);
  owner.wait(kIdleMs + 120'000);
  // Too late: only opening helps.
  owner.touch();
  SECTION("it took an operation") { owner.accept("o1", 1); }
  SECTION("it showed documents") {
    owner.world.observe_view(owner.phone, Json::object(), Json{{"documents", Json::array()}});
  }
  CHECK(owner.found() == 1);
  owner.open();
  owner.accept("o2", 2);
  CHECK(owner.found() == 1);
}
