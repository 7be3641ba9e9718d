#include "simulator/oracles/late_answers.hpp"

#include "tests/simulator/oracles/token_stage.hpp"

using namespace landfall;

namespace {

struct Late : oracles::TokenStage {
  oracles::LateAnswers oracle;
  http::Request open;
  Late() {
    watch(oracle);
    log_in(1);
    wait(1'000);
    open = call(1);
  }
  std::size_t found() { return violations("INV-A14").size(); }
};

}  // namespace

TEST_CASE("INV-A14 oracle: an answer that reaches the engine behind the session's end is named") {
  Late stage;
  SECTION("behind it") {
    stage.tell_status("unauthenticated");
    stage.wait(500);
    stage.answer(stage.open, 200);
    CHECK(stage.found() == 1);
  }
  SECTION("silence, told by a call that was not given up") {
    stage.tell_status("unauthenticated");
    stage.wait(500);
    stage.answer(stage.open, http::TransportFailure::silent);
    CHECK(stage.found() == 1);
  }
  SECTION("before it") {
    stage.answer(stage.open, 200);
    stage.tell_status("unauthenticated");
    CHECK(stage.found() == 0);
  }
  SECTION("to a process that is no more") {
    stage.tell_status("unauthenticated");
    stage.crash();
    stage.wait(500);
    stage.answer(stage.open, 200);
    CHECK(stage.found() == 0);
  }
}

TEST_CASE("INV-A14 oracle: a token of a session that is over is used no more, the next one's is") {
  Late stage;
  stage.tell_status("unauthenticated");
  stage.wait(500);
  stage.log_in(2);
  stage.answer(stage.call(2), 200);
  CHECK(stage.found() == 0);
  stage.call(1);
  CHECK(stage.found() == 1);
}

TEST_CASE("INV-A14 oracle: the call of the logout itself may end behind it") {
  Late stage;
  const auto logout =
      stage.send(stage.routes().logout, Json::object(), oracles::TokenStage::bearer(1));
  stage.tell_status("unauthenticated");
  stage.wait(500);
  stage.answer(logout, 200);
  CHECK(stage.found() == 0);
}
