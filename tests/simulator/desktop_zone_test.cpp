#include "simulator/zones/desktop_zone.hpp"

#include <fstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "tests/source_tree.hpp"

using namespace landfall;

// Only what lies behind: governments change what lies ahead, and the machine's database may be
// newer than the tables.
TEST_CASE("INV-T1: a desktop's zones are those of Python's zoneinfo, change by change") {
  std::ifstream file{testing::source_tree() + "/tests/engine/notify/golden/quiet_hours.json"};
  const Json tables = Json::parse(file);
  const Instant end{1'767'225'600'000};  // 2026
  std::size_t compared = 0;
  for (const Json& entry : tables.at("zones")) {
    const Zone golden = Zone::parse(entry.at("zone")).value();
    INFO(golden.name());
    const auto zone = zones::desktop_zone(golden.name());
    REQUIRE(zone);
    CHECK(zone->name() == golden.name());
    for (const Json& change : entry.at("zone").at("transitions")) {
      const Instant at{change[0].get<std::int64_t>() * 1000};
      if (at >= end) break;
      for (const Instant near : {at - Duration{1}, at, at + Duration{1}}) {
        CHECK(zone->offset_at(near) == golden.offset_at(near));
        ++compared;
      }
    }
  }
  CHECK(compared > 300);
}

TEST_CASE("what is no name of a zone is refused, whatever it points to") {
  for (const char* bad : {"", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "asia/kolkata",
                          "Asia/Kolkata ", "zone.tab"}) {
    INFO(bad);
    const auto zone = zones::desktop_zone(bad);
    REQUIRE_FALSE(zone);
    CHECK(zone.error().code == "zone.unknown");
  }
  CHECK_FALSE(zones::desktop_zone(std::string(10'000, 'x')));
  CHECK(zones::desktop_zone("UTC").value() == Zone::utc());
}

TEST_CASE("a zone of the desktop survives the port zone.read") {
  const Zone zone = zones::desktop_zone("America/New_York").value();
  CHECK(Zone::parse(zone.to_json()).value() == zone);
}
