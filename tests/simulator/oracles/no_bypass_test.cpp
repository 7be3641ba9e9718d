#include "simulator/oracles/no_bypass.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

struct Gate : oracles::Stage {
  oracles::NoBypass oracle;
  Gate() { watch(oracle); }

  void login(const Json& body, int status, const Json& reply) {
    answer(send(routes().second_factor_login, body), status, reply);
  }
  std::size_t found() { return violations("INV-A15").size(); }
};

const Json kTokens{{"accessToken", "a"}, {"refreshToken", "r"}};

}  // namespace

TEST_CASE("INV-A15 oracle: a code that opens, and a development code that does not, are in order") {
  Gate gate;
  gate.login({{"code", "123456"}}, 200, kTokens);
  gate.login({{"code", "abcd-efgh"}}, 200, kTokens);
  gate.login({{"code", "000000"}}, 401, Json{{"error", {{"code", "CODE_INVALID"}}}});
  CHECK(gate.found() == 0);
}

TEST_CASE("INV-A15 oracle: tokens for a development code, or for none, are named") {
  Gate gate;
  gate.login({{"code", "000000"}}, 200, kTokens);
  CHECK(gate.found() == 1);
  gate.login(Json::object(), 200, kTokens);
  CHECK(gate.found() == 2);
}

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
