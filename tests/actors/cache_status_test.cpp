#include <catch2/catch.hpp>

#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using namespace std::chrono_literals;

Json tier(Rig& rig, int number) {
  const Json reply = rig.call("cache.status");
  INFO(reply.dump());
  REQUIRE(reply.contains("result"));
  const Json& tiers = reply["result"]["tiers"];
  REQUIRE(tiers.size() == 2);
  return tiers[static_cast<std::size_t>(number - 1)];
}

}  // namespace

TEST_CASE("P-33 P-34: cache.status says what each tier holds, and documents come and go in it") {
  Rig rig;
  rig.boot();
  CHECK(rig.call("cache.status")["error"]["code"] == "engine.locked");
  REQUIRE(rig.login(0).contains("result"));
  rig.advance(5s);
  const auto pinned = rig.backend().tier1_documents(Rig::user(0).id).size();
  REQUIRE(pinned > 0);
  CHECK(tier(rig, 1)["documents"] == pinned);
  CHECK(tier(rig, 1)["bytes"] > 0);
  CHECK(tier(rig, 1)["bytes_max"] == 5'242'880);
  CHECK(tier(rig, 2)["documents"] == 0);

  std::string order;
  for (const auto& document : rig.backend().documents()) {
    if (document.key.type == "po") order = document.key.id;
  }
  const Json refreshed =
      rig.call("documents.refresh",
               {{"entities", Json::array({Json{{"entity_type", "po"}, {"entity_id", order}}})}});
  REQUIRE(refreshed.contains("result"));
  const Json status = tier(rig, 2);
  CHECK(status["documents"] == 1);
  CHECK(
      rig.call("documents.query", {{"type", "po"}, {"id", order}})["result"]["documents"].size() ==
      1);
  rig.close();
  rig.boot();
  CHECK(tier(rig, 2) == status);
  CHECK(tier(rig, 1)["documents"] == pinned);
  CHECK(rig.events("cache.tier_full").empty());
}

}  // namespace landfall::testing
