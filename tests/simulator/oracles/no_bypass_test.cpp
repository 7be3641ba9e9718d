#include "simulator/oracles/no_bypass.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

TEST_CASE("INV-A15 oracle: a PIN that is not the owner's and opens is named, theirs is not") {
  oracles::Stage stage;
  oracles::NoBypass oracle;
  stage.watch(oracle);
  const auto guess = [&](bool is_right, bool locked) {
    stage.world.observe_guess_answered(stage.phone, is_right, Json{{"locked", locked}});
  };
  guess(true, false);
  guess(false, true);
  CHECK(stage.violations("INV-A15").empty());
  guess(false, false);
  CHECK(stage.violations("INV-A15").size() == 1);
}
