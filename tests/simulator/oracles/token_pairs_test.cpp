#include "simulator/oracles/token_pairs.hpp"

#include "tests/simulator/oracles/token_stage.hpp"

using namespace landfall;
using namespace landfall::oracles;

TEST_CASE("a pair is read from where the profile's replies have it, and from no other answer") {
  TokenStage stage;
  const auto login = stage.send(stage.routes().login);
  const auto answer_of = [](int status, const Json& body) {
    return http::Answer{http::Response{status, {}, dump_json(body)}, {}};
  };
  Json body = TokenStage::body(7);
  body["user"] = {{"id", "u-1"}};
  const auto pair = pair_in(stage.world, login, answer_of(200, body));
  REQUIRE(pair);
  CHECK(pair->access == TokenStage::token("a", 7));
  CHECK(pair->refresh == TokenStage::token("r", 7));
  CHECK(pair->lifetime == std::chrono::minutes{15});
  CHECK(pair->user_id == "u-1");
  CHECK_FALSE(pair_in(stage.world, login, answer_of(401, body)));
  body.erase("refreshToken");
  CHECK_FALSE(pair_in(stage.world, login, answer_of(200, body)));
  CHECK_FALSE(pair_in(stage.world, stage.call(1), answer_of(200, TokenStage::body(7))));
  CHECK_FALSE(pair_in(stage.world, login, http::Answer{{}, http::TransportFailure::silent}));
}

TEST_CASE("what a refresh presents is found by the profile's template, with its id") {
  TokenStage stage;
  const auto refresh = stage.refresh(3, "i9");
  CHECK(is_refresh(stage.world, refresh));
  CHECK(presented_token(stage.world, refresh) == TokenStage::token("r", 3));
  CHECK(refresh_id_of(stage.world, refresh) == "i9");
  const auto call = stage.call(3);
  CHECK_FALSE(is_refresh(stage.world, call));
  CHECK(presented_token(stage.world, call).empty());
  CHECK(bearer_of(call) == TokenStage::token("a", 3));
  CHECK(bearer_of(refresh).empty());
}

TEST_CASE("C-4: a verdict is 400 or 401 in the form of the profile's errors, and nothing else") {
  TokenStage stage;
  const auto with = [](int status, std::string body) {
    return http::Answer{http::Response{status, {}, std::move(body)}, {}};
  };
  const std::string error = R"({"error":{"code":"invalid_grant"}})";
  CHECK(is_verdict(stage.world, with(401, error)));
  CHECK(is_verdict(stage.world, with(400, error)));
  CHECK_FALSE(is_verdict(stage.world, with(403, error)));
  CHECK_FALSE(is_verdict(stage.world, with(503, error)));
  CHECK_FALSE(is_verdict(stage.world, with(401, "<html>Log in to the hotel</html>")));
  CHECK_FALSE(is_verdict(stage.world, with(401, R"({"error":"no"})")));
  CHECK_FALSE(is_verdict(stage.world, http::Answer{{}, http::TransportFailure::cut}));
}

TEST_CASE("a farewell is told by the profile's steps, and its refresh by the id that it lacks") {
  TokenStage stage;
  CHECK(is_farewell(stage.world, stage.send(stage.routes().logout)));
  CHECK(is_farewell(stage.world, stage.send(stage.routes().refresh)));
  CHECK_FALSE(is_farewell(stage.world, stage.refresh(1)));
  CHECK_FALSE(is_farewell(stage.world, stage.call(1)));
}
