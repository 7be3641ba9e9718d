#include "simulator/oracles/durable_pair.hpp"

#include "tests/simulator/oracles/token_stage.hpp"

using namespace landfall;

namespace {

struct Pairs : oracles::TokenStage {
  oracles::DurablePair oracle;
  Pairs() {
    watch(oracle);
    log_in(1);
    call(1);
    wait(1'000);
    answer_pair(refresh(1), 2);
  }
  std::size_t found() { return violations("INV-A4").size(); }
};

}  // namespace

TEST_CASE("INV-A4 oracle: who has called with a pair stays with it, also behind a power cut") {
  Pairs stage;
  stage.call(2);
  stage.wait(1'000);
  stage.crash();
  stage.call(2);
  stage.refresh(2);
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A4 oracle: a pair that came and was not used may be gone behind a power cut") {
  Pairs stage;
  stage.crash();
  stage.answer_pair(stage.refresh(1), 2);
  stage.call(2);
  CHECK(stage.found() == 0);
}

TEST_CASE(
    "INV-A4 oracle: going back to an older pair is named, by its access token and by its refresh "
    "token") {
  Pairs stage;
  stage.call(2);
  stage.wait(1'000);
  stage.crash();
  SECTION("a call") { stage.call(1); }
  SECTION("a refresh") { stage.refresh(1); }
  CHECK(stage.found() == 1);
}

TEST_CASE(
    "INV-A4 oracle: within the instant of its arrival, and as a last chance, the older one may "
    "go") {
  Pairs stage;
  stage.call(2);
  SECTION("in the same instant") { stage.call(1); }
  SECTION("a last chance") {
    stage.wait(1'000);
    stage.refuse(stage.refresh(2));
    stage.refresh(1);
  }
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A4 oracle: a repeated answer is the pair that it was") {
  Pairs stage;
  stage.call(2);
  stage.wait(1'000);
  stage.answer_pair(stage.refresh(2), 3);
  stage.answer_pair(stage.refresh(2), 3);
  stage.call(3);
  stage.wait(1'000);
  stage.refresh(3);
  CHECK(stage.found() == 0);
}

TEST_CASE("C-29 INV-A4 oracle: a pair that could not be saved goes with its process") {
  Pairs stage;
  stage.call(2);
  stage.world.observe_event(stage.phone, "session.not_saved", Json::object());
  stage.wait(1'000);
  stage.crash();
  stage.refresh(1);
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A4 oracle: a login's pair counts from its first use, whenever it came") {
  Pairs stage;
  stage.answer(stage.send(stage.routes().login), 200, Pairs::body(3));
  stage.wait(1'000);
  stage.answer_pair(stage.refresh(2), 4);  // of the session that goes on meanwhile
  stage.call(4);
  stage.wait(1'000);
  stage.call(3);
  stage.wait(1'000);
  stage.refresh(3);
  CHECK(stage.found() == 0);
  stage.call(4);
  CHECK(stage.found() == 1);
}
