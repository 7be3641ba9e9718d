#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/host/second_factor_json.hpp"
#include "schema/limits.hpp"
#include "tests/engine/auth/second_factor_world.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::test::second_factor;
using auth::AuthStatus;

TEST_CASE("A-30: the masked phone reaches the host as the server wrote it, on one line") {
  World world;
  world.login(challenge({{"phone", "+91 •••\n01"}}));
  CHECK(world.session->second_factor()->view().sent_to == "+91 ••• 01");
  CHECK(host::second_factor_json(world.session->second_factor()->view())["sent_to"] ==
        "+91 ••• 01");
}

TEST_CASE("A-30: a masked phone that is too long is cut between two characters") {
  std::string dots;
  while (dots.size() <= limits::kSentToBytesMax) dots += "•";
  World world;
  world.login(challenge({{"phone", dots}}));
  const std::string sent_to = world.session->second_factor()->view().sent_to;
  CHECK(sent_to.size() == limits::kSentToBytesMax / 3 * 3);
  CHECK(dots.starts_with(sent_to));
}

TEST_CASE("A-28 A-30: a message that cannot be sent is neither a wrong code nor the login's end") {
  World world;
  world.login();
  const auto told = [&](const http::Answer& answer) {
    REQUIRE(world.session->on_send_code(kStart));
    return world.session->on_send_code_answer(answer, kStart).error().code;
  };
  CHECK(world.judge(refusal("CODE_INVALID", {{"left", 4}})) == "second_factor.wrong_code");
  for (const int status : {400, 401, 403, 404, 409, 422, 423, 426, 429, 500, 503}) {
    CAPTURE(status);
    CHECK(told(refusal("ANYTHING", {}, status)) == "second_factor.not_sent");
    CHECK(world.session->status() == AuthStatus::two_factor);
  }
  CHECK(told(portal_page(403)) == "second_factor.not_sent");
  CHECK(told(refusal("CODE_INVALID")) == "second_factor.not_sent");
  CHECK(told(refusal("ACCOUNT_LOCKED")) == "second_factor.not_sent");
  // What the last code came to stands.
  CHECK(world.session->second_factor()->view().code == "second_factor.wrong_code");
  CHECK(world.session->second_factor()->view().attempts_left == 4);
  CHECK(told(refusal("ENOUGH", {}, 403)) == "second_factor.exhausted");
  CHECK(world.session->status() == AuthStatus::unauthenticated);
}

TEST_CASE("A-30: a code that opened leaves nothing to send another for") {
  World world;
  world.login();
  REQUIRE(world.hand_in("123456"));
  REQUIRE(world.session->on_second_factor_answer(welcome(), kStart));
  const auto late = world.session->on_send_code(kStart + std::chrono::hours{1});
  CHECK(late.error().code == "session.busy");
  CHECK(world.session->status() == AuthStatus::loading);
}
