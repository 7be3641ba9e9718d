#include "simulator/oracles/ended_by_verdict.hpp"

#include "tests/simulator/oracles/token_stage.hpp"

using namespace landfall;

namespace {

struct Ends : oracles::TokenStage {
  oracles::EndedByVerdict oracle;
  Ends() {
    watch(oracle);
    log_in(1);
  }
  void answer_text(int status, const std::string& body) {
    world.observe_answer(phone, refresh(1), {http::Response{status, {}, body}, {}});
  }
  std::size_t found() {
    tell_status("reauthRequired");
    return violations("INV-A6").size();
  }
};

}  // namespace

TEST_CASE("INV-A6 oracle: a definitive refusal may end a session, and is remembered over a crash") {
  Ends stage;
  const int status = GENERATE(400, 401);
  stage.refuse(stage.refresh(1), status);
  SECTION("at once") {}
  SECTION("told by the next process") { stage.crash(); }
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A6 oracle: nothing else may, and the end is named once") {
  Ends stage;
  SECTION("nothing was said") {}
  SECTION("silence") { stage.answer(stage.refresh(1), http::TransportFailure::silent); }
  SECTION("a portal's page") { stage.answer_text(200, "<html>Welcome</html>"); }
  SECTION("a portal's 401") { stage.answer_text(401, "<html>Log in to the hotel</html>"); }
  SECTION("a server that is down") { stage.refuse(stage.refresh(1), 503); }
  SECTION("a 403") { stage.refuse(stage.refresh(1), 403); }
  SECTION("a 401 to a call") { stage.refuse(stage.call(1)); }
  CHECK(stage.found() == 1);
  CHECK(stage.found() == 1);
}

TEST_CASE("INV-A6 oracle: a login that the phone could not keep begins no session") {
  Ends stage;
  stage.refuse(stage.refresh(1));
  CHECK(stage.found() == 0);
  stage.answer(stage.send(stage.routes().login), 200, Ends::body(2));
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A6 oracle: a session that its phone could not save may end with the process") {
  Ends stage;
  stage.world.observe_event(stage.phone, "session.not_saved", Json::object());
  CHECK(stage.found() == 0);
  SECTION("also behind a login that the phone could not keep") {
    stage.answer(stage.send(stage.routes().login), 200, Ends::body(2));
    CHECK(stage.found() == 0);
  }
  SECTION("the session of a login that was kept may not") {
    stage.log_in(2);
    CHECK(stage.found() == 1);
  }
}

TEST_CASE("INV-A6 oracle: the verdict about the session before is none about this one") {
  Ends stage;
  stage.refuse(stage.refresh(1));
  CHECK(stage.found() == 0);
  stage.log_in(2);
  CHECK(stage.found() == 1);
}
