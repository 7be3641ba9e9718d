#include "simulator/oracles/calls_in_flight.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;
using http::TransportFailure;

namespace {

struct Calls : oracles::Stage {
  oracles::CallsInFlight oracle;
  Calls() { watch(oracle); }

  http::Request decide(const std::string& approval) {
    return send("/api/mobile/approvals/" + approval + "/approve", Json::object(),
                {{"Idempotency-Key", "op-" + approval}});
  }
  std::size_t found() { return violations("INV-Q5").size(); }
};

}  // namespace

TEST_CASE("INV-Q5 oracle: one push at a time; the next when it is answered or its time is over") {
  Calls calls;
  const auto first = calls.push({"a"});
  SECTION("beside it") {
    calls.push({"b"}, {"a2"});
    CHECK(calls.found() == 1);
  }
  SECTION("answered") {
    calls.answer(first, 500);
    calls.push({"a"});
    CHECK(calls.found() == 0);
  }
  SECTION("silent") {
    calls.wait(30'000);
    calls.push({"b"}, {"a2"});
    CHECK(calls.found() == 0);
  }
  SECTION("its actors are others, behind a sync that failed") {
    calls.world.observe_event(calls.phone, "engine.state", Json{{"state", "opening"}});
    calls.push({"a"});
    CHECK(calls.found() == 0);
  }
  SECTION("it left in the instant in which its actors died") {
    calls.world.observe_event(calls.phone, "engine.state", Json{{"state", "opening"}});
    calls.push({"a"});
    calls.world.observe_event(calls.phone, "engine.state", Json{{"state", "ready"}});
    calls.wait(5'000);
    calls.push({"a"});
    CHECK(calls.found() == 0);
  }
  SECTION("the process is another") {
    calls.world.observe_crash(calls.phone, false);
    calls.push({"a"});
    CHECK(calls.found() == 0);
  }
}

TEST_CASE("INV-Q5 oracle: four calls of endpoints beside a push, and no lane in two calls") {
  Calls calls;
  calls.push({"a"});
  std::vector<http::Request> open;
  for (const char* approval : {"a2", "a3", "a4", "a5"}) open.push_back(calls.decide(approval));
  CHECK(calls.found() == 0);
  SECTION("a fifth") {
    calls.decide("a6");
    CHECK(calls.found() == 1);
  }
  SECTION("a fifth when one is over") {
    calls.answer(open.front(), TransportFailure::silent);
    calls.decide("a6");
    CHECK(calls.found() == 0);
  }
  SECTION("a lane of the push") {
    calls.answer(open.front(), 200);
    calls.decide("a1");
    CHECK(calls.found() == 1);
  }
}

TEST_CASE("INV-Q5 oracle: another organisation's outbox has a push of its own, and one only") {
  oracles::Stage stage("ims");
  oracles::CallsInFlight oracle;
  stage.watch(oracle);
  const auto push = [&](const char* organisation, const char* id) {
    const Json operation{{"id", id}, {"entity_type", "quick_sale"}, {"entity_id", "same"}};
    stage.send(stage.routes().push, Json{{"operations", Json::array({operation})}},
               {{"X-Organization-Id", organisation}});
  };
  push("north", "a");
  push("south", "b");
  CHECK(stage.violations("INV-Q5").empty());
  push("south", "c");
  CHECK(stage.violations("INV-Q5").size() == 2);
}
