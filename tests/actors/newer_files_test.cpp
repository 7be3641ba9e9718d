#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "simulator/world/planted_files.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

TEST_CASE(
    "INV-S6: an older app refuses the partition of a newer one, says so, changes nothing in it, "
    "and "
    "the newer app finds everything") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{5'000});
  rig.set_online(false);
  const std::string id = rig.enqueue_requisition();
  rig.close();
  const std::string file = rig.partition_files().front();
  const auto version = world::version_of(rig.disk(), file);
  REQUIRE(version.has_value());
  REQUIRE(world::set_version(rig.disk(), file, *version + 1));
  const auto newer = rig.disk().read_file(file);

  rig.boot();
  rig.advance(Duration{60'000});
  CHECK(rig.session_status() == "locked");
  CHECK(rig.events("session.status").back()["code"] == "store.newer");
  CHECK(rig.engine_state() == "locked");
  CHECK(rig.call("operations.list").contains("error"));
  CHECK(rig.events("store.corrupt").empty());
  rig.close();
  CHECK(rig.disk().read_file(file) == newer);

  REQUIRE(world::set_version(rig.disk(), file, *version));
  rig.boot();
  rig.advance(Duration{5'000});
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.states() == std::map<std::string, int>{{"queued", 1}});
  rig.set_online(true);
  rig.advance(Duration{300'000});
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

}  // namespace
}  // namespace landfall::testing
