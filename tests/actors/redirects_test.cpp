#include <map>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "tests/actors/rig.hpp"

// Bad input, row "Redirects": whatever a 3xx says, the call is not made again elsewhere, the token
// stays with its origin, nothing is lost and nobody is logged out.
namespace landfall::testing {
namespace {

http::Answer redirect(int status, const std::string& location) {
  return {http::Response{status, {{"Location", location}}, "<html>Welcome</html>"}, std::nullopt};
}

Json first_operation(Rig& rig) {
  return rig.call("operations.list", {{"settled", true}})["result"]["operations"].at(0);
}

}  // namespace

TEST_CASE("Redirects INV-Q7: to another origin costs no attempt and says the server is away") {
  Rig rig;
  rig.boot();
  (void)rig.login();
  const int status = GENERATE(301, 302, 303, 307, 308);
  const std::string location =
      GENERATE(std::string{"http://portal.example/login"}, std::string{"//portal.example/login"},
               std::string{"https://api.prokure.example.evil/"},
               std::string{"http://api.prokure.example/api/mobile/sync/push"},
               std::string{"https://api.prokure.example:444/"});
  INFO(status << " " << location);
  rig.script(kPush, redirect(status, location));
  (void)rig.enqueue_requisition();
  rig.advance(Duration{60'000});
  CHECK(first_operation(rig)["state"] == "queued");
  CHECK(first_operation(rig)["attempts"] == 0);
  CHECK(rig.session_status() == "authenticated");
  rig.unscript(kPush);
  rig.advance(Duration{600'000});
  CHECK(first_operation(rig)["state"] == "applied");
}

TEST_CASE("Redirects: within the server is an answer that makes no sense, and is not followed") {
  Rig rig;
  rig.boot();
  (void)rig.login();
  // The second leads back to where it comes from, again and again.
  rig.script(kPush, redirect(302, GENERATE(as<std::string>{}, "/somewhere/else", kPush)));
  (void)rig.enqueue_requisition();
  rig.settle();
  CHECK(rig.network().sent(kPush).size() == 1);
  CHECK(first_operation(rig)["state"] == "unknown");
  CHECK(first_operation(rig)["attempts"] == 1);
  CHECK(rig.network().sent("/somewhere/else").empty());
  rig.unscript(kPush);
  rig.advance(Duration{60'000});
  CHECK(first_operation(rig)["state"] == "applied");
}

TEST_CASE("Redirects AUTH-1: every request that carries a token is a path of the one origin") {
  Rig rig;
  for (const char* target : {kPush, kPull, kRefresh})
    rig.script(target, redirect(307, "https://evil.example/steal"));
  rig.boot();
  (void)rig.login();
  (void)rig.enqueue_requisition();
  rig.advance(Duration{1'200'000});
  for (const auto& call : rig.network().sent()) {
    INFO(call.request.target);
    CHECK(call.request.target.starts_with("/"));
    CHECK_FALSE(call.request.target.starts_with("//"));
    CHECK(call.request.target.find("steal") == std::string::npos);
  }
}

TEST_CASE("Redirects INV-A6: of a login or a refresh end no session") {
  Rig rig;
  SECTION("login") {
    rig.script(kLogin, redirect(302, "http://portal.example/"));
    rig.boot();
    CHECK(rig.login()["error"]["code"] == "login.answer_invalid");
    rig.unscript(kLogin);
    CHECK(rig.login().contains("result"));
  }
  SECTION("refresh") {
    rig.boot();
    (void)rig.login();
    (void)rig.enqueue_requisition();
    rig.settle();
    rig.script(kRefresh, redirect(302, "http://portal.example/"));
    rig.backend().revoke_access_tokens(Rig::user(0).id);
    (void)rig.enqueue_requisition();
    rig.advance(Duration{600'000});
    CHECK(rig.session_status() == "authenticated");
    rig.unscript(kRefresh);
    rig.advance(Duration{1'200'000});
    CHECK(rig.states() == std::map<std::string, int>{{"applied", 2}});
  }
}

}  // namespace landfall::testing
