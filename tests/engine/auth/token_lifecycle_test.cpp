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

namespace {

// A phone that is logged in and whose first refresh is under way.
struct Refreshing {
  explicit Refreshing(Profile profile = shipped_profile()) : phone(std::move(profile)) {
    (void)phone.login(server.login(), kStart);
    sent = phone.rejected(bearer(phone.machine()).generation, kStart);
  }

  ModelServer server{RefreshMode::until_used};
  Phone phone;
  auth::TokenEffects sent;
};

auth::TokenEffects succeed(Refreshing& world, const auth::RefreshCall& call, Instant now) {
  return world.phone.answered(call.attempt, world.server.refresh(call.call, now), now);
}

}  // namespace

TEST_CASE("I-16 INV-A2: 500 calls that are refused at once cause one refresh") {
  ModelServer server{RefreshMode::strict};
  Phone phone;
  (void)phone.login(server.login(), kStart);
  const auto generation = bearer(phone.machine()).generation;
  int refreshes = 0;
  for (int call = 0; call < 500; ++call) {
    CHECK(phone.machine().wants_rejected(generation) == (call == 0));
    const auto effects = phone.rejected(generation, kStart + Duration{call});
    refreshes += effects.refresh ? 1 : 0;
    CHECK(effects.changed.has_value() == (call == 0));
  }
  CHECK(refreshes == 1);
}

TEST_CASE(
    "INV-A2: a straggler of the old generation starts nothing, before and after the new one is "
    "proven") {
  Refreshing world;
  const auto old_generation = std::int64_t{1};
  (void)succeed(world, *world.sent.refresh, kStart);
  const auto fresh = bearer(world.phone.machine());
  for (const bool proven : {false, true}) {
    if (proven) (void)world.phone.accepted(fresh.generation);
    CHECK_FALSE(world.phone.machine().wants_rejected(old_generation));
    const auto effects = world.phone.rejected(old_generation, kStart + minutes{1});
    CHECK_FALSE(effects.refresh);
    CHECK_FALSE(effects.changed);
    CHECK(bearer(world.phone.machine()).generation == fresh.generation);
  }
  (void)world.phone.accepted(old_generation);
  CHECK(bearer(world.phone.machine()).generation == fresh.generation);
  CHECK(world.server.rotations() == 1);
}

TEST_CASE("INV-A1: a need while a refresh is in flight starts no second one") {
  Refreshing world;
  CHECK_FALSE(world.phone.machine().wants_need(kStart + hours{1}));
  CHECK_FALSE(world.phone.needed(kStart + hours{1}).refresh);
  CHECK_FALSE(world.phone.edge(kStart + hours{1}).refresh);
  CHECK_FALSE(world.phone.woken(kStart + hours{1}).refresh);
}

TEST_CASE(
    "C-4 INV-A6: whatever is no definitive refusal repeats the same token and id after 5, 30, 120, "
    "120 s") {
  const auto answer = GENERATE(
      fail_with(http::TransportFailure::silent), fail_with(http::TransportFailure::not_sent),
      fail_with(http::TransportFailure::cut), fail_with(http::TransportFailure::too_large),
      respond(500, ""), respond(502, "<html/>"), respond(503, ""), respond(200, ""),
      respond(200, "{}"), respond(200, "[1,2"), portal_page(200), portal_page(401),
      portal_page(400), respond(401, ""), respond(401, R"({"message":"no"})"),
      respond(401, R"({"error":{"code":7}})"),
      respond(403, R"({"error":{"code":"NO","message":"no"}})"),
      respond(404, R"({"error":{"code":"NO","message":"no"}})"),
      respond(302, "", {{"Location", "http://portal/"}}),
      respond(200, R"({"accessToken":"a b","refreshToken":"r"})"),
      respond(200, R"({"accessToken":"a\r\nX-Evil: 1","refreshToken":"r"})"),
      respond(200, R"({"accessToken":"a","refreshToken":""})"));
  Refreshing world;
  const auto id = refresh_id(world.sent);
  const auto body = world.sent.refresh->call.body;
  auto effects = world.sent;
  Instant now = kStart;
  for (const auto delay : {seconds{5}, seconds{30}, seconds{120}, seconds{120}}) {
    effects = world.phone.answered(effects.refresh->attempt, answer, now);
    CHECK_FALSE(effects.refresh);
    CHECK_FALSE(effects.changed);
    CHECK_FALSE(world.phone.machine().is_resolving());
    REQUIRE(effects.wake_at == now + delay);
    CHECK_FALSE(world.phone.woken(now + delay - Duration{1}).refresh);
    now = now + delay;
    effects = world.phone.woken(now);
    CHECK(refresh_id(effects) == id);
    CHECK(effects.refresh->call.body == body);
  }
  CHECK(succeed(world, *effects.refresh, now).changed == TokenState::valid);
}

TEST_CASE("C-4: an answer that comes late or twice changes nothing") {
  Refreshing world;
  const auto first = *world.sent.refresh;
  auto effects =
      world.phone.answered(first.attempt, fail_with(http::TransportFailure::silent), kStart);
  effects = world.phone.woken(*effects.wake_at);
  const auto second = *effects.refresh;
  CHECK(second.attempt != first.attempt);
  CHECK_FALSE(world.phone.answered(first.attempt, refuse(), kStart + seconds{6}).changed);
  CHECK(world.phone.machine().is_resolving());
  CHECK(succeed(world, second, kStart + seconds{7}).changed == TokenState::valid);
  CHECK_FALSE(world.phone.answered(second.attempt, refuse(), kStart + seconds{8}).changed);
  CHECK(world.phone.machine().state() == TokenState::valid);
}

TEST_CASE(
    "The edge offline to online repeats a waiting refresh at once, but not within 5 s of its last "
    "send") {
  Refreshing world;
  auto effects = world.phone.answered(world.sent.refresh->attempt,
                                      fail_with(http::TransportFailure::not_sent), kStart);
  effects = world.phone.edge(kStart + seconds{2});
  CHECK_FALSE(effects.refresh);
  CHECK(effects.wake_at == kStart + seconds{5});
  effects = world.phone.woken(kStart + seconds{5});
  REQUIRE(effects.refresh);
  effects = world.phone.answered(effects.refresh->attempt,
                                 fail_with(http::TransportFailure::silent), kStart + seconds{6});
  CHECK(effects.wake_at == kStart + seconds{11});
  CHECK(refresh_id(world.phone.edge(kStart + seconds{10})) == refresh_id(world.sent));
}

TEST_CASE("Retry-After of a refresh is honoured, clamped, and no edge or restart goes before it") {
  Refreshing world;
  const auto attempt = world.sent.refresh->attempt;
  SECTION("429 with seconds") {
    CHECK(
        world.phone.answered(attempt, respond(429, "", {{"Retry-After", "90"}}), kStart).wake_at ==
        kStart + seconds{90});
    CHECK(world.phone.edge(kStart + seconds{20}).wake_at == kStart + seconds{90});
    CHECK(world.phone.start(kStart + seconds{30}).wake_at == kStart + seconds{90});
    CHECK(world.phone.woken(kStart + seconds{90}).refresh);
  }
  SECTION("503 with seconds") {
    CHECK(
        world.phone.answered(attempt, respond(503, "", {{"retry-after", "40"}}), kStart).wake_at ==
        kStart + seconds{40});
  }
  SECTION("429 without") {
    CHECK(world.phone.answered(attempt, respond(429, ""), kStart).wake_at == kStart + seconds{30});
  }
  SECTION("a year is cut to an hour") {
    CHECK(world.phone.answered(attempt, respond(429, "", {{"Retry-After", "31536000"}}), kStart)
              .wake_at == kStart + hours{1});
  }
  SECTION("it costs no step of the ladder") {
    auto effects = world.phone.answered(attempt, respond(429, "", {{"Retry-After", "90"}}), kStart);
    effects = world.phone.woken(*effects.wake_at);
    const Instant now = kStart + seconds{91};
    effects = world.phone.answered(effects.refresh->attempt, respond(500, ""), now);
    CHECK(effects.wake_at == now + seconds{5});
  }
}

TEST_CASE(
    "C-4 INV-A6: a definitive refusal ends the session, told once, and takes the tokens with it") {
  const int status = GENERATE(400, 401);
  Refreshing world;
  const auto answer =
      respond(status, R"({"error":{"code":"INVALID_GRANT","message":"no","details":{}}})");
  auto effects = world.phone.answered(world.sent.refresh->attempt, answer, kStart);
  CHECK(effects.changed == TokenState::reauth_required);
  CHECK_FALSE(effects.wake_at);
  CHECK_FALSE(effects.refresh);
  CHECK_FALSE(world.phone.machine().access());
  CHECK_FALSE(world.phone.machine().refresh_token());
  for (const auto& later :
       {world.phone.rejected(1, kStart), world.phone.needed(kStart), world.phone.edge(kStart)}) {
    CHECK_FALSE(later.changed);
    CHECK_FALSE(later.refresh);
  }
  // It is known after a restart too, and the next login starts over with a number that was never
  // used.
  CHECK(world.phone.start(kStart + hours{1}).changed == TokenState::reauth_required);
  CHECK(world.phone.login(world.server.login(), kStart + hours{2}).changed == TokenState::valid);
  CHECK(bearer(world.phone.machine()).generation == 2);
}

TEST_CASE(
    "INV-A3: a refused new pair is not the end: the old generation is tried once, under an id of "
    "its own") {
  Refreshing world;
  (void)succeed(world, *world.sent.refresh, kStart);
  world.server.forget_newest();
  auto effects = world.phone.rejected(2, kStart + minutes{1});
  REQUIRE(effects.refresh);
  const auto id = refresh_id(effects);
  effects = world.phone.answered(effects.refresh->attempt, refuse(), kStart + minutes{1});
  REQUIRE(effects.refresh);
  CHECK_FALSE(effects.changed);
  CHECK(refresh_id(effects) != id);
  CHECK(effects.refresh->call.body.find("refresh-marker-0") != std::string::npos);
  // A late success of the refused pair must not take the last chance away.
  CHECK_FALSE(world.phone.machine().wants_accepted(2));

  SECTION("and works, also over a death") {
    effects = world.phone.start(kStart + minutes{2});
    REQUIRE(effects.refresh);
    CHECK(succeed(world, *effects.refresh, kStart + minutes{2}).changed == TokenState::valid);
    CHECK(world.server.accepts(bearer(world.phone.machine()).bearer->reveal()));
    CHECK(bearer(world.phone.machine()).generation == 3);
  }
  SECTION("a silence in between repeats it") {
    const auto last_id = refresh_id(effects);
    effects = world.phone.answered(effects.refresh->attempt,
                                   fail_with(http::TransportFailure::silent), kStart);
    CHECK(refresh_id(world.phone.woken(*effects.wake_at)) == last_id);
  }
  SECTION("or is refused too, and then it is over") {
    effects = world.phone.answered(effects.refresh->attempt, refuse(), kStart + minutes{1});
    CHECK(effects.changed == TokenState::reauth_required);
    CHECK_FALSE(effects.refresh);
  }
}

TEST_CASE("C-6: a server that refuses every token is refreshed by the ladder, not in a loop") {
  Refreshing world;
  Instant now = kStart;
  auto effects = world.sent;
  for (const auto delay : {seconds{5}, seconds{30}, seconds{120}, seconds{120}}) {
    effects = succeed(world, *effects.refresh, now);
    effects = world.phone.rejected(bearer(world.phone.machine()).generation, now);
    CHECK_FALSE(effects.refresh);
    REQUIRE(effects.wake_at == now + delay);
    now = now + delay;
    effects = world.phone.woken(now);
    REQUIRE(effects.refresh);
  }
  (void)succeed(world, *effects.refresh, now);
  const auto generation = bearer(world.phone.machine()).generation;
  (void)world.phone.accepted(generation);
  CHECK(world.phone.rejected(generation, now).refresh);
}

TEST_CASE("A login replaces what there was: a refresh under way comes back to nothing") {
  Refreshing world;
  const auto effects = world.phone.login(world.server.login(), kStart + seconds{1});
  CHECK(effects.changed == TokenState::valid);
  CHECK_FALSE(effects.wake_at);
  CHECK(bearer(world.phone.machine()).generation == 2);
  CHECK_FALSE(
      world.phone.answered(world.sent.refresh->attempt, refuse(), kStart + seconds{2}).changed);
  CHECK(bearer(world.phone.machine()).generation == 2);
  CHECK(world.phone.login(world.server.login(), kStart + seconds{3}).changed == TokenState::valid);
}

TEST_CASE(
    "a refresh in flight behind a valid pair is no news to those who make calls, all else is") {
  const bool is_resolving = GENERATE(false, true);
  for (const auto now : {TokenState::none, TokenState::valid, TokenState::reauth_required})
    CHECK(is_news(TokenState::valid, now, is_resolving));
  for (const auto told : {TokenState::none, TokenState::refreshing, TokenState::reauth_required})
    CHECK(is_news(told, TokenState::refreshing, is_resolving));
  CHECK(is_news(TokenState::valid, TokenState::refreshing, is_resolving) == !is_resolving);
}

TEST_CASE("C-4: a refresh that waits out a 503 is news, told no token, and still the only one") {
  Refreshing world;
  const auto is_news_now = [&] {
    const auto& machine = world.phone.machine();
    return is_news(TokenState::valid, machine.state(), machine.is_resolving());
  };
  CHECK_FALSE(is_news_now());
  (void)world.phone.answered(world.sent.refresh->attempt, respond(503, ""), kStart);
  CHECK(is_news_now());
  CHECK(is_renewing(world.phone.machine().state()));
  CHECK_FALSE(world.phone.machine().access());
  // Whoever needs a token meanwhile starts no second one.
  CHECK_FALSE(world.phone.needed(kStart + seconds{4}).refresh);
  CHECK(refresh_id(world.phone.woken(kStart + seconds{5})) == refresh_id(world.sent));
}

TEST_CASE("calls are made with a valid pair alone, and a refresh is still a session") {
  CHECK(may_call(TokenState::valid));
  CHECK(has_session(TokenState::valid));
  CHECK_FALSE(is_renewing(TokenState::valid));
  CHECK_FALSE(may_call(TokenState::refreshing));
  CHECK(has_session(TokenState::refreshing));
  CHECK(is_renewing(TokenState::refreshing));
  for (const auto state : {TokenState::none, TokenState::reauth_required}) {
    CHECK_FALSE(may_call(state));
    CHECK_FALSE(has_session(state));
    CHECK_FALSE(is_renewing(state));
  }
}

TEST_CASE("I-26: a logout removes the record, in memory and on disk") {
  Refreshing world;
  CHECK(world.phone.cleared().changed == TokenState::none);
  CHECK_FALSE(world.phone.machine().access());
  CHECK_FALSE(world.phone.machine().refresh_token());
  CHECK_FALSE(world.phone.answered(world.sent.refresh->attempt, refuse(), kStart).changed);
  CHECK_FALSE(world.phone.needed(kStart).refresh);
  CHECK_FALSE(world.phone.start(kStart + seconds{1}).changed);
  CHECK(world.phone.machine().state() == TokenState::none);
}

TEST_CASE("A profile without a refresh endpoint: the first 401 ends the session") {
  Profile profile = shipped_profile();
  profile.endpoints.erase("refresh");
  Phone phone{std::move(profile)};
  (void)phone.login(pair_body("access-1", "refresh-1", 900), kStart);
  CHECK_FALSE(phone.machine().wants_need(kStart + hours{1}));
  const auto effects = phone.rejected(1, kStart + hours{1});
  CHECK(effects.changed == TokenState::reauth_required);
  CHECK_FALSE(effects.refresh);
}
