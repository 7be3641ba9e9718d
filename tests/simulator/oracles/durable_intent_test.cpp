#include "simulator/oracles/durable_intent.hpp"

#include "tests/simulator/oracles/token_stage.hpp"

using namespace landfall;

namespace {

struct Intents : oracles::TokenStage {
  oracles::DurableIntent oracle;
  Intents() {
    watch(oracle);
    log_in(1);
  }
  std::size_t found() { return violations("INV-A1").size(); }
};

}  // namespace

TEST_CASE("INV-A1 oracle: one token goes under one id, over lost answers and crashes") {
  Intents stage;
  stage.answer(stage.refresh(1, "x"), http::TransportFailure::silent);
  stage.refresh(1, "x");
  stage.crash();
  stage.answer_pair(stage.refresh(1, "x"), 2);
  stage.refresh(2, "y");
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A1 oracle: a second id for one token is named, also in the next life") {
  Intents stage;
  stage.refresh(1, "x");
  SECTION("in this life") {}
  SECTION("in the next one") { stage.crash(); }
  stage.refresh(1, "y");
  CHECK(stage.found() == 1);
}

TEST_CASE("INV-A1 oracle: the last chance of a refused session may have an id of its own") {
  Intents stage;
  stage.answer_pair(stage.refresh(1, "x"), 2);
  stage.refuse(stage.refresh(2, "y"));
  stage.refresh(1, "z");
  CHECK(stage.found() == 0);
  // Whoever calls again has a session, and an end of such chances.
  stage.call(2);
  stage.refresh(1, "w");
  CHECK(stage.found() == 1);
}

TEST_CASE("C-29 INV-A1 oracle: what could not be saved is forgotten with its process, not before") {
  Intents stage;
  stage.refresh(1, "x");
  stage.world.observe_event(stage.phone, "session.not_saved", Json::object());
  SECTION("with it") { stage.crash(); }
  SECTION("with its actors") {
    stage.world.observe_event(stage.phone, "engine.state", Json{{"state", "opening"}});
  }
  stage.refresh(1, "y");
  CHECK(stage.found() == 0);
  stage.refresh(1, "z");
  CHECK(stage.found() == 1);
}
