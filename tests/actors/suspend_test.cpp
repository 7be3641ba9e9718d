#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/base/random.hpp"
#include "schema/limits.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

constexpr Duration kDeadline{1'000};

// Asks and lets it happen; what has to be asked before everybody is done comes from the case.
void suspend(Rig& rig) {
  CHECK(rig.runtime().suspend(kDeadline) == actors::Suspended::late);
  rig.settle();
}

void resume(Rig& rig) {
  CHECK(rig.runtime().resume().has_value());
  rig.settle();
}

void check_nothing_held(Rig& rig) {
  CHECK(rig.engine_state() == "suspended");
  const auto held = rig.disk().held();
  INFO((held.empty() ? "" : held.front()));
  CHECK(held.empty());
  CHECK(rig.network().open_calls().empty());
}

// One operation that waits for a network.
std::string enqueue_offline(Rig& rig) {
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  return rig.enqueue_requisition();
}

// A login that waits for the server's answer.
std::int64_t begin_login(Rig& rig) {
  rig.script(kLogin, [](const auto&) { return std::nullopt; });
  const auto& who = Rig::user(0);
  const auto login = rig.ask("session.login", {{"email", who.email}, {"password", who.password}});
  rig.settle();
  REQUIRE(rig.network().open_calls(kLogin).size() == 1);
  return login;
}

// Letters that repeat nothing, so that compressing them saves nothing.
std::string noise(std::size_t bytes) {
  static Random random = Random::stream(1, "noise");
  std::string text(bytes, ' ');
  for (char& letter : text) letter = static_cast<char>('0' + random.below(64));
  std::replace(text.begin(), text.end(), '\\', '~');
  return text;
}

}  // namespace

TEST_CASE(
    "a suspended engine holds no file, no lock and no call, refuses what it is asked, "
    "and goes on with everything behind a resume (INV-S8, INV-Q1)") {
  Rig rig;
  const std::string id = enqueue_offline(rig);
  suspend(rig);
  check_nothing_held(rig);
  for (const auto& name : rig.partition_files()) CHECK_FALSE(rig.disk().read_file(name + "-wal"));

  const auto written = rig.disk().io_operations();
  for (const char* request : {"operations.list", "session.status", "sync.now", "session.logout"})
    CHECK(rig.call(request)["error"]["code"] == "engine.suspended");
  const Json refused = rig.call("operations.enqueue", rig.new_requisition());
  CHECK(refused["error"]["code"] == "engine.suspended");
  CHECK(refused["error"]["class"] == "busy");
  CHECK(rig.call("engine.status")["result"]["state"] == "suspended");
  rig.advance(Duration{3'600'000});
  CHECK(rig.disk().io_operations() == written);
  CHECK(rig.network().open_calls().empty());
  check_nothing_held(rig);

  rig.set_online(true);
  resume(rig);
  CHECK(rig.engine_state() == "ready");
  CHECK(rig.session_status() == "authenticated");
  rig.advance(Duration{10'000});
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE(
    "what was handed in before a suspension is acknowledged by it and each request is answered "
    "once, at whatever step it comes (INV-Q1, INV-Q3, INV-S8)") {
  for (std::uint64_t steps = 0; steps < 50; ++steps) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.advance(Duration{2'000});
    rig.shuffle(steps + 1);
    INFO("after " << steps << " steps");
    std::vector<Json> params;
    std::vector<std::int64_t> asked;
    for (int i = 0; i < 4; ++i) {
      params.push_back(rig.new_requisition());
      asked.push_back(rig.ask("operations.enqueue", params.back()));
    }
    asked.push_back(rig.ask("documents.query", {{"type", "pr"}}));
    asked.push_back(rig.ask("sync.now"));
    for (std::uint64_t i = 0; i < steps && rig.runtime().ready() > 0; ++i) rig.step();
    suspend(rig);
    check_nothing_held(rig);
    for (const auto each : asked) REQUIRE(rig.replies(each).size() == 1);
    for (std::size_t i = 0; i < params.size(); ++i) CHECK(rig.reply(asked[i]).contains("result"));
    resume(rig);
    for (const auto& each : params)
      CHECK(rig.call("operations.explain", {{"id", each["id"]}}).contains("result"));
    rig.advance(Duration{300'000});
    CHECK(rig.states() == std::map<std::string, int>{{"applied", 4}});
    for (const auto& each : params)
      CHECK(rig.backend().ledger().effect_count(each["id"].get<std::string>()) == 1);
  }
}

TEST_CASE(
    "a suspension hurries when half of its deadline is over: what still waits is answered as "
    "interrupted, and nothing acknowledged is lost (INV-Q3, INV-S8)") {
  int interrupted = 0;
  for (std::uint64_t steps = 0; steps < 40; ++steps) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.set_online(false);
    rig.shuffle(steps + 1);
    INFO("after " << steps << " steps");
    std::vector<Json> params;
    std::vector<std::int64_t> asked;
    for (int i = 0; i < 8; ++i) {
      params.push_back(rig.new_requisition());
      asked.push_back(rig.ask("operations.enqueue", params.back()));
      asked.push_back(rig.ask("documents.query", {{"type", "pr"}}));
    }
    (void)rig.runtime().suspend(kDeadline);
    for (std::uint64_t i = 0; i < steps && rig.runtime().ready() > 0; ++i) rig.step();
    rig.runtime().advance(kDeadline / 2);
    rig.settle();
    check_nothing_held(rig);
    for (const auto each : asked) {
      REQUIRE(rig.replies(each).size() == 1);
      interrupted += rig.reply(each).contains("error") ? 1 : 0;
    }
    resume(rig);
    for (std::size_t i = 0; i < params.size(); ++i) {
      if (!rig.reply(asked[2 * i]).contains("result")) continue;
      CHECK(rig.call("operations.explain", {{"id", params[i]["id"]}}).contains("result"));
    }
  }
  CHECK(interrupted > 0);
}

TEST_CASE(
    "a call in flight is over with the suspension; its operation is unknown behind it and has one "
    "effect (INV-Q2, INV-S8)") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.script(kPush, [&](const ScriptedTransport::Call& call) -> std::optional<http::Answer> {
    (void)rig.backend().handle(call.request, rig.clock().now());
    return std::nullopt;  // decided, and the answer is on its way
  });
  const std::string id = rig.enqueue_requisition();
  rig.advance(Duration{3'000});
  REQUIRE(rig.network().open_calls(kPush).size() == 1);
  suspend(rig);
  check_nothing_held(rig);
  rig.unscript(kPush);
  rig.set_online(false);
  rig.clock().advance(Duration{1'000});
  resume(rig);
  const Json explained = rig.call("operations.explain", {{"id", id}})["result"];
  CHECK(explained["operation"]["state"] == "unknown");
  CHECK(explained["operation"]["attempts"] == 1);
  rig.set_online(true);
  rig.advance(Duration{60'000});
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE(
    "timers are worked out from the clock as it is behind a gap of seconds, an hour or three days, "
    "whether the steady clock ran meanwhile or not (INV-Q8)") {
  constexpr Duration kAsked{60'000};
  for (const std::int64_t gap_ms : {1'000LL, 20'000LL, 3'600'000LL, 3 * 86'400'000LL}) {
    for (const bool steady_runs : {false, true}) {
      Rig rig;
      rig.boot();
      REQUIRE(rig.login().contains("result"));
      rig.advance(Duration{2'000});
      http::Answer busy = answer_with(503, R"({"error":{"code":"BUSY"}})");
      busy.response->headers.emplace_back("Retry-After", "60");
      rig.script(kPush, busy);
      (void)rig.enqueue_requisition();
      rig.advance(Duration{3'000});
      const auto sent = rig.network().sent(kPush);
      REQUIRE(sent.size() == 1);
      suspend(rig);
      rig.clock().advance(Duration{gap_ms});
      if (steady_runs) rig.runtime().advance(Duration{gap_ms});
      resume(rig);
      INFO("a gap of " << gap_ms << " ms" << (steady_runs ? ", the steady clock ran" : ""));
      REQUIRE(rig.session_status() == "authenticated");
      rig.advance(Duration{5'000});
      const bool is_over = Duration{gap_ms} > kAsked;
      CHECK(rig.network().sent(kPush).size() == (is_over ? 2 : 1));
      rig.advance(Duration{70'000});
      const auto all = rig.network().sent(kPush);
      REQUIRE(all.size() >= 2);
      CHECK(all[1].started_at - sent[0].started_at >= kAsked);
    }
  }
}

TEST_CASE(
    "what waited offline through a month of sleep is still there; its user logs in and it drains "
    "(INV-Q1, INV-A12)") {
  Rig rig;
  const std::string id = enqueue_offline(rig);
  suspend(rig);
  rig.clock().advance(Duration{30LL * 86'400'000LL});
  rig.set_online(true);  // refused, as everything is: the engine sleeps
  resume(rig);
  rig.advance(Duration{10'000});
  CHECK(rig.session_status() == "reauthRequired");
  CHECK(rig.call("operations.explain", {{"id", id}}).contains("result"));
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{60'000});
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE(
    "the log is moved into the file a moment after the last write, so that a suspension has little "
    "to move (INV-S8)") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  const auto size_of = [&](const std::string& name) {
    const auto bytes = rig.disk().read_file(name);
    return bytes ? static_cast<std::int64_t>(bytes->size()) : 0;
  };
  REQUIRE(rig.partition_files().size() == 1);
  const std::string file = rig.partition_files().front();
  CHECK(size_of(file) < limits::kLogBytesLong / 2);
  constexpr std::int64_t kPayloadBytes = 150'000;
  for (std::int64_t bytes = 0; bytes < limits::kLogBytesLong * 5 / 4; bytes += kPayloadBytes) {
    Json params = rig.new_requisition();
    params["payload"]["lines"] = Json::array({noise(kPayloadBytes)});
    REQUIRE(rig.call("operations.enqueue", params).contains("result"));
  }
  rig.advance(Duration{limits::kLogQuietMs - 1});
  CHECK(size_of(file) < limits::kLogBytesLong / 2);
  // It looks once a moment, and what it saw first was not yet the last write.
  rig.advance(Duration{limits::kLogQuietMs + 1});
  CHECK(size_of(file) > limits::kLogBytesLong / 2);
  CHECK(size_of(file + "-wal") < 2 * limits::kLogBytesLong);
}

TEST_CASE("an engine that is suspended while it opens asks its questions again behind the resume") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.close();
  rig.set_port([](const std::string&, const Json&) { return std::nullopt; });
  rig.boot();
  REQUIRE(rig.session_status() == "loading");
  suspend(rig);
  check_nothing_held(rig);
  int cancels = 0;
  for (const auto& message : rig.messages()) cancels += message.contains("cancel") ? 1 : 0;
  CHECK(cancels == 1);
  rig.set_port([&](const std::string& port, const Json& data) {
    return std::optional<Json>{rig.keychain_answer(port, data)};
  });
  resume(rig);
  CHECK(rig.engine_state() == "ready");
  CHECK(rig.session_status() == "authenticated");
}

TEST_CASE("a login under way is over with a suspension, says so, and may be tried again") {
  Rig rig;
  rig.boot();
  const auto login = begin_login(rig);
  suspend(rig);
  check_nothing_held(rig);
  REQUIRE(rig.replies(login).size() == 1);
  CHECK(rig.reply(login)["error"]["class"] == "indeterminate");
  rig.unscript(kLogin);
  resume(rig);
  CHECK(rig.session_status() == "unauthenticated");
  CHECK(rig.login().contains("result"));
}

TEST_CASE("a resume that meets one failed read is tried again at once (INV-S5, INV-Q1)") {
  std::uint64_t met = 0;
  for (std::uint64_t skip = 0; skip < 12; ++skip) {
    INFO("read " << skip);
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.set_online(false);
    const std::string id = rig.enqueue_requisition();
    suspend(rig);
    rig.disk().fail_io(world::IoKind::read, world::FaultMode::one_shot, skip);
    resume(rig);
    met += rig.disk().faults_fired(world::IoKind::read);
    rig.disk().heal();
    CHECK(rig.engine_state() == "ready");
    rig.set_online(true);
    rig.advance(Duration{60'000});
    CHECK(rig.backend().ledger().effect_count(id) == 1);
  }
  CHECK(met == 12);
}

TEST_CASE("suspending twice and resuming twice is as once; the last word counts") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  resume(rig);  // one that runs stays as it is
  CHECK(rig.engine_state() == "ready");
  suspend(rig);
  suspend(rig);
  check_nothing_held(rig);
  resume(rig);
  resume(rig);
  CHECK(rig.engine_state() == "ready");
  SECTION("a resume while it is being suspended") {
    (void)rig.runtime().suspend(kDeadline);
    CHECK(rig.runtime().resume().has_value());
    rig.settle();
    CHECK(rig.engine_state() == "ready");
    CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
  }
  SECTION("a suspension behind it") {
    (void)rig.runtime().suspend(kDeadline);
    CHECK(rig.runtime().resume().has_value());
    (void)rig.runtime().suspend(kDeadline);
    rig.settle();
    check_nothing_held(rig);
    resume(rig);
    CHECK(rig.engine_state() == "ready");
  }
}

TEST_CASE("suspend, resume and suspend again at every step end suspended with nothing held") {
  for (std::uint64_t steps = 0; steps < 60; ++steps) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.shuffle(steps + 1);
    INFO("after " << steps << " steps");
    const auto enqueue = rig.ask("operations.enqueue", rig.new_requisition());
    (void)rig.runtime().suspend(kDeadline);
    for (std::uint64_t i = 0; i < steps && rig.runtime().ready() > 0; ++i) rig.step();
    CHECK(rig.runtime().resume().has_value());
    for (std::uint64_t i = 0; i < steps && rig.runtime().ready() > 0; ++i) rig.step();
    (void)rig.runtime().suspend(kDeadline);
    rig.settle();
    check_nothing_held(rig);
    CHECK(rig.replies(enqueue).size() == 1);
    resume(rig);
    CHECK(rig.engine_state() == "ready");
  }
}

TEST_CASE("however suspensions and resumes meet each other, the last word counts (INV-S8)") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.shuffle(seed);
    INFO("seed " << seed);
    Random random{seed};
    bool is_resumed = true;
    for (int word = 0; word < 60; ++word) {
      is_resumed = random.chance(0.5);
      if (is_resumed) {
        CHECK(rig.runtime().resume().has_value());
      } else {
        (void)rig.runtime().suspend(kDeadline);
      }
      const auto steps = random.between(0, 8);
      for (std::int64_t i = 0; i < steps && rig.runtime().ready() > 0; ++i) rig.step();
    }
    rig.settle();
    if (!is_resumed) {
      check_nothing_held(rig);
      resume(rig);
    }
    CHECK(rig.engine_state() == "ready");
    CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
  }
}

TEST_CASE("an engine may be closed while it is suspended, and at every step on the way there") {
  for (std::uint64_t steps = 0; steps < 40; ++steps) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    const std::string id = rig.enqueue_requisition();
    rig.shuffle(steps + 1);
    INFO("after " << steps << " steps");
    (void)rig.runtime().suspend(kDeadline);
    for (std::uint64_t i = 0; i < steps && rig.runtime().ready() > 0; ++i) rig.step();
    rig.close();
    CHECK(rig.disk().held().empty());
    rig.boot();
    CHECK(rig.call("operations.explain", {{"id", id}}).contains("result"));
  }
}

TEST_CASE(
    "a resume is refused while another engine owns the directory, says why, and succeeds behind "
    "it") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  suspend(rig);
  {
    const auto other = rig.disk().lock_directory("/phone");
    REQUIRE(other.has_value());
    resume(rig);
    CHECK(rig.engine_state() == "suspended");
    CHECK(rig.events("engine.state").back()["code"] == "directory.locked");
    CHECK(rig.call("session.status")["error"]["code"] == "engine.suspended");
  }
  resume(rig);
  CHECK(rig.engine_state() == "ready");
}

TEST_CASE("a directory that holds another installation by now is not gone on with") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  suspend(rig);
  for (const auto& name : rig.disk().list_files()) (void)rig.disk().erase_file(name);
  resume(rig);
  CHECK(rig.engine_state() == "suspended");
  CHECK(rig.events("engine.state").back()["code"] == "directory.replaced");
  CHECK(rig.disk().held().empty());
  rig.close();
}

TEST_CASE("an engine that has failed gives its directory up too, and stays failed") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  for (std::size_t i = 0; i <= limits::kScopeRestartsMax; ++i) {
    rig.disk().fail_io(world::IoKind::sync, world::FaultMode::one_shot);
    (void)rig.call("operations.enqueue", rig.new_requisition());
  }
  REQUIRE(rig.engine_state() == "failed");
  CHECK_FALSE(rig.disk().held().empty());
  suspend(rig);
  CHECK(rig.disk().held().empty());
  CHECK(rig.engine_state() == "failed");
  resume(rig);
  CHECK(rig.engine_state() == "failed");
  CHECK(rig.call("session.status")["error"]["code"] == "engine.failed");
  rig.close();
}

TEST_CASE("a disk that fails under the last steps of a suspension loses nothing acknowledged") {
  for (std::uint64_t skip = 0; skip < 8; ++skip) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.set_online(false);
    const std::string id = rig.enqueue_requisition();
    INFO("the sync with number " << skip);
    rig.disk().fail_io(world::IoKind::sync, world::FaultMode::one_shot, skip);
    const auto asked = rig.ask("operations.enqueue", rig.new_requisition());
    suspend(rig);
    check_nothing_held(rig);
    CHECK(rig.replies(asked).size() == 1);
    rig.disk().heal();
    resume(rig);
    REQUIRE(rig.engine_state() == "ready");
    CHECK(rig.call("operations.explain", {{"id", id}}).contains("result"));
  }
}

}  // namespace landfall::testing
