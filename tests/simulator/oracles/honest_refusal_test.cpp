#include "simulator/oracles/honest_refusal.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

struct Refusals : oracles::Stage {
  oracles::HonestRefusal oracle;
  Refusals() { watch(oracle); }

  void refuse(const std::string& id, const std::string& code) {
    world.observe_refused(phone, {id, {"approval", "a1"}, "approve", "{}", phone.user_id()}, code);
  }
  // The engine of the stage never boots and lists nothing: what is judged is the server's side.
  std::size_t found(const std::string& id) {
    oracle.judge(world, phone, {}, {id});
    return violations("INV-Q3").size();
  }
};

}  // namespace

TEST_CASE("INV-Q3 oracle: what was refused is not there") {
  Refusals told;
  told.hand_in("a");
  SECTION("it is") {
    told.refuse("a", "storage.full");
    CHECK(told.found("a") == 1);
  }
  SECTION("another one is") {
    told.refuse("a", "storage.full");
    CHECK(told.found("b") == 0);
  }
  SECTION("nobody knew") {
    told.refuse("a", "engine.restarted");
    told.hand_in("a");
    told.refuse("a", "engine.opening");
    CHECK(told.found("a") == 0);
  }
  SECTION("a crash came before the answer to the first time") {
    told.world.observe_crash(told.phone, false);
    told.hand_in("a");
    told.refuse("a", "engine.opening");
    CHECK(told.found("a") == 0);
  }
  SECTION("it was accepted after all") {
    told.refuse("a", "engine.opening");
    told.accept("a", 1);
    CHECK(told.found("a") == 0);
  }
}
