#include <chrono>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using namespace std::chrono_literals;

TEST_CASE("C-20 P-59: how long what waited for the network took to be sent is told") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(5s);
  rig.set_online(false);
  (void)rig.enqueue_requisition();
  (void)rig.enqueue_requisition();
  rig.advance(1min);
  CHECK(rig.events("outbox.drained").empty());
  rig.set_online(true);
  rig.advance(30s);
  const auto told = rig.events("outbox.drained");
  REQUIRE(told.size() == 1);
  CHECK(told[0]["done"] == true);
  CHECK(told[0]["took_ms"].get<std::int64_t>() <= 10'000);
  CHECK(told[0]["target_ms"] == 300'000);
}

TEST_CASE("C-20: a server that asks for more time than the target has is told as a missed one") {
  Rig rig;
  Json profile = Json::parse(*schema::profile("prokure"));
  profile["sync"]["drain_target_s"] = 20;
  rig.set_profile(std::move(profile));
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(5s);
  rig.set_online(false);
  (void)rig.enqueue_requisition();
  rig.script(kPush, http::Answer{http::Response{503, {{"Retry-After", "60"}}, ""}, std::nullopt});
  rig.set_online(true);
  rig.advance(30s);
  rig.unscript(kPush);
  rig.advance(60s);
  const auto told = rig.events("outbox.drained");
  REQUIRE(told.size() == 2);
  CHECK(told[0]["done"] == false);
  CHECK(told[1]["done"] == true);
  CHECK(told[1]["took_ms"] >= told[0]["took_ms"]);
  CHECK(told[1]["target_ms"] == 20'000);
}

}  // namespace
}  // namespace landfall::testing
