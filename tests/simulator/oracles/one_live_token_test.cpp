#include "simulator/oracles/one_live_token.hpp"

#include "tests/simulator/oracles/token_stage.hpp"

using namespace landfall;
using backend::RefreshMode;

namespace {

struct Copies : oracles::TokenStage {
  oracles::OneLiveToken oracle;
  Copies() {
    watch(oracle);
    log_in(1);
    accept_call(1);
    wait(1'000);
    answer_pair(refresh(1), 2);
  }
  std::size_t found() { return violations("INV-A5").size(); }
};

backend::RefreshDecision reuse(RefreshMode mode, const std::string& device) {
  backend::RefreshDecision made;
  made.family_id = "f";
  made.generation = 1;
  made.device_id = device;
  made.mode = mode;
  made.reason = "reuse";
  return made;
}

}  // namespace

TEST_CASE("INV-A5 oracle: until its successor was accepted a token may be presented again") {
  Copies stage;
  SECTION("it never was") { stage.wait(1'000); }
  SECTION("it was refused") { stage.refuse(stage.call(2)); }
  SECTION("it was accepted in this very instant") { stage.accept_call(2); }
  stage.refresh(1);
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A5 oracle: a token whose successor was accepted is presented no more") {
  Copies stage;
  stage.accept_call(2);
  stage.wait(1'000);
  SECTION("as a repeat") {}
  SECTION("as the last chance of a session that is refused") { stage.refuse(stage.refresh(2)); }
  stage.refresh(1);
  CHECK(stage.found() == 1);
}

TEST_CASE("C-15 INV-A5 oracle: a session that is over gives up its own token beside the next one") {
  Copies stage;
  stage.accept_call(2);
  stage.wait(1'000);
  const auto give_up = [&](int pair) {
    const Json body{{"refreshToken", oracles::TokenStage::token("r", pair)}};
    stage.send(stage.routes().logout, body);
  };
  SECTION("behind a login") {
    stage.log_in(3);
    stage.accept_call(3);
    stage.wait(1'000);
    give_up(2);
    CHECK(stage.found() == 0);
  }
  SECTION("not one of those that it had before") {
    give_up(1);
    CHECK(stage.found() == 1);
  }
}

TEST_CASE("INV-A5 oracle: a crash may have taken the word that the older one is gone") {
  Copies stage;
  stage.accept_call(2);
  stage.wait(1'000);
  stage.crash();
  stage.refresh(1);
  CHECK(stage.found() == 0);
  stage.accept_call(2);
  stage.wait(1'000);
  stage.refresh(1);
  CHECK(stage.found() == 1);
}

TEST_CASE("INV-A5 oracle: the alarm of a server that waits for the successor's use is named") {
  Copies stage;
  backend::Ledger ledger(10);
  ledger.add(reuse(RefreshMode::strict, "d1"));
  ledger.add(reuse(RefreshMode::grace, "d1"));
  stage.oracle.judge_ledger(stage.world, ledger);
  CHECK(stage.found() == 0);
  ledger.add(reuse(RefreshMode::until_used, "d1"));
  stage.oracle.judge_ledger(stage.world, ledger);
  CHECK(stage.found() == 1);
}

TEST_CASE("C-29 INV-A5 oracle: the alarm for a pair that no disk had room for is none of a copy") {
  Copies stage;
  stage.world.observe_event(stage.phone, "session.not_saved", Json::object());
  backend::Ledger ledger(10);
  ledger.add(reuse(RefreshMode::until_used, "d1"));
  stage.oracle.judge_ledger(stage.world, ledger);
  CHECK(stage.found() == 0);
}
