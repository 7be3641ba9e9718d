#include "engine/auth/token_reply.hpp"

#include "engine/auth/token_lifecycle.hpp"
#include "schema/limits.hpp"
#include "tests/engine/auth/model_server.hpp"
#include "tests/engine/auth/phone.hpp"
#include "tests/engine/json_mutations.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace landfall;
using namespace landfall::test;

namespace {

std::string pair_body_without_life(const std::string& access) {
  return R"({"accessToken":")" + access + R"(","refreshToken":"r"})";
}

Error pair_error(const std::string& body) {
  const auto pair = pair_in(shipped_profile(), "refresh", body);
  REQUIRE_FALSE(pair.has_value());
  return pair.error();
}

}  // namespace

TEST_CASE("P-7 P-8: a pair is read by the profile's paths") {
  const auto pair = pair_in(shipped_profile(), "refresh", pair_body("a.b.c", "r", 900));
  REQUIRE(pair.has_value());
  CHECK(pair->access.reveal() == "a.b.c");
  CHECK(pair->refresh.reveal() == "r");
  CHECK(pair->access_lifetime == Duration{900'000});
}

TEST_CASE(
    "I-11 INV-A10: an absolute expiry is a lifetime by the clock of the server that names it: the "
    "answer's Date, else the token's iat") {
  Profile profile = shipped_profile();
  auto& reply = profile.endpoints.at("refresh").reply;
  reply.erase("expires_in_s");
  reply["expires_at"] = "tokenExpiry";
  const auto lifetime = [&](const std::string& access, const std::string& expiry,
                            http::Headers headers) {
    const std::string body =
        R"({"accessToken":")" + access + R"(","refreshToken":"r","tokenExpiry":)" + expiry + "}";
    const auto pair =
        auth::parse_token_pair(profile, "refresh", http::Response{200, std::move(headers), body});
    REQUIRE(pair.has_value());
    return pair->access_lifetime;
  };
  // {"alg":"HS256"} . {"exp":1500,"iat":600}
  const std::string jwt = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE1MDAsImlhdCI6NjAwfQ.c2ln";
  const std::string expiry = R"("1970-01-01T00:20:00Z")";
  const http::Headers date{{"Date", "Thu, 01 Jan 1970 00:15:00 GMT"}};
  CHECK(lifetime(jwt, expiry, date) == Duration{300'000});
  CHECK(lifetime(jwt, expiry, {}) == Duration{600'000});
  CHECK(lifetime("opaque", expiry, date) == Duration{300'000});
  // A server that does not say what time it is says nothing about a lifetime.
  CHECK(lifetime("opaque", expiry, {}) == Duration{0});
  // What is over already, or is no time, is no lifetime; the token's own word is left.
  CHECK(lifetime("opaque", R"("1970-01-01T00:10:00Z")", date) == Duration{0});
  CHECK(lifetime(jwt, R"("tomorrow")", date) == Duration{900'000});
  CHECK(lifetime(jwt, "17", date) == Duration{900'000});
  CHECK(lifetime("opaque", R"("9999-01-01T00:00:00Z")", date) ==
        Duration{limits::kAccessLifetimeMsMax});
}

TEST_CASE(
    "INV-A10: without expiresIn the life is exp - iat of the token, whatever the clocks say") {
  // {"alg":"HS256"} . {"exp":1500,"iat":600}
  const auto pair =
      pair_in(shipped_profile(), "refresh",
              pair_body_without_life("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE1MDAsImlhdCI6NjAwfQ.c2ln"));
  REQUIRE(pair.has_value());
  CHECK(pair->access_lifetime == Duration{900'000});
}

TEST_CASE("A reply without a proper pair names the field and never the value") {
  const auto [body, code, field] = GENERATE(table<std::string, std::string, std::string>({
      {R"({"refreshToken":"r-marker"})", "field.missing", "refresh.access_token"},
      {R"({"accessToken":"a-marker"})", "field.missing", "refresh.refresh_token"},
      {R"({"accessToken":null,"refreshToken":"r-marker"})", "field.missing",
       "refresh.access_token"},
      {R"({"accessToken":["a-marker"],"refreshToken":"r-marker"})", "field.type",
       "refresh.access_token"},
      {R"({"accessToken":"a-marker\n","refreshToken":"r-marker"})", "field.range",
       "refresh.access_token"},
      {R"({"accessToken":"a-märker","refreshToken":"r-marker"})", "field.range",
       "refresh.access_token"},
      {R"({"accessToken":"a-marker","refreshToken":""})", "field.range", "refresh.refresh_token"},
  }));
  const auto error = pair_error(body);
  CHECK(error.code == code);
  CHECK(error.field == field);
  CHECK(error.message.find("marker") == std::string::npos);
}

TEST_CASE("A token beyond 16 KiB and a reply that is no JSON are refused") {
  CHECK(pair_error(pair_body(std::string(16 * 1024 + 1, 'a'), "r", 900)).code == "field.range");
  CHECK(pair_in(shipped_profile(), "refresh", pair_body(std::string(16 * 1024, 'a'), "r", 900)));
  CHECK(pair_error("<html>").code == "json.invalid");
  CHECK(pair_error("").code == "json.invalid");
  CHECK(pair_error(std::string(100, '[')).code == "json.too_deep");
  CHECK(pair_error(std::string(300 * 1024, ' ')).code == "json.too_large");
}

TEST_CASE("A reply with any one place wrong is refused without its tokens, or is a pair of use") {
  const Json valid{{"accessToken", std::string("a-") + kMarker},
                   {"refreshToken", std::string("r-") + kMarker},
                   {"expiresIn", 900}};
  int refused = 0;
  int taken = 0;
  for (const MutatedJson& mutated : mutations_of(valid)) {
    INFO(mutated.what);
    const auto pair = pair_in(shipped_profile(), "refresh", mutated.text);
    if (!pair) {
      ++refused;
      check_safe(pair.error());
      continue;
    }
    ++taken;
    CHECK_FALSE(pair->access.reveal().empty());
    CHECK_FALSE(pair->refresh.reveal().empty());
    for (const char c : pair->access.reveal() + pair->refresh.reveal())
      REQUIRE((c > 0x20 && c < 0x7f));
    CHECK(pair->access_lifetime >= Duration{0});
    CHECK(pair->access_lifetime <= Duration{limits::kAccessLifetimeMsMax});
  }
  CHECK(refused > 50);
  CHECK(taken > 20);
}

TEST_CASE("INV-A6: only 400 or 401 in our error shape is definitive") {
  const Profile profile = shipped_profile();
  const std::string ours = R"({"error":{"code":"INVALID_GRANT","message":"no","details":{}}})";
  CHECK(auth::is_definitive_refusal(profile, respond(400, ours)));
  CHECK(auth::is_definitive_refusal(profile, respond(401, ours)));
  for (const int status : {200, 302, 403, 404, 408, 410, 426, 429, 500, 503}) {
    CHECK_FALSE(auth::is_definitive_refusal(profile, respond(status, ours)));
  }
  for (const std::string& body :
       {std::string{}, std::string{"<html>"}, std::string{"{}"}, std::string{"[]"},
        std::string{R"({"error":"no"})"}, std::string{R"({"error":{"code":""}})"},
        std::string{R"({"code":"INVALID_GRANT"})"}, ours.substr(0, 30)}) {
    CAPTURE(body);
    CHECK_FALSE(auth::is_definitive_refusal(profile, respond(401, body)));
  }
  CHECK_FALSE(auth::is_definitive_refusal(profile, fail_with(http::TransportFailure::silent)));
}
