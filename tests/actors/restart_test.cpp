#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/limits.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using world::FaultMode;
using world::IoKind;

TEST_CASE(
    "a failed sync answers the group indeterminate, respawns the scope, and the same ids are "
    "acknowledged after it (INV-Q3, INV-S5)") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);

  std::vector<Json> params;
  std::vector<std::int64_t> asked;
  rig.disk().fail_io(IoKind::sync, FaultMode::one_shot);
  for (int i = 0; i < 10; ++i) {
    params.push_back(rig.new_requisition());
    asked.push_back(rig.ask("operations.enqueue", params.back()));
  }
  const auto list = rig.ask("operations.list");
  const auto query = rig.ask("documents.query", {{"type", "pr"}});
  rig.settle();
  for (const auto id : asked) {
    REQUIRE(rig.replies(id).size() == 1);
    CHECK(rig.reply(id)["error"]["code"] == "engine.restarted");
    CHECK(rig.reply(id)["error"]["class"] == "indeterminate");
  }
  REQUIRE(rig.replies(list).size() == 1);
  REQUIRE(rig.replies(query).size() == 1);
  CHECK(rig.engine_state() == "ready");

  for (const auto& each : params) {
    const Json reply = rig.call("operations.enqueue", each);
    INFO(reply.dump());
    CHECK(reply.contains("result"));
  }
  CHECK(rig.states() == std::map<std::string, int>{{"queued", 10}});
  rig.set_online(true);
  rig.advance(Duration{60'000});
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 10}});
  for (const auto& each : params)
    CHECK(rig.backend().ledger().effect_count(each["id"].get<std::string>()) == 1);
}

TEST_CASE(
    "INV-A7: data that the disk would not open is tried again, and its user stays logged in") {
  int locked = 0;
  for (std::uint64_t skip = 0; skip < 24; ++skip) {
    INFO("read " << skip << " behind the keys");
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.set_online(false);
    (void)rig.enqueue_requisition();
    rig.close();
    // With the last key in hand the partition is opened.
    bool is_armed = false;
    rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
      const bool is_last =
          port == "secret.read" && data.value("name", "").starts_with("landfall.documents.");
      if (is_last && !std::exchange(is_armed, true))
        rig.disk().fail_io(IoKind::read, FaultMode::one_shot, skip);
      return rig.keychain_answer(port, data);
    });
    rig.boot();
    REQUIRE(is_armed);
    if (rig.session_status() == "locked") {
      CHECK(rig.events("session.status").back()["code"] == "store.io");
      ++locked;
    }
    rig.advance(Duration{60'000});
    CHECK(rig.session_status() == "authenticated");
    CHECK(rig.states() == std::map<std::string, int>{{"queued", 1}});
  }
  CHECK(locked > 0);
}

TEST_CASE("requests that reach a scope while it is being respawned are answered once") {
  // The requests are handed in after each single step of the restart in turn.
  for (int steps = 0; steps < 60; ++steps) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.set_online(false);
    rig.disk().fail_io(IoKind::sync, FaultMode::one_shot);
    const auto first = rig.ask("operations.enqueue", rig.new_requisition());
    for (int i = 0; i < steps && rig.runtime().ready() > 0; ++i) (void)rig.runtime().step(0);
    const auto second = rig.ask("operations.enqueue", rig.new_requisition());
    const auto query = rig.ask("documents.query", {{"type", "pr"}});
    const auto refresh = rig.ask("sync.now");
    rig.settle();
    INFO("after " << steps << " steps");
    for (const auto id : {first, second, query, refresh}) CHECK(rig.replies(id).size() == 1);
    CHECK(rig.engine_state() == "ready");
  }
}

TEST_CASE(
    "a batch in flight when its scope dies is sent again under the same ids, not while the "
    "first call is open (INV-Q2, INV-Q5)") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.script(kPush, [](const auto&) { return std::nullopt; });  // stays open
  const std::string id = rig.enqueue_requisition();
  rig.advance(Duration{3'000});
  REQUIRE(rig.network().open_calls(kPush).size() == 1);

  rig.disk().fail_io(IoKind::sync, FaultMode::one_shot);
  const auto other = rig.ask("operations.enqueue", rig.new_requisition());
  rig.settle();
  CHECK(rig.reply(other)["error"]["code"] == "engine.restarted");
  for (int i = 0; i < 300; ++i) {
    CHECK(rig.network().open_calls(kPush).size() <= 1);
    rig.advance(Duration{100});
  }
  rig.unscript(kPush);
  rig.advance(Duration{300'000});
  CHECK(rig.states().at("applied") >= 1);
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE(
    "more restarts than allowed within the window end in engine.failed, and every request "
    "hears it") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  for (std::size_t i = 0; i < limits::kScopeRestartsMax; ++i) {
    rig.disk().fail_io(IoKind::sync, FaultMode::one_shot);
    CHECK(rig.call("operations.enqueue", rig.new_requisition())["error"]["code"] ==
          "engine.restarted");
    CHECK(rig.engine_state() == "ready");
    rig.advance(Duration{10'000});
  }
  rig.disk().fail_io(IoKind::sync, FaultMode::one_shot);
  CHECK(rig.call("operations.enqueue", rig.new_requisition())["error"]["code"] ==
        "engine.restarted");
  CHECK(rig.engine_state() == "failed");
  CHECK(rig.events("engine.state").back()["code"] == "engine.restarts_exhausted");
  for (const char* request : {"session.status", "operations.list", "session.logout", "sync.now"})
    CHECK(rig.call(request)["error"]["code"] == "engine.failed");
  CHECK(rig.call("operations.enqueue", rig.new_requisition())["error"]["code"] == "engine.failed");
  CHECK(rig.call("engine.status")["result"]["state"] == "failed");
  rig.close();
  // The next process works, with everything that was accepted.
  rig.boot();
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
}

TEST_CASE("restarts that are further apart than the window never add up") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  for (std::size_t i = 0; i < 3 * limits::kScopeRestartsMax; ++i) {
    rig.disk().fail_io(IoKind::sync, FaultMode::one_shot);
    CHECK(rig.call("operations.enqueue", rig.new_requisition())["error"]["code"] ==
          "engine.restarted");
    CHECK(rig.engine_state() == "ready");
    rig.advance(Duration{limits::kScopeRestartWindowMs / 2});
  }
}

TEST_CASE(
    "the device scope is respawned when the token record cannot be written, with the user, the "
    "partition and what waits") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  const std::string id = rig.enqueue_requisition();
  rig.script(kPush, [](const auto&) { return std::nullopt; });
  rig.advance(Duration{3'000});

  // The next call finds its token expired: the refresh's intent is the write that fails.
  rig.clock().advance(Duration{14 * 60'000});
  rig.disk().fail_io(IoKind::sync, FaultMode::one_shot);
  const auto refresh = rig.ask("documents.refresh",
                               {{"entities", {{{"entity_type", "po"}, {"entity_id", "unknown"}}}}});
  const auto login = rig.ask("session.status");
  rig.settle();
  CHECK(rig.replies(refresh).size() == 1);
  CHECK(rig.replies(login).size() == 1);
  CHECK(rig.engine_state() == "ready");
  CHECK(rig.session_status() == "authenticated");
  rig.unscript(kPush);
  rig.advance(Duration{300'000});
  CHECK(rig.states().at("applied") == 1);
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE("a login whose token record cannot be written is answered once, and the next one works") {
  // Which sync fails is chosen in turn: keys, tokens, session row, partition.
  for (std::uint64_t skip = 0; skip < 12; ++skip) {
    Rig rig;
    rig.boot();
    rig.disk().fail_io(IoKind::sync, FaultMode::one_shot, skip);
    const Json reply = rig.login();
    INFO("sync " << skip << " fails: " << reply.dump());
    rig.disk().heal();
    rig.advance(Duration{200'000});
    if (reply.contains("error")) {
      // It may stand on the disk all the same; whoever logs in again gets in.
      const Json again = rig.login();
      INFO(again.dump());
      CHECK(again.contains("result"));
    }
    CHECK(rig.session_status() == "authenticated");
    CHECK(rig.engine_state() == "ready");
    CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
  }
}

TEST_CASE(
    "a full disk refuses an enqueue before it is acknowledged, and a disk with room again "
    "takes the same id (INV-S3)") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  const Json params = rig.new_requisition();
  rig.disk().full_after(0);
  const Json refused = rig.call("operations.enqueue", params);
  INFO(refused.dump());
  CHECK(refused["error"]["code"] == "storage.full");
  CHECK(refused["error"]["class"] == "storage_full");
  CHECK(rig.engine_state() == "ready");
  rig.disk().heal();
  CHECK(rig.call("operations.enqueue", params).contains("result"));
}

TEST_CASE(
    "a disk that is full at the start still opens: the user sees their data, and writes are "
    "refused by name") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{5'000});
  rig.set_online(false);
  const std::string id = rig.enqueue_requisition();
  rig.close();
  rig.disk().full_after(0);
  rig.network().set_script(
      [](const auto&) { return answer_with(http::TransportFailure::not_sent); });
  rig.boot();
  INFO(Json(rig.events("engine.state")).dump() << Json(rig.events("session.status")).dump());
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.engine_state() == "ready");
  CHECK(rig.states() == std::map<std::string, int>{{"queued", 1}});
  CHECK(rig.call("documents.query", {{"type", "approval"}})["result"]["documents"].size() > 0);
  CHECK(rig.call("operations.enqueue", rig.new_requisition())["error"]["code"] == "storage.full");
  rig.advance(Duration{3'600'000});
  CHECK(rig.engine_state() == "ready");
}

TEST_CASE(
    "a disk that fills up while the phone works online: the engine stays, reads go on, nothing "
    "is lost, and it goes on by itself when there is room (INV-S3)") {
  for (std::uint64_t writes = 0; writes < 40; writes += 3) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.advance(Duration{5'000});
    rig.shuffle(writes + 1);
    INFO("full after " << writes << " writes");
    rig.disk().full_after(writes);
    std::vector<std::string> accepted;
    for (int i = 0; i < 4; ++i) {
      const Json params = rig.new_requisition();
      const Json reply = rig.call("operations.enqueue", params);
      INFO(reply.dump());
      if (reply.contains("result")) {
        accepted.push_back(params["id"].get<std::string>());
      } else {
        CHECK(reply["error"]["code"] == "storage.full");
      }
      (void)rig.backend().create_approval(rig.clock().now());
      (void)rig.call("sync.now");
      rig.advance(Duration{40'000});
      CHECK(rig.network().open_calls(kPush).size() <= 1);
    }
    rig.advance(Duration{900'000});
    INFO(Json(rig.events("engine.state")).dump());
    CHECK(rig.engine_state() == "ready");
    CHECK(rig.session_status() == "authenticated");
    CHECK(rig.call("documents.query", {{"type", "approval"}})["result"]["documents"].size() > 0);
    rig.disk().heal();
    rig.advance(Duration{900'000});
    const auto late = rig.enqueue_requisition();
    rig.advance(Duration{60'000});
    accepted.push_back(late);
    CHECK(rig.states() ==
          std::map<std::string, int>{{"applied", static_cast<int>(accepted.size())}});
    for (const auto& id : accepted) CHECK(rig.backend().ledger().effect_count(id) == 1);
  }
}

TEST_CASE(
    "A-17 C-29: a refreshed pair that finds no room is used from memory, the host is told, and the "
    "next room keeps it") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{5'000});
  rig.backend().revoke_access_tokens(Rig::user(0).id);
  rig.script(kRefresh, [&](const ScriptedTransport::Call& call) {
    rig.disk().full_after(0);  // the intent is on the disk, its answer will not be
    return rig.to_backend()(call);
  });
  const Json refreshed = rig.call(
      "documents.refresh",
      {{"entities", Json::array({Json{{"entity_type", "po"}, {"entity_id", "unknown"}}})}});
  INFO(refreshed.dump());
  CHECK(rig.network().sent(kRefresh).size() == 1);
  CHECK(rig.events("session.not_saved").size() == 1);
  CHECK(rig.session_status() == "authenticated");
  // The call went on with the new token, and was answered.
  const auto pulls = rig.network().sent(kPull);
  REQUIRE(pulls.size() >= 2);
  const auto bearer = [](const ScriptedTransport::Call& call) {
    return std::string{http::find_header(call.request.headers, "Authorization").value_or("")};
  };
  CHECK(bearer(pulls.back()) != bearer(pulls.front()));
  CHECK(rig.engine_state() == "ready");
}

}  // namespace
}  // namespace landfall::testing
