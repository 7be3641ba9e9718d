#include "engine/realtime/realtime_link.hpp"

#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/base/random.hpp"
#include "schema/limits.hpp"

using namespace landfall;
using namespace landfall::realtime;
using namespace std::chrono_literals;
using auth::TokenState;

namespace {

constexpr const char* kNegotiation =
    R"({"negotiateVersion":1,"connectionId":"i","connectionToken":"t/1",)"
    R"("availableTransports":[{"transport":"WebSockets","transferFormats":["Text"]}]})";

std::string record(std::string_view json) { return std::string{json} + kRecordSeparator; }

profile::RealtimeRules rules() {
  return {"/hub", "negotiate", profile::BearerPlace::header, 30s,
          15s,    15s,         {1s, 2s, 4s, 8s, 16s, 30s}};
}

// A link with its time, and what it asked for last.
struct Rig {
  explicit Rig(profile::RealtimeRules given = rules()) : link(given, repeats) {}

  http::RepeatBudget repeats;
  RealtimeLink link;
  Instant now{1'767'583'800'000};
  LinkEffects last;
  std::uint64_t attempt = 0;

  void take(LinkEffects effects) {
    attempt = effects.attempt;
    last = std::move(effects);
  }
  void come() {
    take(link.on_foreground(true, now));
    take(link.on_auth(TokenState::valid, now));
    take(link.on_connectivity(true, true, now));
  }
  void negotiated(int status = 200, std::string body = kNegotiation) {
    take(link.on_negotiated(attempt, {http::Response{status, {}, std::move(body)}, std::nullopt},
                            now));
  }
  void text(const std::string& text) { take(link.on_text(attempt, text, now)); }
  void lose(const std::string& code = "socket.cut") { take(link.on_lost(attempt, {code, 0}, now)); }
  void open() {
    negotiated();
    take(link.on_token(attempt, 3, now));
    take(link.on_opened(attempt, now));
  }
  void connect() {
    open();
    text(record("{}"));
    REQUIRE(link.state() == LinkState::connected);
  }
  // Lets time pass until the timer that was asked for; how long that was.
  Duration wake() {
    REQUIRE(last.wake_at);
    const Duration passed = *last.wake_at - now;
    now = *last.wake_at;
    take(link.on_wake(now));
    return passed;
  }
};

}  // namespace

TEST_CASE("the link negotiates, stamps, opens and shakes hands, and hands on what the hub says") {
  Rig rig;
  rig.come();
  REQUIRE(rig.last.negotiate);
  CHECK(rig.last.negotiate->endpoint == "negotiate");
  rig.negotiated();
  CHECK(rig.last.need_token);
  rig.take(rig.link.on_token(rig.attempt, 3, rig.now));
  REQUIRE(rig.last.open);
  CHECK(rig.last.open->target == "/hub?id=t%2F1");
  rig.take(rig.link.on_opened(rig.attempt, rig.now));
  CHECK(rig.last.send == std::vector<std::string>{handshake_record()});
  CHECK(rig.last.read_more);
  // The answer and two messages in one text, the second one cut.
  rig.text(record("{}") + record(R"({"type":1,"target":"DataChanged","arguments":[1]})") +
           R"({"type":1,"target":"Per)");
  CHECK(rig.link.state() == LinkState::connected);
  REQUIRE(rig.last.calls.size() == 1);
  CHECK(rig.last.calls[0].target == "DataChanged");
  REQUIRE(rig.last.change);
  CHECK(rig.last.change->state == LinkState::connected);
  CHECK_FALSE(rig.last.change->again);
  rig.text("missionsUpdated\",\"arguments\":[]}" + std::string{kRecordSeparator});
  REQUIRE(rig.last.calls.size() == 1);
  CHECK(rig.last.calls[0].target == "PermissionsUpdated");
}

TEST_CASE(
    "without a network, a session or somebody who looks there is no connection and no timer "
    "(A-48)") {
  Rig rig;
  SECTION("no network") {
    rig.take(rig.link.on_foreground(true, rig.now));
    rig.take(rig.link.on_auth(TokenState::valid, rig.now));
  }
  SECTION("no session") {
    rig.take(rig.link.on_foreground(true, rig.now));
    rig.take(rig.link.on_auth(TokenState::reauth_required, rig.now));
    rig.take(rig.link.on_connectivity(true, true, rig.now));
  }
  SECTION("a background window") {
    rig.take(rig.link.on_auth(TokenState::valid, rig.now));
    rig.take(rig.link.on_connectivity(true, true, rig.now));
  }
  SECTION("the session ended while it was connected") {
    rig.come();
    rig.connect();
    rig.take(rig.link.on_auth(TokenState::none, rig.now));
    CHECK(rig.last.close);
  }
  SECTION("the network went while it was connected") {
    rig.come();
    rig.connect();
    rig.take(rig.link.on_connectivity(false, false, rig.now));
    CHECK(rig.last.close);
  }
  CHECK(rig.link.state() == LinkState::away);
  CHECK_FALSE(rig.last.negotiate);
  CHECK_FALSE(rig.last.wake_at);
}

TEST_CASE("a token that is being renewed is a session still") {
  Rig rig;
  rig.come();
  rig.connect();
  rig.take(rig.link.on_auth(TokenState::refreshing, rig.now));
  CHECK(rig.link.state() == LinkState::connected);
}

TEST_CASE("reconnects come 1, 2, 4, 8, 16, 30, 30 s after each failure (A-46, C-16, INV-Q9)") {
  Rig rig;
  rig.come();
  std::vector<std::int64_t> delays_s;
  for (int i = 0; i < 8; ++i) {
    REQUIRE(rig.last.negotiate);
    // Whatever it fails by.
    if (i % 4 == 0) rig.negotiated(503, "");
    if (i % 4 == 1) {
      rig.open();
      rig.lose("socket.refused");
    }
    if (i % 4 == 2) {
      rig.open();
      rig.text(record(R"({"error":"no"})"));
    }
    if (i % 4 == 3) rig.negotiated(200, "<html>");
    REQUIRE(rig.link.state() == LinkState::waiting);
    delays_s.push_back(rig.wake().count() / 1'000);
  }
  CHECK(delays_s == std::vector<std::int64_t>{1, 2, 4, 8, 16, 30, 30, 30});
}

TEST_CASE("a connection that held starts the delays anew, one that is closed at once does not") {
  Rig rig;
  rig.come();
  for (int i = 0; i < 3; ++i) {
    rig.connect();
    rig.lose();
    CHECK(rig.last.change->code == "socket.cut");
    CHECK(rig.wake() == std::chrono::seconds{1 << i});
  }
  rig.connect();
  rig.now = rig.now + Duration{limits::kHubStableMs};
  rig.lose();
  CHECK(rig.wake() == 1s);
  rig.connect();
  CHECK(rig.last.change->again);
}

TEST_CASE(
    "the network's return connects at once, but never twice within five seconds, nor half of what "
    "a failing hub waits (A-47, INV-Q9)") {
  Rig rig;
  rig.come();
  for (int i = 0; i < 4; ++i) {
    rig.negotiated(503, "");
    if (i < 3) rig.wake();
  }
  REQUIRE(rig.last.wake_at == rig.now + 8s);
  rig.take(rig.link.on_connectivity(false, false, rig.now));
  CHECK_FALSE(rig.last.wake_at);
  rig.now = rig.now + 1s;
  rig.take(rig.link.on_connectivity(true, true, rig.now));
  CHECK_FALSE(rig.last.negotiate);
  CHECK(rig.wake() == 4s);
  CHECK(rig.last.negotiate);
  // A network that comes and goes halves the delay of a hub that fails, and no more.
  rig.negotiated(503, "");
  REQUIRE(rig.last.wake_at == rig.now + 16s);
  rig.now = rig.now + 5s;
  rig.take(rig.link.on_connectivity(true, true, rig.now));
  CHECK_FALSE(rig.last.negotiate);
  CHECK(rig.wake() == 3s);
  CHECK(rig.last.negotiate);
}

TEST_CASE("both sides ping: the phone each 15 s, and a server that is silent for 30 s is gone") {
  Rig rig;
  rig.come();
  rig.connect();
  CHECK(rig.wake() == 15s);
  CHECK(rig.last.send == std::vector<std::string>{ping_record()});
  rig.text(record(R"({"type":6})"));
  CHECK(rig.wake() == 15s);
  CHECK(rig.last.send == std::vector<std::string>{ping_record()});
  CHECK(rig.wake() == 15s);
  CHECK(rig.last.close);
  CHECK(rig.last.change->code == "hub.silent");
}

TEST_CASE("a handshake that does not end within 15 s is a failure") {
  Rig rig;
  rig.come();
  rig.open();
  CHECK(rig.wake() == 15s);
  CHECK(rig.last.close);
  CHECK(rig.last.change->code == "hub.handshake_timeout");
}

TEST_CASE(
    "a close that allows it is followed by a reconnect, another one by none until something "
    "returns") {
  Rig rig;
  rig.come();
  rig.connect();
  SECTION("allowed") {
    rig.text(record(R"({"type":7,"allowReconnect":true})"));
    CHECK(rig.last.close);
    CHECK(rig.wake() == 1s);
    CHECK(rig.last.negotiate);
  }
  SECTION("not allowed") {
    rig.text(record(R"({"type":7,"error":"gone"})"));
    CHECK(rig.last.close);
    CHECK(rig.last.change->code == "hub.sent_away");
    CHECK_FALSE(rig.last.wake_at);
    rig.now = rig.now + 1h;
    rig.take(rig.link.on_wake(rig.now));
    CHECK_FALSE(rig.last.negotiate);
    SECTION("the network") { rig.take(rig.link.on_connectivity(true, true, rig.now)); }
    SECTION("the session") {
      rig.take(rig.link.on_auth(TokenState::none, rig.now));
      rig.take(rig.link.on_auth(TokenState::valid, rig.now));
    }
    SECTION("somebody who looks") {
      rig.take(rig.link.on_foreground(false, rig.now));
      rig.take(rig.link.on_foreground(true, rig.now));
    }
    CHECK(rig.last.negotiate);
  }
}

TEST_CASE("a token that met 401 at the socket is reported with its generation") {
  Rig rig;
  rig.come();
  rig.negotiated();
  rig.take(rig.link.on_token(rig.attempt, 3, rig.now));
  rig.take(rig.link.on_lost(rig.attempt, {"socket.rejected", 401}, rig.now));
  CHECK(rig.last.refused_token == 3);
  CHECK(rig.last.change->code == "hub.status_401");
}

TEST_CASE("what comes for an earlier attempt changes nothing") {
  Rig rig;
  rig.come();
  const auto early = rig.attempt;
  rig.connect();
  rig.lose();
  rig.wake();
  const auto state = rig.link.state();
  for (int i = 0; i < 4; ++i) {
    LinkEffects late;
    if (i == 0) late = rig.link.on_text(early, record(R"({"type":7})"), rig.now);
    if (i == 1) late = rig.link.on_lost(early, {"socket.cut", 0}, rig.now);
    if (i == 2) late = rig.link.on_opened(early, rig.now);
    if (i == 3) late = rig.link.on_token(early, 9, rig.now);
    CHECK_FALSE(late.close);
    CHECK_FALSE(late.change);
    CHECK(rig.link.state() == state);
  }
}

TEST_CASE("a flood of pings ends the connection, whoever waits for a result gets an answer") {
  Rig rig;
  rig.come();
  rig.connect();
  rig.text(record(R"({"type":1,"invocationId":"5","target":"Ask","arguments":[]})"));
  CHECK(rig.last.send ==
        std::vector<std::string>{completion_record("5", "this client returns no results")});
  std::string flood;
  for (std::size_t i = 0; i < limits::kHubMessagesPerSecondMax; ++i)
    flood += record(R"({"type":6})");
  rig.text(flood);
  CHECK(rig.last.close);
  CHECK(rig.last.change->code == "hub.flood");
}

TEST_CASE(
    "whatever happens in whatever order, there are at most thirty attempts in any minute "
    "(INV-Q9)") {
  std::size_t total = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    Rig rig;
    rig.come();
    std::vector<Instant> attempts;
    for (int i = 0; i < 400; ++i) {
      if (rig.last.negotiate) attempts.push_back(rig.now);
      rig.now = rig.now + Duration{random.between(0, 900)};
      switch (random.below(8)) {
        case 0:
          rig.negotiated(random.chance(0.5) ? 200 : 503);
          break;
        case 1:
          rig.take(rig.link.on_token(rig.attempt, 1, rig.now));
          break;
        case 2:
          rig.take(rig.link.on_opened(rig.attempt, rig.now));
          break;
        case 3:
          rig.text(record(random.chance(0.5) ? "{}" : R"({"type":7,"allowReconnect":true})"));
          break;
        case 4:
          rig.lose();
          break;
        case 5:
          rig.take(rig.link.on_connectivity(random.chance(0.6), random.chance(0.5), rig.now));
          break;
        case 6:
          rig.take(rig.link.on_foreground(random.chance(0.8), rig.now));
          break;
        default:
          rig.take(rig.link.on_wake(rig.now));
      }
    }
    total += attempts.size();
    std::size_t first = 0;
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      while (attempts[i] - attempts[first] >= 1min) ++first;
      REQUIRE(i - first + 1 <= 30);
    }
  }
  CHECK(total >= 200);
}

TEST_CASE("INV-Q9: each attempt but the first is a repeat of the device, and waits its turn") {
  Rig rig;
  for (std::size_t i = 0; i < limits::kRepeatsForNewsMax; ++i) rig.repeats.on_repeat(rig.now);
  rig.come();
  const Instant began = rig.now;
  REQUIRE(rig.last.negotiate);
  rig.negotiated(503);
  rig.wake();
  CHECK_FALSE(rig.last.negotiate);
  CHECK(rig.link.state() == LinkState::waiting);
  CHECK(rig.last.wake_at == began + 60s);
  rig.wake();
  CHECK(rig.last.negotiate);
  // This one has left as a repeat: there is room for one less.
  CHECK(rig.repeats.free_at(http::RepeatRank::news, limits::kRepeatsForNewsMax - 1) ==
        rig.now + 60s);
}
