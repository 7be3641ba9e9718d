#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using world::FaultMode;
using world::IoKind;

constexpr std::size_t kLoginRequest = 6;

// One of every request that holds something open.
std::vector<std::int64_t> ask_everything(Rig& rig, const std::string& operation) {
  const auto& who = Rig::user(0);
  return {
      rig.ask("operations.enqueue", rig.new_requisition()),
      rig.ask("documents.query", {{"type", "approval"}}),
      rig.ask("documents.refresh",
              {{"entities", Json::array({Json{{"entity_type", "po"}, {"entity_id", "unknown"}}})}}),
      rig.ask("operations.list"),
      rig.ask("operations.explain", {{"id", operation}}),
      rig.ask("operations.cancel", {{"id", operation}}),
      rig.ask("session.login", {{"email", who.email}, {"password", who.password}}),
      rig.ask("session.status"),
      rig.ask("notices.list"),
      rig.ask("sync.now"),
      rig.ask("operations.enqueue", rig.new_requisition()),
  };
}

void live_through(Rig& rig, IoKind kind, std::uint64_t skip) {
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{2'000});
  const std::string operation = rig.enqueue_requisition();
  const auto restarts = rig.events("engine.state").size();
  rig.disk().fail_io(kind, FaultMode::one_shot, skip);
  const auto asked = ask_everything(rig, operation);
  rig.settle();
  rig.advance(Duration{60'000});
  for (std::size_t i = 0; i < asked.size(); ++i) {
    INFO("request " << i);
    CHECK(rig.replies(asked[i]).size() == 1);
  }
  rig.disk().heal();
  rig.advance(Duration{300'000});
  INFO("engine.state events since: " << rig.events("engine.state").size() - restarts);
  CHECK(rig.engine_state() == "ready");
  if (rig.session_status() == "reauthRequired") {
    // The server took the login, which ended the session before it, and its answer was lost here.
    CHECK(rig.reply(asked[kLoginRequest]).contains("error"));
    CHECK(rig.login().contains("result"));
  }
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
  CHECK(rig.backend().ledger().violations().empty());
}

TEST_CASE(
    "whichever write or sync fails, every open request is answered exactly once and the scope "
    "comes back") {
  const IoKind kind = GENERATE(IoKind::write, IoKind::sync);
  const std::uint64_t last = kind == IoKind::sync ? 7 : 60;
  std::uint64_t fired = 0;
  for (std::uint64_t skip = 0; skip <= last; ++skip) {
    Rig rig;
    rig.shuffle(skip + 1);
    INFO("kind " << static_cast<int>(kind) << ", skip " << skip);
    live_through(rig, kind, skip);
    fired += rig.disk().faults_fired(kind);
  }
  CHECK(fired > last / 2);
}

TEST_CASE("an I/O error while the scope comes back is one more restart, and not the end") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{2'000});
  const std::string operation = rig.enqueue_requisition();
  rig.disk().fail_io(IoKind::write, FaultMode::one_shot);
  rig.disk().fail_io(IoKind::sync, FaultMode::one_shot);
  const auto asked = rig.ask("operations.enqueue", rig.new_requisition());
  rig.settle();
  rig.advance(Duration{60'000});
  CHECK(rig.disk().faults_fired(IoKind::write) == 1);
  CHECK(rig.disk().faults_fired(IoKind::sync) == 1);
  CHECK(rig.replies(asked).size() == 1);
  CHECK(rig.engine_state() == "ready");
  CHECK(rig.backend().ledger().effect_count(operation) == 1);
}

TEST_CASE("a disk that fails for good ends in engine.failed, with every request answered") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  const std::string operation = rig.enqueue_requisition();
  rig.disk().fail_io(IoKind::write, FaultMode::sticky);
  const auto asked = ask_everything(rig, operation);
  rig.settle();
  rig.advance(Duration{120'000});
  for (const auto id : asked) CHECK(rig.replies(id).size() == 1);
  CHECK(rig.engine_state() == "failed");
  for (const auto id : ask_everything(rig, operation)) {
    rig.settle();
    CHECK(rig.reply(id)["error"]["code"] == "engine.failed");
  }
  // Nothing is lost by it.
  rig.disk().heal();
  rig.close();
  rig.boot();
  rig.advance(Duration{300'000});
  CHECK(rig.backend().ledger().effect_count(operation) == 1);
}

}  // namespace
}  // namespace landfall::testing
