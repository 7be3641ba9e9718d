#include "simulator/oracles/holds_nothing.hpp"

#include "tests/simulator/oracles/stage.hpp"
#include "tests/simulator/sqlite_session.hpp"

namespace landfall::oracles {
namespace {

struct Watched : Stage {
  Watched() { watch(oracle); }

  HoldsNothing oracle;
};

}  // namespace

TEST_CASE("INV-S8 oracle: a phone that lets go in time, sleeps and goes on is fine") {
  Watched stage;
  (void)stage.push({"op1"});
  stage.world.observe_suspend(stage.phone);
  (void)stage.push({"op1"});  // on its way there it may still send
  stage.wait(900);
  stage.world.observe_suspended(stage.phone);
  stage.wait(3'600'000);
  stage.world.observe_resume(stage.phone);
  (void)stage.push({"op1"});
  world::SqliteSession session(stage.phone.disk(), "/phone/device.db");
  CHECK(stage.violations("INV-S8").empty());
}

TEST_CASE("INV-S8 oracle: a file that is still open and a directory that is locked are named") {
  Watched stage;
  world::SqliteSession session(stage.phone.disk(), "/phone/device.db");
  REQUIRE(session.run("CREATE TABLE a(b)") == SQLITE_OK);
  const auto lock = stage.phone.disk().lock_directory("/phone");
  stage.world.observe_suspend(stage.phone);
  stage.world.observe_suspended(stage.phone);
  const auto found = stage.violations("INV-S8");
  REQUIRE(found.size() == 2);
  CHECK(found[0].find("/phone/device.db") != std::string::npos);
  CHECK(found[1].find("/phone/lock") != std::string::npos);
}

TEST_CASE("INV-S8 oracle: a write and a send while it is suspended are seen") {
  Watched stage;
  stage.world.observe_suspend(stage.phone);
  stage.world.observe_suspended(stage.phone);
  SECTION("a write") {
    world::SqliteSession session(stage.phone.disk(), "/phone/device.db");
    REQUIRE(session.run("CREATE TABLE a(b)") == SQLITE_OK);
    stage.world.observe_resume(stage.phone);
  }
  SECTION("a send") { (void)stage.push({"op1"}); }
  SECTION("a socket") {
    stage.world.observe_socket(stage.phone, {"GET", "/hubs/permissions", {}, ""});
  }
  CHECK(stage.violations("INV-S8").size() == 1);
}

TEST_CASE("INV-S8 oracle: a second without the engine's word is too long, unless it went on") {
  Watched stage;
  stage.world.observe_suspend(stage.phone);
  stage.wait(200);
  SECTION("nothing is said") {
    stage.wait(2'000);
    CHECK(stage.violations("INV-S8").size() == 1);
  }
  SECTION("it was resumed first") {
    stage.world.observe_resume(stage.phone);
    stage.wait(2'000);
    CHECK(stage.violations("INV-S8").empty());
  }
  SECTION("it died first") {
    stage.world.observe_crash(stage.phone, false);
    stage.wait(2'000);
    CHECK(stage.violations("INV-S8").empty());
  }
}

}  // namespace landfall::oracles
