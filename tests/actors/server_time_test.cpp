#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using namespace std::chrono_literals;

// The backend's answers to pulls, with its clock that far behind the phone's.
ScriptedTransport::Script with_clock_behind(Rig& rig, Duration behind) {
  return [&rig, behind, ask = rig.to_backend()](const ScriptedTransport::Call& call) {
    auto answer = ask(call);
    if (answer && answer->response && answer->response->status == 200) {
      Json body = Json::parse(answer->response->body);
      body["server_time"] = format_rfc3339(rig.clock().now() - behind);
      answer->response->body = body.dump();
    }
    return answer;
  };
}

// A verdict that says neither what the server has nor its time.
std::optional<http::Answer> bare_conflict(const ScriptedTransport::Call& call) {
  Json results = Json::array();
  const Json body = Json::parse(call.request.body);
  for (const Json& operation : body.at("operations"))
    results.push_back({{"id", operation.at("id")}, {"status", "conflict"}});
  return answer_with(200, Json{{"results", std::move(results)}}.dump());
}

}  // namespace

TEST_CASE("P-29: `newer` goes by the server's time that a pull told, whichever clock is ahead") {
  const bool is_behind = GENERATE(false, true);
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(5s);
  const Json made = rig.new_requisition();
  REQUIRE(rig.call("operations.enqueue", made).contains("result"));
  rig.advance(10s);
  const EntityKey entity{"pr", made["entity_id"].get<std::string>()};
  REQUIRE(rig.backend().edit_as_other(entity, {{"title", "Gravel"}}, rig.clock().now()));

  // Ten minutes later by the phone's clock, which may be an hour ahead of the server's.
  rig.script(kPush, bare_conflict);
  rig.script(kPull, with_clock_behind(rig, is_behind ? Duration{1h} : Duration{0}));
  rig.advance_clock(10min);
  Json edit = made;
  edit["id"] = rig.make_id();
  edit["action"] = "update";
  edit["payload"] = {{"title", "Sand"}};
  REQUIRE(rig.call("operations.enqueue", edit).contains("result"));
  rig.advance(2s);
  // What supersedes it meets the same server.
  auto told = rig.events("conflict.changed");
  std::erase_if(told, [&](const Json& each) { return each["id"] != edit["id"]; });
  REQUIRE_FALSE(told.empty());
  CHECK(told.back()["state"] == (is_behind ? "kept_theirs" : "merged"));
}

}  // namespace landfall::testing
