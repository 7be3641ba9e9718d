#include <map>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using States = std::map<std::string, int>;

// What a server in trouble, a portal or an attacker answers.
std::vector<std::pair<std::string, http::Answer>> bad_answers() {
  return {
      {"HTML", answer_with(200, "<html><body>Welcome to the portal</body></html>", "text/html")},
      {"HTML said to be JSON", answer_with(200, "<html></html>")},
      {"nothing", answer_with(200, "")},
      {"204", answer_with(204, "")},
      {"half a body, unnoticed", answer_with(200, R"({"results":[{"id":"0198)")},
      {"half a body, noticed", answer_with(http::TransportFailure::cut)},
      {"16 MB", answer_with(200, std::string(16 * 1024 * 1024, 'x'))},
      {"another object", answer_with(200, R"({"ok":true})")},
      {"a list", answer_with(200, "[1,2,3]")},
      {"deep", answer_with(200, std::string(10'000, '['))},
      {"HTML with 401", answer_with(401, "<html>log in</html>", "text/html")},
      {"HTML with 500", answer_with(500, "<html>oops</html>", "text/html")},
      {"a redirect", answer_with(302, "")},
  };
}

TEST_CASE(
    "bad answers to a push: nothing is lost, nobody is logged out, and it is applied once when "
    "the server is well") {
  for (const auto& [what, answer] : bad_answers()) {
    INFO(what);
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.advance(Duration{2'000});
    rig.script(kPush, answer);
    const std::string id = rig.enqueue_requisition();
    rig.advance(Duration{4'000});
    const auto states = rig.states();
    INFO(Json(states).dump());
    CHECK(states.count("applied") + states.count("rejected") + states.count("conflict") == 0);
    CHECK(rig.network().sent(kPush).size() >= 1);
    CHECK(rig.session_status() == "authenticated");
    CHECK(rig.engine_state() == "ready");
    rig.unscript(kPush);
    rig.advance(Duration{300'000});
    CHECK(rig.states() == States{{"applied", 1}});
    CHECK(rig.backend().ledger().effect_count(id) == 1);
  }
}

TEST_CASE(
    "bad answers to a pull: what is stored stands, and the pull goes on when the server is "
    "well") {
  for (const auto& [what, answer] : bad_answers()) {
    INFO(what);
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.advance(Duration{5'000});
    const auto count = [&] {
      return rig.call("documents.query", {{"type", "approval"}})["result"]["documents"].size();
    };
    const auto before = count();
    REQUIRE(before > 0);
    rig.script(kPull, answer);
    (void)rig.call("sync.now");
    const Json refresh = rig.call(
        "documents.refresh",
        {{"entities", Json::array({Json{{"entity_type", "po"}, {"entity_id", "unknown"}}})}});
    INFO(refresh.dump());
    rig.advance(Duration{60'000});
    CHECK(refresh.contains("error"));
    CHECK(count() == before);
    CHECK(rig.session_status() == "authenticated");
    CHECK(rig.engine_state() == "ready");
    rig.unscript(kPull);
    (void)rig.backend().create_approval(rig.clock().now());
    rig.advance(Duration{900'000});
    CHECK(count() == before + 1);
  }
}

TEST_CASE(
    "bad answers to a login: a clear error, the form is open again, and the next login works") {
  for (const auto& [what, answer] : bad_answers()) {
    INFO(what);
    Rig rig;
    rig.boot();
    rig.script(kLogin, answer);
    const Json refused = rig.login();
    INFO(refused.dump());
    REQUIRE(refused.contains("error"));
    const std::string code = refused["error"]["code"];
    CHECK((code == "login.answer_invalid" || code == "login.server_error" ||
           code == "login.no_connection"));
    CHECK(rig.session_status() == "unauthenticated");
    rig.unscript(kLogin);
    CHECK(rig.login().contains("result"));
  }
}

TEST_CASE(
    "bad answers to a refresh: nobody is logged out, nothing is lost, and it is repeated with "
    "the same id (INV-A6)") {
  for (const auto& [what, answer] : bad_answers()) {
    INFO(what);
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.advance(Duration{5'000});
    rig.script(kRefresh, answer);
    rig.backend().revoke_access_tokens(Rig::user(0).id);
    const std::string id = rig.enqueue_requisition();
    rig.advance(Duration{100'000});
    const auto refreshes = rig.network().sent(kRefresh);
    REQUIRE(refreshes.size() >= 2);
    CHECK(refreshes.size() <= 5);
    for (const auto& call : refreshes) {
      CHECK(http::find_header(call.request.headers, "X-Refresh-Id") ==
            http::find_header(refreshes.front().request.headers, "X-Refresh-Id"));
    }
    CHECK(rig.session_status() == "authenticated");
    CHECK(rig.engine_state() == "ready");
    CHECK(rig.states().count("applied") == 0);
    rig.unscript(kRefresh);
    rig.advance(Duration{600'000});
    CHECK(rig.states() == States{{"applied", 1}});
    CHECK(rig.backend().ledger().effect_count(id) == 1);
    CHECK(rig.session_status() == "authenticated");
  }
}

TEST_CASE(
    "C-4: what is enqueued while a refresh waits out a 503 stays queued, waits for no login, and "
    "leaves behind it") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{5'000});
  rig.script(kRefresh,
             http::Answer{http::Response{503, {{"Retry-After", "60"}}, ""}, std::nullopt});
  rig.backend().revoke_access_tokens(Rig::user(0).id);
  (void)rig.ask("sync.now");
  rig.settle();
  REQUIRE(rig.network().sent(kRefresh).size() == 1);

  const std::string id = rig.enqueue_requisition();
  rig.advance(Duration{10'000});
  CHECK(rig.states() == States{{"queued", 1}});
  const Json explained = rig.call("operations.explain", {{"id", id}})["result"];
  CHECK(explained["would_help"] == "wait");
  CHECK(explained["causes"].back() == "session.renewing");
  CHECK(explained["operation"]["attempts"] == 0);
  CHECK(rig.network().sent(kPush).empty());
  CHECK(rig.network().sent(kRefresh).size() == 1);

  rig.unscript(kRefresh);
  rig.advance(Duration{60'000});
  CHECK(rig.states() == States{{"applied", 1}});
  CHECK(rig.backend().ledger().effect_count(id) == 1);
  CHECK(rig.network().sent(kRefresh).size() == 2);
}

}  // namespace
}  // namespace landfall::testing
