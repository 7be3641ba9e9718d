#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "tests/actors/rig.hpp"

// Bad input, row "JWT": to the engine an access token is opaque. Whatever it looks like, it is
// sent as it is, grants nothing by itself, and is exchanged when the server refuses it.
namespace landfall::testing {
namespace {

std::string base64url(const std::string& text) {
  std::string encoded = to_base64(std::as_bytes(std::span(text)));
  std::replace(encoded.begin(), encoded.end(), '+', '-');
  std::replace(encoded.begin(), encoded.end(), '/', '_');
  encoded.erase(encoded.find_last_not_of('=') + 1);
  return encoded;
}

std::string token_of(const std::string& claims, const std::string& header = R"({"alg":"HS256"})") {
  return base64url(header) + "." + base64url(claims) + ".c2ln";
}

std::vector<std::pair<std::string, std::string>> odd_tokens() {
  return {
      {"opaque", "opaque-token"},
      {"one dot", "a.b"},
      {"three dots", "a.b.c.d"},
      {"four dots", "a.b.c.d.e"},
      {"empty parts", ".."},
      {"padded", "eyJhbGciOiJIUzI1NiJ9.e30=.c2ln"},
      {"standard base64", "ab+/.ab+/.ab+/"},
      {"alg none", token_of(R"({"iat":1700000000,"exp":1700000900})", R"({"alg":"none"})")},
      {"exp as text", token_of(R"({"iat":1,"exp":"2"})")},
      {"exp as float", token_of(R"({"iat":1,"exp":2.5})")},
      {"exp below zero", token_of(R"({"iat":0,"exp":-5})")},
      {"exp 1e18", token_of(R"({"iat":1,"exp":1e18})")},
      {"exp missing", token_of(R"({"iat":1})")},
      {"exp before iat", token_of(R"({"iat":2,"exp":1})")},
      {"nested", token_of(R"({"iat":1,"exp":2,"x":)" + std::string(1'000, '[') +
                          std::string(1'000, ']') + "}")},
      {"issued in the future", token_of(R"({"iat":4102444800,"exp":4102445700})")},
      {"of another user", token_of(R"({"sub":")" + Rig::user(1).id +
                                   R"(","roles":["admin"],"iat":1700000000,"exp":1700000900})")},
  };
}

// The backend's own login, but for the token, and without a word on how long that lives.
void give_token(Rig& rig, const std::string& token) {
  rig.script(kLogin, [&rig, token](const ScriptedTransport::Call& call) {
    auto answer = rig.to_backend()(call);
    Json body = Json::parse(answer->response->body);
    body["accessToken"] = token;
    body.erase("expiresIn");
    answer->response->body = body.dump();
    return answer;
  });
}

bool was_sent(Rig& rig, const std::string& token) {
  const auto calls = rig.network().sent();
  return std::any_of(calls.begin(), calls.end(), [&](const ScriptedTransport::Call& call) {
    return http::header_text(call.request.headers, "Authorization") == "Bearer " + token;
  });
}

}  // namespace

TEST_CASE("JWT: a token of any form is sent as it is, and exchanged when it is refused") {
  for (const auto& [what, token] : odd_tokens()) {
    INFO(what);
    Rig rig;
    give_token(rig, token);
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    CHECK(rig.events("session.status").back()["user_id"] == Rig::user(0).id);
    (void)rig.enqueue_requisition();
    rig.advance(Duration{60'000});
    CHECK(rig.session_status() == "authenticated");
    CHECK(was_sent(rig, token));
    CHECK(rig.network().sent(kRefresh).size() == 1);
    CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
  }
}

TEST_CASE("JWT: a token that is too large for any header ends no session, it begins none") {
  Rig rig;
  rig.boot();
  for (const std::size_t bytes : {std::size_t{20} * 1024, std::size_t{1024} * 1024}) {
    INFO(bytes);
    give_token(rig, std::string(bytes, 'a'));
    CHECK(rig.login().contains("error"));
    CHECK(rig.session_status() == "unauthenticated");
    rig.unscript(kLogin);
    CHECK(rig.login().contains("result"));
    CHECK(rig.call("session.logout").contains("result"));
  }
}

}  // namespace landfall::testing
