#include "engine/auth/token_lifecycle.hpp"

#include "tests/engine/auth/model_server.hpp"
#include "tests/engine/auth/phone.hpp"

#include <catch2/catch.hpp>

using namespace landfall;
using namespace landfall::test;
using auth::TokenState;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("P-16 P-17 P-18: login, use, 401, one refresh, use with the new pair") {
  ModelServer server{RefreshMode::grace};
  Phone phone;
  CHECK(phone.login(server.login(), kStart).changed == TokenState::valid);
  const auto first = bearer(phone.machine());
  CHECK(server.accepts(first.bearer->reveal()));

  server.expire_access();
  CHECK_FALSE(server.accepts(first.bearer->reveal()));
  auto effects = phone.rejected(first.generation, kStart + minutes{15});
  CHECK(effects.changed == TokenState::refreshing);
  CHECK_FALSE(phone.machine().access());
  CHECK(phone.machine().is_resolving());
  REQUIRE(effects.refresh);
  CHECK(effects.refresh->call.endpoint == "refresh");

  const auto answer = server.refresh(effects.refresh->call, kStart + minutes{15});
  effects = phone.answered(effects.refresh->attempt, answer, kStart + minutes{15});
  CHECK(effects.changed == TokenState::valid);
  const auto second = bearer(phone.machine());
  CHECK(second.generation > first.generation);
  CHECK(server.accepts(second.bearer->reveal()));
  CHECK(phone.machine().wants_accepted(second.generation));
  (void)phone.accepted(second.generation);
  CHECK_FALSE(phone.machine().wants_accepted(second.generation));
  CHECK(server.rotations() == 1);
}
