#include <string>

#include <catch2/catch.hpp>

#include "tests/engine/auth/second_factor_world.hpp"

// What happens to the session behind a login that waits for its code, and to the wait behind a
// start.

using namespace landfall;
using namespace landfall::test;
using namespace landfall::test::second_factor;
using auth::AuthStatus;

namespace {

// Ann is logged in; a new process of hers begins.
struct WorldOfAnn : World {
  WorldOfAnn() {
    REQUIRE(session->on_login("ann@example.com", kPassword, kStart));
    open(session->on_login_answer(welcome(), kStart)->user);
    restart();
    REQUIRE(session->status() == AuthStatus::loading);
  }
};

auth::Challenge challenge_of(const std::string& email) {
  return {email, Secret<std::string>{"challenge-marker"}, {auth::FactorMethod::totp}, {}, {}};
}

}  // namespace

TEST_CASE("A-32: what a start comes to is settled behind the login that waits") {
  WorldOfAnn world;
  world.login();
  CHECK(world.session->settled_status() == AuthStatus::loading);
  world.session->on_keys_unavailable();
  CHECK(world.session->status() == AuthStatus::two_factor);
  CHECK(world.session->settled_status() == AuthStatus::locked);
  world.session->on_restored();
  CHECK(world.session->settled_status() == AuthStatus::authenticated);
  world.session->on_login_abandoned();
  CHECK(world.session->status() == AuthStatus::authenticated);
  CHECK(world.session->settled_status() == AuthStatus::authenticated);
}

TEST_CASE("A-32: who waits for their code is shown alone, whoever is logged in behind them") {
  WorldOfAnn world;
  auth::UserRecord record;
  record.name = "Ann";
  world.session->on_record(record);
  CHECK(world.session->shown_email() == "ann@example.com");
  REQUIRE(world.session->on_login("bob@example.com", kPassword, kStart));
  REQUIRE_FALSE(world.session->on_login_answer(challenge(), kStart));
  CHECK(world.session->shown_email() == "bob@example.com");
  CHECK_FALSE(world.session->shown_user());
  CHECK(world.session->shown_record().name.empty());
  world.session->on_login_abandoned();
  CHECK(world.session->shown_email() == "ann@example.com");
  CHECK(world.session->shown_user()->user_id == "u-1");
  CHECK(world.session->shown_record().name == "Ann");
}

TEST_CASE("A-32: a start that comes to a login under way leaves it in front") {
  WorldOfAnn world;
  world.login();
  REQUIRE(world.device->read(
      [&](const store::Snapshot& device) { return world.session->on_open(device); }));
  CHECK(world.session->status() == AuthStatus::two_factor);
  CHECK(world.session->settled_status() == AuthStatus::loading);
}

TEST_CASE("A-32: a kept challenge goes on for who is logged in, and for nobody in front of them") {
  WorldOfAnn world;
  world.session->on_challenge_kept(challenge_of("bob@example.com"));
  CHECK(world.session->status() == AuthStatus::loading);
  CHECK_FALSE(world.session->second_factor());
  world.session->on_challenge_kept(challenge_of("ann@example.com"));
  CHECK(world.session->status() == AuthStatus::two_factor);
  world.session->on_restored();
  CHECK(world.session->settled_status() == AuthStatus::authenticated);
  CHECK(world.hand_in("123456"));
}
