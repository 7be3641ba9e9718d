#include "tests/engine/auth/model_server.hpp"
#include "tests/engine/auth/phone.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <string>

// The refresh protocol's six crash points against three kinds of servers: eighteen cells, each by
// its name.

using namespace landfall;
using namespace landfall::test;
using auth::TokenState;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

enum class CrashPoint {
  before_intent,       // the 401 arrived, nothing is written
  intent_not_sent,     // the intent is durable, its call never left
  sent_not_received,   // the server decided, the answer is lost with the process
  pair_torn,           // the answer arrived, its commit is not whole
  pair_unused,         // the new pair is durable, nothing used it
  after_first_success  // the new pair was accepted and the old one dropped
};

constexpr std::array kPoints = {CrashPoint::before_intent,     CrashPoint::intent_not_sent,
                                CrashPoint::sent_not_received, CrashPoint::pair_torn,
                                CrashPoint::pair_unused,       CrashPoint::after_first_success};

std::string to_string(CrashPoint point) {
  switch (point) {
    case CrashPoint::before_intent:
      return "before_intent";
    case CrashPoint::intent_not_sent:
      return "intent_not_sent";
    case CrashPoint::sent_not_received:
      return "sent_not_received";
    case CrashPoint::pair_torn:
      return "pair_torn";
    case CrashPoint::pair_unused:
      return "pair_unused";
    case CrashPoint::after_first_success:
      return "after_first_success";
  }
  return "";
}

// A phone whose access token has just run out.
struct World {
  explicit World(RefreshMode mode) : server(mode) {
    (void)phone.login(server.login(), kStart);
    (void)server.accepts(bearer(phone.machine()).bearer->reveal());
    server.expire_access();
  }

  ModelServer server;
  Phone phone;
  Instant now = kStart + minutes{16};
};

// Runs up to the crash point and kills the process there.
void crash_at(World& world, CrashPoint point) {
  if (point == CrashPoint::before_intent) return world.phone.die();
  const auto sent = world.phone.rejected(bearer(world.phone.machine()).generation, world.now);
  REQUIRE(sent.refresh);
  if (point == CrashPoint::intent_not_sent) return world.phone.die();
  const auto answer = world.server.refresh(sent.refresh->call, world.now);
  if (point == CrashPoint::sent_not_received) return world.phone.die();
  if (point == CrashPoint::pair_torn) {
    return world.phone.torn_step([&](auto& machine, auto& tx) {
      return machine.on_refresh_answer(tx, sent.refresh->attempt, answer, world.now);
    });
  }
  (void)world.phone.answered(sent.refresh->attempt, answer, world.now);
  if (point == CrashPoint::pair_unused) return world.phone.die();
  const auto token = bearer(world.phone.machine());
  REQUIRE(world.server.accepts(token.bearer->reveal()));
  (void)world.phone.accepted(token.generation);
  world.phone.die();
}

// Starts again and does what an owner does until the tokens are settled: sends, answers, wakes.
// Returns how often the end of the session was told.
int settle(World& world, auth::TokenEffects effects) {
  int told = 0;
  for (int step = 0; step < 20; ++step) {
    told += effects.changed == TokenState::reauth_required ? 1 : 0;
    if (effects.refresh) {
      effects =
          world.phone.answered(effects.refresh->attempt,
                               world.server.refresh(effects.refresh->call, world.now), world.now);
    } else if (effects.wake_at) {
      world.now = std::max(world.now, *effects.wake_at);
      effects = world.phone.woken(world.now);
    } else {
      return told;
    }
  }
  FAIL("the refresh does not settle");
  return told;
}

// A call as the gateway makes it: one refresh and one replay after a 401. True: it was accepted.
bool call_once(World& world, int& told) {
  for (int tries = 0; tries < 2; ++tries) {
    const auto token = world.phone.machine().access();
    if (!token) return false;
    if (world.server.accepts(token->bearer->reveal())) {
      (void)world.phone.accepted(token->generation);
      return true;
    }
    told += settle(world, world.phone.rejected(token->generation, world.now));
  }
  return false;
}

bool all_equal(const std::vector<std::string>& ids) {
  return std::all_of(ids.begin(), ids.end(),
                     [&](const std::string& id) { return !id.empty() && id == ids.front(); });
}

}  // namespace

TEST_CASE("INV-A1 INV-A3 INV-A4: a crash at any point of a refresh") {
  const auto mode = GENERATE(RefreshMode::grace, RefreshMode::until_used, RefreshMode::strict);
  const auto point = GENERATE(from_range(kPoints));
  DYNAMIC_SECTION(to_string(point) << " x " << to_string(mode)) {
    World world{mode};
    crash_at(world, point);
    world.now = world.now + seconds{2};
    int told = settle(world, world.phone.start(world.now));
    const bool accepted = call_once(world, told);

    // Only a server that forgets at once may end the session, and only when its answer was lost.
    const bool answer_lost =
        point == CrashPoint::sent_not_received || point == CrashPoint::pair_torn;
    const bool may_end = mode == RefreshMode::strict && answer_lost;
    CHECK(accepted == !may_end);
    CHECK(told == (may_end ? 1 : 0));
    CHECK(world.server.alarms() == (may_end ? 1 : 0));
    CHECK(world.server.rotations() == 1);
    CHECK(all_equal(world.server.refresh_ids()));

    // And it stays that way: after another start nothing is sent and nothing is told that was not
    // true before.
    const auto again = world.phone.start(world.now + seconds{60});
    CHECK(again.changed == (may_end ? TokenState::reauth_required : TokenState::valid));
    CHECK_FALSE(again.refresh);
    CHECK_FALSE(again.wake_at);
  }
}

TEST_CASE(
    "INV-A3: with a grace period the session survives when the retry arrives within it, else it "
    "ends without loss") {
  const auto [wait, survives] =
      GENERATE(table<seconds, bool>({{seconds{29}, true}, {seconds{31}, false}}));
  World world{RefreshMode::grace};
  crash_at(world, CrashPoint::sent_not_received);
  world.now = world.now + wait;
  CHECK(settle(world, world.phone.start(world.now)) == (survives ? 0 : 1));
  CHECK(world.phone.machine().access().has_value() == survives);
}

TEST_CASE(
    "INV-A4: a commit that is cut off in the log leaves the intent, and the same id is sent "
    "again") {
  World world{RefreshMode::until_used};
  const auto sent = world.phone.rejected(bearer(world.phone.machine()).generation, world.now);
  const auto id = refresh_id(sent);
  const auto log_before = read_file(world.phone.path() + "-wal").size();
  const auto file = read_file(world.phone.path());
  (void)world.phone.answered(sent.refresh->attempt,
                             world.server.refresh(sent.refresh->call, world.now), world.now);
  const auto log = read_file(world.phone.path() + "-wal");
  REQUIRE(log.size() > log_before);
  world.phone.die();
  // The medium as it was when the last frame of the commit was half written.
  write_file(world.phone.path(), file);
  write_file(world.phone.path() + "-wal", log.substr(0, log.size() - 2048));

  world.now = world.now + seconds{10};
  const auto restarted = world.phone.start(world.now);
  CHECK(refresh_id(restarted) == id);
  CHECK(settle(world, restarted) == 0);
  int told = 0;
  CHECK(call_once(world, told));
}

TEST_CASE("INV-A3: many lost answers and deaths in a row keep one id and one successor") {
  World world{RefreshMode::until_used};
  crash_at(world, CrashPoint::sent_not_received);
  for (int round = 0; round < 8; ++round) {
    world.now = world.now + minutes{3};
    const auto effects = world.phone.start(world.now);
    REQUIRE(effects.refresh);
    (void)world.server.refresh(effects.refresh->call, world.now);
    world.phone.die();
  }
  world.now = world.now + minutes{3};
  CHECK(settle(world, world.phone.start(world.now)) == 0);
  CHECK(world.server.rotations() == 1);
  CHECK(all_equal(world.server.refresh_ids()));
}
