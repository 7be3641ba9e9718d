#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "schema/embedded.hpp"
#include "schema/limits.hpp"
#include "simulator/scenario/damage.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

constexpr const char* kBallast = "/phone/ballast";

void fill(Rig& rig) { rig.disk().limit(rig.disk().used_bytes()); }

// Logged in, with a ballast on the disk and without a network.
void settle_down(Rig& rig) {
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{5'000});
  REQUIRE(rig.disk().read_file(kBallast)->size() == limits::kBallastBytes);
  rig.set_online(false);
}

TEST_CASE("the ballast is made soon after the start, and not again by the next") {
  Rig rig;
  settle_down(rig);
  rig.close();
  const std::vector<std::uint8_t> marked(limits::kBallastBytes, 'x');
  rig.disk().write_file(kBallast, marked);
  rig.boot();
  rig.advance(Duration{5'000});
  CHECK(rig.disk().read_file(kBallast) == marked);
}

TEST_CASE("P-21: what the disk has no room for is not told as stored, as long as that lasts") {
  Rig rig;
  settle_down(rig);
  fill(rig);
  const auto said = [&](int number) {
    return rig.call("device.update",
                    {{"push_token", std::string(4'000, 'a') + std::to_string(number)}});
  };
  Json reply;
  int number = 0;
  while (!reply.contains("error") && number < 200) reply = said(++number);
  CHECK(reply["error"]["code"] == "storage.full");
  CHECK(said(++number)["error"]["code"] == "storage.full");
  rig.disk().limit(rig.disk().used_bytes() + 64 * limits::kBallastBytes);
  rig.advance(Duration{2 * limits::kStorageRetryMs});
  CHECK(said(++number).contains("result"));
}

TEST_CASE(
    "INV-S3: with 0 bytes free an enqueue is refused before it is acknowledged, and everything "
    "that was accepted drains, by the room of the ballast") {
  Rig rig;
  settle_down(rig);
  std::vector<std::string> accepted;
  for (int i = 0; i < 120; ++i) accepted.push_back(rig.enqueue_requisition());
  fill(rig);
  CHECK(rig.call("operations.enqueue", rig.new_requisition())["error"]["code"] == "storage.full");
  // A refusal alone is no reason to give the ballast up.
  CHECK(rig.disk().read_file(kBallast).has_value());
  rig.set_online(true);
  rig.advance(Duration{300'000});
  INFO(Json(rig.events("engine.state")).dump());
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 120}});
  for (const auto& id : accepted) CHECK(rig.backend().ledger().effect_count(id) == 1);
  CHECK_FALSE(rig.disk().read_file(kBallast).has_value());
  CHECK(rig.events("storage.low").back()["low"] == true);
  CHECK(rig.engine_state() == "ready");

  // The room is not for new work, but what was accepted is still said to be.
  Json again = rig.new_requisition();
  CHECK(rig.call("operations.enqueue", again)["error"]["code"] == "storage.full");
  again["id"] = accepted.front();
  CHECK(rig.call("operations.enqueue", again)["error"]["code"] == "operation.id_reused");
  rig.disk().limit(std::nullopt);
  rig.advance(Duration{limits::kStorageRetryMs + 1'000});
  CHECK(rig.events("storage.low").back()["low"] == false);
  CHECK(rig.disk().read_file(kBallast)->size() == limits::kBallastBytes);
  CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
}

TEST_CASE(
    "INV-S3: what drains for long on a full disk leaves the file room to grow: its log is moved "
    "before that has taken the whole ballast") {
  Rig rig;
  // One operation a call: each writes its answer into the log, hundreds of times.
  Json profile = Json::parse(*schema::profile("prokure"));
  profile["sync"]["batch_operations_max"] = 1;
  rig.set_profile(std::move(profile));
  settle_down(rig);
  constexpr int kOperations = 400;
  std::vector<std::string> accepted;
  for (int i = 0; i < kOperations; ++i) accepted.push_back(rig.enqueue_requisition());
  fill(rig);
  rig.set_online(true);
  rig.advance(Duration{600'000});
  CHECK(rig.states() == std::map<std::string, int>{{"applied", kOperations}});
  for (const auto& id : accepted) CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE("INV-S3: a process that dies while the disk is full goes on draining in its next life") {
  for (int steps = 0; steps < 120; steps += 5) {
    Rig rig;
    settle_down(rig);
    std::vector<std::string> accepted;
    for (int i = 0; i < 5; ++i) accepted.push_back(rig.enqueue_requisition());
    fill(rig);
    rig.set_online(true);
    for (int i = 0; i < steps; ++i) {
      if (rig.runtime().ready() > 0) {
        rig.step();
      } else {
        rig.advance(Duration{2'000});
      }
    }
    INFO("killed after " << steps << " steps");
    rig.kill();
    rig.boot();
    rig.advance(Duration{600'000});
    CHECK(rig.states() == std::map<std::string, int>{{"applied", 5}});
    for (const auto& id : accepted) CHECK(rig.backend().ledger().effect_count(id) == 1);
    CHECK(rig.engine_state() == "ready");
  }
}

TEST_CASE("a pull waits while the disk is low and fills the cache when there is room") {
  Rig rig;
  settle_down(rig);
  (void)rig.enqueue_requisition();
  fill(rig);
  rig.set_online(true);
  rig.advance(Duration{120'000});
  REQUIRE(rig.events("storage.low").back()["low"] == true);
  const std::string created = rig.backend().create_approval(rig.clock().now(), Rig::user(0).id);
  const Json query{{"type", "approval"}, {"id", created}};
  (void)rig.call("sync.now");
  rig.advance(Duration{60'000});
  CHECK(rig.call("documents.query", query)["result"]["documents"].empty());
  rig.disk().limit(std::nullopt);
  rig.advance(Duration{120'000});
  (void)rig.call("sync.now");
  rig.advance(Duration{10'000});
  CHECK(rig.call("documents.query", query)["result"]["documents"].size() == 1);
}

TEST_CASE(
    "INV-S3: a store that must be written anew waits for the room, ballast or no ballast, and the "
    "engine says so and goes on") {
  Rig rig;
  settle_down(rig);
  const std::string operation = rig.enqueue_requisition();
  rig.close();
  REQUIRE(rig.disk().erase_file(kBallast));
  std::string state = "opening";
  SECTION("device.db") {
    // The registrations' table, the youngest: nobody reads it in order to open the file.
    constexpr const char* kDevice = "/phone/device.db";
    REQUIRE(rig.disk().flip_bit(kDevice, (rig.disk().read_file(kDevice)->size() - 500) * 8));
  }
  SECTION("a partition") {
    state = "locked";
    REQUIRE(scenario::damage_table(rig.disk(), "documents"));
  }
  constexpr std::uint64_t kTooLittle = 24 * 1024;
  rig.disk().limit(rig.disk().used_bytes() + kTooLittle);
  rig.boot();
  (void)rig.call("documents.query", {{"type", "approval"}});
  rig.advance(Duration{600'000});
  INFO(Json(rig.events("engine.state")).dump() << Json(rig.events("session.status")).dump());
  CHECK(rig.engine_state() == state);
  const std::string event = state == "opening" ? "engine.state" : "session.status";
  CHECK(rig.events(event).back()["code"] == "storage.full");
  CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("error"));
  rig.disk().limit(std::nullopt);
  rig.advance(Duration{2 * limits::kStorageRetryMs});
  CHECK(rig.events("store.corrupt").size() == 1);
  rig.set_online(true);
  rig.advance(Duration{60'000});
  CHECK(rig.engine_state() == "ready");
  CHECK(rig.backend().ledger().effect_count(operation) == 1);
}

TEST_CASE("a disk that has no room for a ballast accepts nothing, by name") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  rig.disk().limit(rig.disk().used_bytes() + limits::kBallastBytes);
  CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
  rig.advance(Duration{5'000});
  CHECK(rig.events("storage.low").back()["low"] == true);
  CHECK(rig.call("operations.enqueue", rig.new_requisition())["error"]["code"] == "storage.full");
}

}  // namespace
}  // namespace landfall::testing
