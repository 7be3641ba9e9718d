#include "engine/auth/second_factor.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "engine/auth/manage_second_factor.hpp"
#include "engine/auth/session.hpp"
#include "engine/host/second_factor_json.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/auth/second_factor_world.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::test::second_factor;
using auth::AuthStatus;
using auth::FactorMethod;
using auth::FactorTask;

TEST_CASE("A-32: a challenge in place of tokens makes the session wait for a code") {
  World world;
  world.login();
  CHECK_FALSE(world.session->user());
  const auto view = world.session->second_factor()->view();
  CHECK(view.methods == std::vector{FactorMethod::totp, FactorMethod::sms});
  CHECK(view.expires_at == kStart + std::chrono::seconds{300});
  CHECK(view.sent_to == "+*** 01");
  CHECK(host::second_factor_json(view)["methods"] == json::array({"totp", "sms"}));
  CHECK(host::second_factor_json(view).dump().find("marker") == std::string::npos);

  const auto call = world.hand_in(" 123 456 ");
  REQUIRE(call);
  CHECK(call->call.endpoint == "second_factor_login");
  CHECK(json::parse(call->call.body) ==
        json{{"token", "challenge-marker"}, {"code", "123456"}, {"method", "APP"}});
  const auto logged_in = world.session->on_second_factor_answer(welcome(), kStart);
  REQUIRE(logged_in);
  CHECK(logged_in->user.user_id == "u-1");
  CHECK(logged_in->user.email == "ann@example.com");
  CHECK(world.session->status() == AuthStatus::loading);
  world.open(logged_in->user);
  CHECK(world.session->status() == AuthStatus::authenticated);
  CHECK_FALSE(world.session->second_factor());
}

TEST_CASE(
    "A-32: where a profile knows no second factor, or no challenge came, a login is a login") {
  World world;
  REQUIRE(world.session->on_login("ann@example.com", kPassword, kStart));
  CHECK(world.session->on_login_answer(welcome(), kStart));
  CHECK_FALSE(
      auth::challenge_in(shipped_profile(), *challenge().response, "ann@example.com", kStart));
  CHECK_FALSE(auth::challenge_in(world.profile, *refusal("X").response, "ann", kStart));
  CHECK_FALSE(auth::challenge_in(world.profile, *portal_page(200).response, "ann", kStart));
}

TEST_CASE("A-32: with another status the challenge is found where the profile says") {
  World world({{"second_factor", {{"challenge_status", 403}}},
               {"endpoints", {{"login", {{"reply", {{"challenge", "error.details.token"}}}}}}}});
  world.login(refusal("MFA", {{"token", "t-1"}}, 403));
  // Without a list, all that the profile knows.
  CHECK(world.session->second_factor()->view().methods.size() == 3);
  CHECK_FALSE(world.session->second_factor()->view().expires_at);
}

TEST_CASE("A-32: a challenge that nobody can answer is an answer that makes no sense") {
  for (const json& more : {json{{"methods", {"OWL"}}}, json{{"methods", json::array()}},
                           json{{"token", 7}}, json{{"token", ""}}, json{{"token", "two words"}},
                           json{{"token", std::string(20'000, 't')}}}) {
    World world;
    REQUIRE(world.session->on_login("ann@example.com", kPassword, kStart));
    const auto result = world.session->on_login_answer(challenge(more), kStart);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == "login.answer_invalid");
    CHECK(world.session->status() == AuthStatus::unauthenticated);
  }
}

TEST_CASE("A-32: what no code looks like is refused here and costs no try") {
  World world;
  CHECK(world.hand_in("123456").error().code == "second_factor.none");
  CHECK(world.session->on_send_code(kStart).error().code == "second_factor.none");
  world.login();
  for (const char* code : {"", "12345", "1234567", "12345a", "      "}) {
    CAPTURE(code);
    CHECK(world.hand_in(code).error().code == "second_factor.malformed");
  }
  CHECK(world.hand_in("abcd-efgh", FactorMethod::backup_code).error().code ==
        "second_factor.method_unavailable");
  CHECK(world.session->status() == AuthStatus::two_factor);
  CHECK(world.hand_in("123456"));
  CHECK(world.hand_in("123456").error().code == "session.busy");
}

TEST_CASE("A-32: what a server's word means for the code and for the login") {
  struct Case {
    http::Answer answer;
    std::string code;
    AuthStatus then;
  };
  const std::vector<Case> cases = {
      {refusal("CODE_INVALID"), "second_factor.wrong_code", AuthStatus::two_factor},
      {refusal("CODE_USED"), "second_factor.code_used", AuthStatus::two_factor},
      {refusal("WHATEVER"), "second_factor.wrong_code", AuthStatus::two_factor},
      {refusal("GONE"), "second_factor.expired", AuthStatus::unauthenticated},
      {refusal("ENOUGH"), "second_factor.exhausted", AuthStatus::unauthenticated},
      {refusal("ACCOUNT_LOCKED"), "login.account_locked", AuthStatus::unauthenticated},
      {refusal("DEVICE_LIMIT", {}, 403), "device.limit", AuthStatus::unauthenticated},
      {respond(503, ""), "login.server_error", AuthStatus::two_factor},
      {respond(429, ""), "login.server_error", AuthStatus::two_factor},
      {portal_page(401), "login.answer_invalid", AuthStatus::two_factor},
      {portal_page(200), "login.answer_invalid", AuthStatus::two_factor},
      {respond(200, "{}"), "login.answer_invalid", AuthStatus::two_factor},
      {fail_with(http::TransportFailure::not_sent), "login.no_connection", AuthStatus::two_factor},
      {fail_with(http::TransportFailure::silent), "login.no_connection", AuthStatus::two_factor},
  };
  for (const auto& [answer, code, then] : cases) {
    World world;
    world.login();
    CAPTURE(code);
    CHECK(world.judge(answer) == code);
    CHECK(world.session->status() == then);
    const bool stays = then == AuthStatus::two_factor;
    CHECK(world.session->second_factor().has_value() == stays);
    CHECK(world.hand_in("654321").has_value() == stays);
  }
}

TEST_CASE("A-32: a refused code says why, and how many tries are left if the server does") {
  World world;
  world.login();
  CHECK(world.judge(refusal("CODE_INVALID", {{"left", 4}})) == "second_factor.wrong_code");
  CHECK(world.session->second_factor()->view().code == "second_factor.wrong_code");
  CHECK(world.session->second_factor()->view().attempts_left == 4);
  CHECK(world.judge(refusal("CODE_USED", {{"left", "many"}})) == "second_factor.code_used");
  CHECK_FALSE(world.session->second_factor()->view().attempts_left);
  REQUIRE(world.hand_in("123456"));
  const auto refused = world.session->on_second_factor_answer(refusal("CODE_INVALID"), kStart);
  CHECK(refused.error().message == "That was not it.");
}

TEST_CASE("A-32: a challenge runs out in time, but not under a code that is looked at") {
  World world;
  world.login();
  const Instant end = kStart + std::chrono::seconds{300};
  CHECK_FALSE(world.session->on_second_factor_time(end - Duration{1}));
  SECTION("nobody came") {
    CHECK(world.session->on_second_factor_time(end));
    CHECK(world.session->status() == AuthStatus::unauthenticated);
    CHECK_FALSE(world.session->on_second_factor_time(end));
  }
  SECTION("a code comes too late") {
    const auto late = world.hand_in("123456", FactorMethod::totp, end);
    CHECK(late.error().code == "second_factor.expired");
    CHECK(world.session->status() == AuthStatus::unauthenticated);
  }
  SECTION("a code is on its way") {
    REQUIRE(world.hand_in("123456", FactorMethod::totp, end - Duration{1}));
    CHECK_FALSE(world.session->on_second_factor_time(end));
    CHECK(world.session->on_second_factor_answer(welcome(), end));
  }
}

TEST_CASE(
    "A-32 INV-A14: a logout, another login and a new process end the wait, late answers open "
    "nothing") {
  World world;
  world.login();
  SECTION("logout") {
    REQUIRE(world.hand_in("123456"));
    REQUIRE(world.device->write(
        "test.logout", store::Durability::durable,
        [&](store::Transaction& tx) { return world.session->on_logged_out(tx); }));
  }
  SECTION("another login") {
    REQUIRE(world.session->on_login("bob@example.com", kPassword, kStart));
    CHECK(world.session->status() == AuthStatus::loading);
    REQUIRE_FALSE(world.session->on_login_answer(refusal("NO"), kStart));
  }
  SECTION("another process") { world.restart(); }
  CHECK(world.session->status() == AuthStatus::unauthenticated);
  CHECK_FALSE(world.session->second_factor());
  CHECK(world.session->on_second_factor_answer(welcome(), kStart).error().code ==
        "session.login_abandoned");
  CHECK(world.session->status() == AuthStatus::unauthenticated);
}

TEST_CASE("A-32: a login that is refused before it leaves does not end the one that waits") {
  World world;
  world.login();
  CHECK_FALSE(world.session->on_login("", kPassword, kStart));
  CHECK(world.session->status() == AuthStatus::two_factor);
  CHECK(world.hand_in("123456"));
  CHECK(world.session->on_login("bob@example.com", kPassword, kStart).error().code ==
        "session.busy");
}

TEST_CASE("A-32: a challenge that its process kept goes on behind a restart of the actors") {
  World world;
  world.login();
  const auth::Challenge kept = world.session->second_factor()->challenge();
  world.restart();
  world.session->on_challenge_kept(kept);
  CHECK(world.session->status() == AuthStatus::two_factor);
  REQUIRE(world.hand_in("123456"));
  CHECK(world.session->on_second_factor_answer(welcome(), kStart)->user.email == "ann@example.com");
}

TEST_CASE("C-14 A-32: what was wished at the login is kept over a code, also behind a restart") {
  World world;
  REQUIRE(world.session->on_login("ann@example.com", kPassword, kStart, {true, false}));
  REQUIRE_FALSE(world.session->on_login_answer(challenge(), kStart));
  SECTION("in the same actors") {}
  SECTION("in new ones") {
    const auth::Challenge kept = world.session->second_factor()->challenge();
    world.restart();
    world.session->on_challenge_kept(kept);
  }
  REQUIRE(world.hand_in("123456"));
  world.open(world.session->on_second_factor_answer(welcome(), kStart)->user);
  CHECK(world.session->remembered_email() == "ann@example.com");
}

TEST_CASE("I-29 A-32: behind the code a user of several organisations still chooses one") {
  World world{
      {{"endpoints",
        {{"second_factor_login", {{"reply", {{"organisations", "user.organisations"}}}}}}}}};
  world.login();
  REQUIRE(world.hand_in("123456"));
  auto body = json::parse(welcome().response->body);
  body["user"]["organisations"] = {{{"id", "o-1"}, {"name", "North"}},
                                   {{"id", "o-2"}, {"name", "South"}}};
  auto logged_in = world.session->on_second_factor_answer(respond(200, body.dump()), kStart);
  REQUIRE(logged_in);
  REQUIRE(auth::Session::needs_choice(*logged_in));
  world.session->on_choice_needed(std::move(*logged_in), kStart);
  CHECK(world.session->status() == AuthStatus::organization_select);
  CHECK_FALSE(world.session->second_factor());
  CHECK(world.hand_in("123456").error().code == "second_factor.none");
  CHECK_FALSE(world.session->on_second_factor_time(kStart + std::chrono::hours{1}));
  const auto chosen = world.session->on_chosen("o-2", kStart);
  REQUIRE(chosen);
  CHECK(chosen->user.partition == auth::partition_id_for("u-1", "o-2"));
}

TEST_CASE("A-32: somebody who is logged in stays so when another's second factor fails") {
  World world;
  REQUIRE(world.session->on_login("ann@example.com", kPassword, kStart));
  world.open(world.session->on_login_answer(welcome(), kStart)->user);
  world.login();
  CHECK(world.judge(refusal("ENOUGH")) == "second_factor.exhausted");
  CHECK(world.session->status() == AuthStatus::authenticated);
  world.login();
  world.session->on_reauth_required();
  CHECK(world.session->status() == AuthStatus::two_factor);
  CHECK(world.judge(refusal("GONE")) == "second_factor.expired");
  CHECK(world.session->status() == AuthStatus::reauth_required);
}

TEST_CASE("A-28 A-30: a message is asked for where the user has a number, and its fate is told") {
  World world;
  world.login();
  const auto call = world.session->on_send_code(kStart);
  REQUIRE(call);
  CHECK(call->call.endpoint == "second_factor_send");
  CHECK(json::parse(call->call.body) == json{{"token", "challenge-marker"}});
  CHECK(world.session->on_send_code_answer(respond(200, R"({"phone":"+*** 77"})"), kStart));
  CHECK(world.session->second_factor()->view().sent_to == "+*** 77");
  const auto told = [&](const http::Answer& answer) {
    return world.session->on_send_code_answer(answer, kStart).error().code;
  };
  CHECK(told(refusal("NO_SMS", {}, 422)) == "second_factor.not_sent");
  CHECK(told(refusal("SLOWER", {}, 429)) == "second_factor.send_wait");
  CHECK(told(fail_with(http::TransportFailure::not_sent)) == "login.no_connection");
  CHECK(world.session->status() == AuthStatus::two_factor);
  CHECK(told(refusal("GONE")) == "second_factor.expired");
  CHECK(world.session->status() == AuthStatus::unauthenticated);

  world.login(challenge({{"methods", {"APP"}}}));
  CHECK(world.session->on_send_code(kStart).error().code == "second_factor.method_unavailable");
}

TEST_CASE("INV-X1: neither a code nor a challenge reaches the database or an error") {
  World world;
  world.login();
  REQUIRE(world.hand_in("918273"));
  const auto refused = world.session->on_second_factor_answer(refusal("CODE_INVALID"), kStart);
  for (const char* secret : {"918273", "challenge-marker"}) {
    CHECK(refused.error().message.find(secret) == std::string::npos);
    for (const char* file : {"device.db", "device.db-wal"})
      CHECK(read_file(world.directory.file(file)).find(secret) == std::string::npos);
  }
}

TEST_CASE("A-26 A-27: turning it on asks the server and brings its secrets once") {
  const Profile profile = profile_with();
  const Secret<std::string> none;
  const auto set_up =
      auth::manage_call(profile, "device-1", {FactorTask::set_up, none, "+919800000001"});
  REQUIRE(set_up);
  CHECK(json::parse(set_up->body) == json{{"phone", "+919800000001"}});
  const auto secrets = auth::read_managed(profile, FactorTask::set_up,
                                          respond(200, R"({"url":"otpauth://x","key":"MZXW"})"));
  REQUIRE(secrets);
  CHECK(host::managed_factor_json(FactorTask::set_up, *secrets) ==
        json{{"url", "otpauth://x"}, {"manual_key", "MZXW"}});
  const auto codes = auth::read_managed(profile, FactorTask::verify,
                                        respond(200, R"({"codes":["aaaa-bbbb","cccc-dddd"]})"));
  REQUIRE(codes);
  CHECK(host::managed_factor_json(FactorTask::verify, *codes)["backup_codes"].size() == 2);
}

TEST_CASE("A-26 A-29 A-32: what management says when it does not come about") {
  const Profile profile = profile_with();
  const Secret<std::string> none;
  const auto called = [&](const Profile& with, FactorTask task, const std::string& number) {
    return auth::manage_call(with, "device-1", {task, none, number}).error().code;
  };
  CHECK(called(profile, FactorTask::set_up, "98000") == "second_factor.phone_invalid");
  CHECK(called(profile, FactorTask::disable, "") == "second_factor.off");
  CHECK(called(shipped_profile(), FactorTask::set_up, "") == "second_factor.off");
  const auto told = [&](const http::Answer& answer) {
    return auth::read_managed(profile, FactorTask::verify, answer).error().code;
  };
  CHECK(told(refusal("CODE_INVALID", {}, 400)) == "second_factor.wrong_code");
  CHECK(told(refusal("CODE_USED", {}, 400)) == "second_factor.code_used");
  CHECK(told(refusal("ALREADY", {}, 400)) == "second_factor.refused");
  CHECK(told(respond(500, "")) == "second_factor.server_error");
  CHECK(told(fail_with(http::TransportFailure::not_sent)) == "network.not_sent");
  CHECK(told(fail_with(http::TransportFailure::no_session)) == "network.no_session");
  CHECK(told(fail_with(http::TransportFailure::silent)) == "second_factor.unknown");
  CHECK(told(portal_page(200)) == "second_factor.answer_invalid");
  CHECK(told(respond(200, R"({"codes":"none"})")) == "second_factor.answer_invalid");
  CHECK(told(respond(200, R"({"codes":["a\u0007b"]})")) == "second_factor.answer_invalid");
}

TEST_CASE("A profile's second factor names all that a login with one needs") {
  CHECK(mistake_in(json::object()).empty());
  CHECK(mistake_in({{"endpoints", {{"second_factor_login", nullptr}}}}) ==
        "endpoints.second_factor_login");
  CHECK(mistake_in({{"endpoints", {{"second_factor_send", nullptr}}}}) ==
        "endpoints.second_factor_send");
  CHECK(mistake_in({{"endpoints", {{"login", {{"reply", {{"challenge", nullptr}}}}}}}}) !=
        std::string{});
  CHECK(mistake_in({{"endpoints", {{"second_factor_setup", {{"auth", "none"}}}}}}) ==
        "endpoints.second_factor_setup.auth");
  CHECK(mistake_in({{"second_factor", {{"errors", {{"CODE_INVALID", "sometimes"}}}}}}) ==
        "second_factor.errors.CODE_INVALID");
  CHECK(mistake_in({{"second_factor", {{"methods", {{"owl", "OWL"}}}}}}) ==
        "second_factor.methods.owl");
  CHECK(mistake_in({{"second_factor", {{"code_digits", 3}}}}) == "second_factor.code_digits");
  for (const char* name : {"second_factor_login", "second_factor_send"}) {
    CHECK(mistake_in({{"endpoints", {{name, {{"body", nullptr}}}}}}) ==
          "endpoints." + std::string{name} + ".body");
  }
  for (const char* name : {"second_factor_login", "second_factor_send", "second_factor_setup",
                           "second_factor_verify", "login", "logout"}) {
    CHECK(mistake_in({{"endpoints", {{name, {{"body", {{"x", "${entity_ids}"}}}}}}}}) ==
          "endpoints." + std::string{name} + ".body");
  }
}

TEST_CASE("The interface marks what a reply about a second factor must not leave behind") {
  const json replies = json::parse(schema::api_json()).at("replies");
  CHECK(replies["second_factor.setup"]["url"]["type"] == "secret");
  CHECK(replies["second_factor.setup"]["manual_key"]["type"] == "secret");
  CHECK(replies["second_factor.verify"]["backup_codes"][0]["type"] == "secret");
  CHECK(replies["second_factor.backup_codes"]["backup_codes"][0]["type"] == "secret");
}
