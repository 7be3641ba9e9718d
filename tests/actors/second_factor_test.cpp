#include <optional>
#include <string>
#include <utility>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"
#include "schema/limits.hpp"
#include "tests/actors/rig.hpp"

// A login that waits for its code, among the other things that a session may be doing.
namespace landfall::testing {
namespace {

constexpr const char* kVerify = "/api/auth/2fa/verify";
constexpr const char* kSend = "/api/auth/2fa/send";
constexpr Duration kChallenge{300'000};
constexpr const char* kTooLate = "000000";  // for this one the server has forgotten the challenge

Json profile() {
  Json profile = Json::parse(schema::profile("prokure").value());
  profile.merge_patch(
      {{"endpoints",
        {{"login",
          {{"reply",
            {{"challenge", "challenge.token"},
             {"challenge_methods", "challenge.methods"},
             {"challenge_expires_in_s", "challenge.expiresIn"}}}}},
         {"second_factor_login",
          {{"method", "POST"},
           {"path", kVerify},
           {"auth", "none"},
           {"offline", "no"},
           {"body", {{"token", "${challenge}"}, {"code", "${code}"}, {"method", "${method}"}}},
           {"reply",
            {{"access_token", "accessToken"},
             {"refresh_token", "refreshToken"},
             {"expires_in_s", "expiresIn"},
             {"user_id", "user.id"},
             {"user_name", "user.name"},
             {"organisation", "user.tenantId"}}}}},
         {"second_factor_send",
          {{"method", "POST"},
           {"path", kSend},
           {"auth", "none"},
           {"offline", "no"},
           {"body", {{"token", "${challenge}"}}}}}}},
       {"second_factor",
        {{"methods", {{"totp", "totp"}, {"sms", "sms"}}},
         {"errors", {{"CODE_INVALID", "wrong_code"}, {"GONE", "expired"}}}}}});
  return profile;
}

http::Answer refusal(const char* code) {
  return answer_with(401, Json{{"error", {{"code", code}, {"message", "no"}}}}.dump());
}

// A server that asks for a code while `is_closed`, whoever logs in: 123456 opens.
struct Gate {
  explicit Gate(Rig& of) : rig(of) {
    rig.set_profile(profile());
    rig.script(kLogin, [this](const auto& call) -> std::optional<http::Answer> {
      if (!is_closed) return rig.to_backend()(call);
      login = call.request;
      return answer_with(200, Json{{"challenge",
                                    {{"token", "challenge-marker"},
                                     {"methods", {"totp", "sms"}},
                                     {"expiresIn", kChallenge.count() / 1000}}}}
                                  .dump());
    });
    rig.script(kVerify, [this](const auto& call) -> std::optional<http::Answer> {
      const Json code = Json::parse(call.request.body)["code"];
      if (code == kTooLate) return refusal("GONE");
      if (code != "123456") return refusal("CODE_INVALID");
      return http::Answer{rig.backend().handle(login, rig.clock().now()), std::nullopt};
    });
    rig.script(kSend, [](const auto&) { return std::nullopt; });
  }

  // As far as the gate.
  void begin(std::size_t user = 0) {
    is_closed = true;
    REQUIRE(rig.login(user)["result"]["status"] == "twoFactor");
  }

  Rig& rig;
  bool is_closed = false;
  http::Request login;
};

Json hand_in(Rig& rig, const char* code = "123456") {
  return rig.call("session.second_factor", {{"code", code}, {"method", "totp"}});
}

Json status(Rig& rig) { return rig.call("session.status")["result"]; }

void suspend_and_resume(Rig& rig) {
  CHECK(rig.runtime().suspend(Duration{1'000}) == actors::Suspended::late);
  rig.settle();
  CHECK(rig.runtime().resume().has_value());
  rig.settle();
}

}  // namespace

TEST_CASE("A-32 INV-A7: keys that are tried again do not take a waiting login back to the start") {
  Rig rig;
  Gate gate(rig);
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.close();
  rig.set_port([](const std::string&, const Json&) { return Json{{"status", "locked"}}; });
  rig.boot();
  REQUIRE(rig.session_status() == "locked");
  gate.begin();
  rig.advance(Duration{2 * limits::kKeysRetryMs});
  CHECK(status(rig)["status"] == "twoFactor");
  rig.set_port(nullptr);
  SECTION("the code opens it") {
    CHECK(hand_in(rig)["result"]["status"] == "authenticated");
    CHECK(rig.engine_state() == "ready");
  }
  SECTION("what was locked behind it opens once nobody waits any more") {
    rig.advance(kChallenge);
    CHECK(status(rig)["status"] == "authenticated");
    CHECK(rig.engine_state() == "ready");
  }
  SECTION("a logout leaves both") {
    CHECK(rig.call("session.logout")["result"]["status"] == "unauthenticated");
  }
}

TEST_CASE("A-32: a start that ends behind a waiting login is what that login falls back to") {
  Rig rig;
  Gate gate(rig);
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.close();
  std::optional<std::int64_t> question;
  std::string value;
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    value = rig.keychain_answer(port, data).value("value", "");
    return std::nullopt;
  });
  rig.boot();
  for (const auto& message : rig.messages()) {
    if (message.contains("question")) question = message["question"].get<std::int64_t>();
  }
  REQUIRE(question);
  REQUIRE(rig.session_status() == "loading");
  rig.set_port(nullptr);
  gate.begin();
  rig.answer(*question, Json{{"status", "value"}, {"value", value}});
  rig.settle();
  CHECK(rig.engine_state() == "ready");
  CHECK(status(rig)["status"] == "twoFactor");
  rig.advance(kChallenge);
  CHECK(status(rig)["status"] == "authenticated");
}

TEST_CASE("A-32: who logs in again still waits for their code behind a suspension") {
  Rig rig;
  Gate gate(rig);
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  gate.begin();
  suspend_and_resume(rig);
  CHECK(status(rig)["status"] == "twoFactor");
  CHECK(rig.engine_state() == "ready");
  SECTION("the code opens it") {
    CHECK(hand_in(rig)["result"]["status"] == "authenticated");
    CHECK(rig.states().empty());
  }
  SECTION("without one they are where they were") {
    rig.advance(kChallenge);
    CHECK(status(rig)["status"] == "authenticated");
  }
}

TEST_CASE("A-32: a challenge of somebody else than who is logged in ends with a suspension") {
  Rig rig;
  Gate gate(rig);
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  gate.begin(1);
  suspend_and_resume(rig);
  CHECK(status(rig)["status"] == "authenticated");
  CHECK(status(rig)["user_id"] == Rig::user(0).id);
  CHECK(hand_in(rig)["error"]["code"] == "second_factor.none");
}

TEST_CASE("A-30 A-32: the late answer to a text message says nothing of a login that is decided") {
  Rig rig;
  Gate gate(rig);
  rig.boot();
  gate.begin();
  const auto message = rig.ask("session.second_factor_send");
  rig.settle();
  const auto open = rig.network().open_calls(kSend);
  REQUIRE(open.size() == 1);
  const bool opens = GENERATE(true, false);
  const Json decided = hand_in(rig, opens ? "123456" : kTooLate)["result"];
  CHECK(decided["status"] == (opens ? "authenticated" : "unauthenticated"));
  CHECK(decided.value("code", "") == (opens ? "" : "second_factor.expired"));
  rig.network().answer(open.front().number, refusal("GONE"));
  rig.settle();
  CHECK(rig.reply(message)["error"]["code"] == "session.login_abandoned");
  CHECK(status(rig) == decided);
}

TEST_CASE("A-32: a suspension amid a logout brings no challenge back over nobody") {
  for (std::uint64_t steps = 0; steps < 60; ++steps) {
    INFO("after " << steps << " steps");
    Rig rig;
    Gate gate(rig);
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    gate.begin();
    rig.shuffle(steps + 1);
    (void)rig.ask("session.logout");
    for (std::uint64_t i = 0; i < steps && rig.runtime().ready() > 0; ++i) rig.step();
    suspend_and_resume(rig);
    const bool is_somebody = rig.engine_state() == "ready";
    const Json found = status(rig);
    if (!is_somebody) CHECK(found["status"] == "unauthenticated");
    CHECK_FALSE(found.contains("code"));
  }
}

}  // namespace landfall::testing
