#include "simulator/oracles/refresh_by_lifetime.hpp"

#include "tests/simulator/oracles/token_stage.hpp"

using namespace landfall;

namespace {

// ProKure refreshes a minute ahead.
struct Lives : oracles::TokenStage {
  static constexpr std::int64_t kAheadMs = 60'000;

  oracles::RefreshByLifetime oracle;
  Lives() {
    watch(oracle);
    log_in(1);
  }
  std::size_t found() { return violations("INV-A10").size(); }
};

}  // namespace

TEST_CASE("INV-A10 oracle: a refresh a minute before the end, or later, is due") {
  Lives stage;
  stage.wait(GENERATE(Lives::kLifeMs - Lives::kAheadMs, 10 * Lives::kLifeMs));
  stage.refresh(1);
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A10 oracle: a refresh of a young token is named, unless the server refused it") {
  Lives stage;
  stage.wait(60'000);
  SECTION("nobody refused it") {
    stage.refresh(1);
    CHECK(stage.found() == 1);
    // Its repeats have their reason in it.
    stage.refresh(1);
    CHECK(stage.found() == 1);
  }
  SECTION("a call met 401") {
    stage.refuse(stage.call(1));
    stage.refresh(1);
    CHECK(stage.found() == 0);
  }
  SECTION("a call of the token before met 401") {
    const auto straggler = stage.call(1);
    stage.refuse(stage.call(1));
    stage.answer_pair(stage.refresh(1), 2);
    stage.refuse(straggler);
    stage.refresh(2);
    CHECK(stage.found() == 1);
  }
}

TEST_CASE("INV-A10 oracle: no call leaves with a token that has run out") {
  Lives stage;
  stage.wait(Lives::kLifeMs);
  stage.call(1);
  CHECK(stage.found() == 0);
  stage.wait(5'000);
  stage.call(1);
  CHECK(stage.found() == 1);
}

TEST_CASE("I-26 INV-A10 oracle: a farewell may be said with a token that has run out") {
  Lives stage;
  stage.wait(2 * Lives::kLifeMs);
  stage.send(stage.routes().logout, Json::object(), oracles::TokenStage::bearer(1));
  CHECK(stage.found() == 0);
}
