#include "tests/engine/auth/model_server.hpp"
#include "tests/engine/auth/phone.hpp"

#include <catch2/catch.hpp>

using namespace landfall;
using namespace landfall::test;
using auth::TokenState;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// A phone with a token of the given life, used once.
struct LoggedIn {
  explicit LoggedIn(std::int64_t expires_in_s, Duration ahead = seconds{60}, Instant now = kStart)
      : phone(profile_with(ahead)) {
    (void)phone.login(pair_body("access-1", "refresh-1", expires_in_s), now);
  }

  static Profile profile_with(Duration ahead) {
    Profile profile = shipped_profile();
    profile.auth.refresh.ahead = ahead;
    return profile;
  }

  Phone phone;
};

// The first instant, in whole seconds from `from`, at which a need would refresh; nothing within
// `span`.
std::optional<seconds> first_refresh(Phone& phone, Instant from, seconds span) {
  for (seconds after{0}; after <= span; after += seconds{1}) {
    if (phone.machine().wants_need(from + after)) return after;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("C-7 I-13: a token is refreshed ahead of its end, when somebody needs it") {
  LoggedIn world{900};
  CHECK_FALSE(world.phone.needed(kStart + seconds{839}).refresh);
  const auto effects = world.phone.needed(kStart + seconds{840});
  CHECK(effects.refresh);
  CHECK(effects.changed == TokenState::refreshing);
}

TEST_CASE("C-7: without a lead or without a life a token is refreshed only after a 401") {
  const auto [expires_in_s, ahead] = GENERATE(table<std::int64_t, seconds>(
      {{900, seconds{0}}, {0, seconds{60}}, {-900, seconds{60}}, {1, seconds{60}}}));
  LoggedIn world{expires_in_s, ahead};
  CHECK_FALSE(world.phone.machine().wants_need(kStart + hours{24 * 365}));
  CHECK(world.phone.rejected(1, kStart + seconds{1}).refresh);
}

TEST_CASE("C-7: a life shorter than the lead does not refresh with every call") {
  LoggedIn world{60};
  CHECK(first_refresh(world.phone, kStart, seconds{100}) == seconds{30});
}

TEST_CASE("An insane life is clamped and overflows nothing") {
  const std::string expires = GENERATE("9223372036854775807", "18446744073709551615", "4294967295");
  Phone phone;
  (void)phone.login(R"({"accessToken":"a","refreshToken":"r","expiresIn":)" + expires + "}",
                    kStart);
  CHECK_FALSE(phone.machine().wants_need(kStart + hours{24 * 29}));
  CHECK(phone.machine().wants_need(kStart + hours{24 * 30}));
}

TEST_CASE(
    "INV-A10: after a restart on another clock at most one refresh is too many, and none is too "
    "late") {
  LoggedIn world{900};
  const auto jump = GENERATE(hours{-24 * 3650}, hours{-24}, hours{0}, hours{24}, hours{24 * 3650});
  const Instant now = kStart + jump;
  const auto effects = world.phone.start(now);
  CHECK(effects.changed == TokenState::valid);
  CHECK_FALSE(effects.wake_at);
  // Back: trusted for one whole life from now. Ahead: expired, one refresh.
  const auto after = first_refresh(world.phone, now, seconds{900});
  REQUIRE(after);
  CHECK(*after == (jump > hours{0} ? seconds{0} : seconds{840}));
  auto sent = world.phone.needed(now + *after);
  REQUIRE(sent.refresh);
  (void)world.phone.answered(sent.refresh->attempt,
                             respond(200, pair_body("access-2", "refresh-2", 900)), now + *after);
  CHECK_FALSE(world.phone.machine().wants_need(now + *after + seconds{839}));
}

TEST_CASE(
    "INV-T3: a refresh that waits is not lost when the clock of the next run is behind or far "
    "ahead") {
  LoggedIn world{900};
  auto effects = world.phone.rejected(1, kStart);
  const auto id = refresh_id(effects);
  const bool held = GENERATE(false, true);
  const auto answer = held ? respond(429, "", {{"Retry-After", "3600"}}) : respond(500, "");
  (void)world.phone.answered(effects.refresh->attempt, answer, kStart);
  const auto jump = GENERATE(hours{-24 * 3650}, hours{-24}, hours{24}, hours{24 * 3650});
  const Instant now = kStart + jump;
  effects = world.phone.start(now);
  if (!effects.refresh) {
    REQUIRE(effects.wake_at);
    CHECK(*effects.wake_at - now <= (held ? Duration{hours{1}} : Duration{seconds{5}}));
    effects = world.phone.woken(*effects.wake_at);
  }
  CHECK(refresh_id(effects) == id);
}

TEST_CASE("INV-T3: a clock before 1970 neither stops a refresh nor its retries") {
  const Instant now{-5'000'000'000};
  LoggedIn world{900, seconds{60}, now};
  auto effects = world.phone.rejected(1, now);
  REQUIRE(effects.refresh);
  effects = world.phone.answered(effects.refresh->attempt, respond(500, ""), now);
  CHECK(effects.wake_at == now + seconds{5});
  CHECK(world.phone.edge(now + seconds{5}).refresh);
}
