#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

constexpr const char* kAtStart = "Thu, 01 Jan 2026 00:00:00 GMT";  // as the rig's clock
constexpr const char* kTwoDaysOn = "Sat, 03 Jan 2026 00:00:00 GMT";

// The backend's pulls, whose server says that it is this late.
void let_server_say(Rig& rig, const std::string& date) {
  rig.script(kPull, [&rig, date](const ScriptedTransport::Call& call) {
    auto answer = rig.to_backend()(call);
    answer->response->headers.emplace_back("Date", date);
    return answer;
  });
}

bool is_suspect(Rig& rig) { return rig.call("engine.status")["result"]["clock_suspect"]; }

}  // namespace

TEST_CASE("Clock / zone: a clock that is days away from the server's is told, and ends nothing") {
  Rig rig;
  rig.boot();
  CHECK_FALSE(is_suspect(rig));
  let_server_say(rig, kTwoDaysOn);
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{10'000});
  CHECK(is_suspect(rig));
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.engine_state() == "ready");
  // A server that agrees takes the doubt away.
  let_server_say(rig, kAtStart);
  REQUIRE(rig.call("sync.now").contains("result"));
  rig.advance(Duration{10'000});
  CHECK_FALSE(is_suspect(rig));
}

}  // namespace landfall::testing
