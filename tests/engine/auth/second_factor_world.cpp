#include "tests/engine/auth/second_factor_world.hpp"

#include <utility>

#include <catch2/catch.hpp>

#include "schema/embedded.hpp"

namespace landfall::test::second_factor {
namespace {

json endpoint(const char* path, const char* kind, json body, json reply) {
  return {{"method", "POST"},
          {"path", path},
          {"auth", kind},
          {"offline", "no"},
          {"body", std::move(body)},
          {"reply", std::move(reply)}};
}

json patch() {
  return {{"endpoints",
           {{"login",
             {{"reply",
               {{"challenge", "challenge.token"},
                {"challenge_methods", "challenge.methods"},
                {"challenge_expires_in_s", "challenge.expiresIn"},
                {"challenge_sent_to", "challenge.phone"}}}}},
            {"second_factor_login",
             endpoint("/2fa", "none",
                      {{"token", "${challenge}"}, {"code", "${code}"}, {"method", "${method}"}},
                      {{"access_token", "accessToken"},
                       {"refresh_token", "refreshToken"},
                       {"user_id", "user.id"}})},
            {"second_factor_send", endpoint("/2fa/send", "none", {{"token", "${challenge}"}},
                                            {{"challenge_sent_to", "phone"}})},
            {"second_factor_setup", endpoint("/2fa/setup", "jwt", {{"phone", "${phone_number}"}},
                                             {{"factor_url", "url"}, {"factor_key", "key"}})},
            {"second_factor_verify",
             endpoint("/2fa/verify", "jwt", {{"code", "${code}"}}, {{"backup_codes", "codes"}})}}},
          {"second_factor",
           {{"methods", {{"totp", "APP"}, {"backup_code", "PAPER"}, {"sms", "SMS"}}},
            {"errors",
             {{"CODE_INVALID", "wrong_code"},
              {"CODE_USED", "code_used"},
              {"GONE", "expired"},
              {"ENOUGH", "exhausted"},
              {"NO_SMS", "not_sent"},
              {"SLOWER", "send_wait"}}},
            {"attempts_left", "error.details.left"}}},
          {"messages", {{"second_factor.wrong_code", "That was not it."}}}};
}

}  // namespace

Profile profile_with(const json& change) {
  json whole = json::parse(schema::profile("prokure").value());
  whole.merge_patch(patch());
  whole.merge_patch(change);
  auto loaded = Profile::load(whole.dump());
  if (!loaded) FAIL(loaded.error().code << ": " << loaded.error().message);
  return std::move(*loaded);
}

std::string mistake_in(const json& change) {
  json whole = json::parse(schema::profile("prokure").value());
  whole.merge_patch(patch());
  whole.merge_patch(change);
  const auto loaded = Profile::load(whole.dump());
  return loaded ? "" : loaded.error().field.value_or("");
}

http::Answer challenge(json more) {
  json body{{"token", "challenge-marker"},
            {"methods", {"APP", "OWL", "SMS", "APP"}},
            {"expiresIn", 300},
            {"phone", "+*** 01"}};
  body.merge_patch(more);
  return respond(200, json{{"challenge", body}}.dump());
}

http::Answer welcome() {
  auto body = json::parse(pair_body("access-marker", "refresh-marker", 900));
  body["user"] = {{"id", "u-1"}};
  return respond(200, body.dump());
}

http::Answer refusal(const std::string& code, json details, int status) {
  const json error{{"code", code}, {"message", "server text"}, {"details", std::move(details)}};
  return respond(status, json{{"error", error}}.dump());
}

World::World(const json& change) : SessionWorld(profile_with(change)) {}

void World::login(const http::Answer& answer) {
  REQUIRE(session->on_login("ann@example.com", kPassword, kStart));
  const auto gate = session->on_login_answer(answer, kStart);
  REQUIRE_FALSE(gate.has_value());
  CHECK(gate.error().code == "second_factor.required");
  CHECK(session->status() == auth::AuthStatus::two_factor);
}

Result<auth::LoginCall> World::hand_in(const std::string& code, auth::FactorMethod method,
                                       Instant now) {
  return session->on_second_factor(Secret<std::string>{code}, method, now);
}

std::string World::judge(const http::Answer& answer) {
  REQUIRE(hand_in("123456"));
  CHECK(session->status() == auth::AuthStatus::loading);
  const auto result = session->on_second_factor_answer(answer, kStart);
  return result ? "" : result.error().code;
}

}  // namespace landfall::test::second_factor
