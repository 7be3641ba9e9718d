#include <cstddef>
#include <string>

#include <catch2/catch.hpp>

#include "schema/limits.hpp"
#include "simulator/scenario/damage.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

// Enough for every table of both files.
constexpr Duration kRound{limits::kFileCheckQuietMs + 60 * limits::kFileCheckPauseMs};

void log_in(Rig& rig) {
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  (void)rig.enqueue_requisition();
  rig.advance(Duration{20'000});
  rig.set_online(false);
}

}  // namespace

TEST_CASE("INV-S4: damage that nobody meets is found within a day, and nothing accepted is lost") {
  Rig rig;
  log_in(rig);
  const std::string waiting = rig.enqueue_requisition();
  rig.advance(kRound);
  rig.close();
  // Read by nobody before somebody attaches a file.
  REQUIRE(scenario::damage_table(rig.disk(), "attachments"));
  rig.boot();
  rig.advance(kRound);
  CHECK(rig.events("store.corrupt").empty());
  rig.advance(Duration{limits::kFileCheckIntervalMs});
  REQUIRE(rig.events("store.corrupt").size() == 1);
  CHECK(rig.events("store.corrupt").front()["lost"] == 0);
  CHECK(rig.engine_state() == "ready");
  rig.set_online(true);
  rig.advance(Duration{60'000});
  CHECK(rig.backend().ledger().effect_count(waiting) == 1);
}

TEST_CASE("a file is looked through once a day, whoever starts and ends in between") {
  Rig rig;
  log_in(rig);
  rig.advance(kRound);
  // The note goes into the file with the next write.
  (void)rig.enqueue_requisition();
  rig.close();
  REQUIRE(scenario::damage_table(rig.disk(), "attachments"));
  for (int i = 0; i < 5; ++i) {
    rig.boot();
    rig.advance(kRound);
    CHECK(rig.events("store.corrupt").empty());
    rig.close();
  }
}

}  // namespace landfall::testing
