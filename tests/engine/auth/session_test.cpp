#include "engine/auth/session.hpp"

#include "engine/profile/profile.hpp"
#include "engine/store/database.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/auth/model_server.hpp"
#include "tests/engine/auth/session_world.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <memory>

using namespace landfall;
using namespace landfall::test;
using auth::AuthStatus;

namespace {

struct World : SessionWorld {
  World() : SessionWorld(shipped_profile()) {}
};

http::Answer welcome(const std::string& user_id = "u-1", const std::string& organisation = "t-1") {
  auto body = nlohmann::json::parse(pair_body("access-marker", "refresh-marker", 900));
  body["user"] = {{"id", user_id}, {"name", "Ann"}, {"tenantId", organisation}};
  return respond(200, body.dump());
}

http::Answer error_answer(int status, const std::string& code) {
  return respond(status,
                 R"({"error":{"code":")" + code + R"(","message":"server text","details":{}}})");
}

}  // namespace

TEST_CASE(
    "P-6: a login is one call with email, password, device and platform, and opens the user") {
  World world;
  CHECK(world.session->status() == AuthStatus::unauthenticated);
  const auto call = world.session->on_login("ann@example.com", kPassword, kStart);
  REQUIRE(call.has_value());
  CHECK(call->call.endpoint == "login");
  CHECK(nlohmann::json::parse(call->call.body) == nlohmann::json{{"email", "ann@example.com"},
                                                                 {"password", "password-marker"},
                                                                 {"device_id", "device-1"},
                                                                 {"platform", "ANDROID"}});
  const auto logged_in = world.session->on_login_answer(welcome(), kStart);
  REQUIRE(logged_in.has_value());
  CHECK(logged_in->user.user_id == "u-1");
  CHECK(logged_in->user.organisation == "t-1");
  CHECK(logged_in->user.email == "ann@example.com");
  CHECK(logged_in->user.partition == auth::partition_id_for("u-1", "t-1"));
  CHECK(logged_in->tokens.refresh.reveal() == "refresh-marker");
  // Nothing is durable before the keys and the tokens are.
  CHECK(world.session->status() == AuthStatus::loading);
  CHECK_FALSE(world.session->user());

  world.open(logged_in->user);
  CHECK(world.session->status() == AuthStatus::authenticated);
  world.restart();
  CHECK(world.session->status() == AuthStatus::loading);
  REQUIRE(world.session->user());
  CHECK(world.session->user()->partition == logged_in->user.partition);
  world.session->on_restored();
  CHECK(world.session->status() == AuthStatus::authenticated);
}

TEST_CASE("JWT INV-A13: who has logged in is the server's reply, whoever its token names") {
  World world;
  // {"alg":"HS256"} . {"exp":1500,"iat":600,"sub":"u-2"}
  const std::string theirs =
      "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE1MDAsImlhdCI6NjAwLCJzdWIiOiJ1LTIifQ.c2ln";
  auto body = nlohmann::json::parse(pair_body(theirs, "refresh-marker", 900));
  body["user"] = {{"id", "u-1"}, {"name", "Ann"}, {"tenantId", "t-1"}};
  const auto logged_in = world.login(respond(200, body.dump()));
  REQUIRE(logged_in);
  CHECK(logged_in->user.user_id == "u-1");
  CHECK(logged_in->user.partition == auth::partition_id_for("u-1", "t-1"));
  CHECK(logged_in->record.claims.empty());
  // And where the reply does not say it, the token's word is not taken for it.
  body.erase("user");
  world.restart();
  const auto nobody = world.login(respond(200, body.dump()));
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().code == "login.answer_invalid");
}

TEST_CASE("I-4: empty fields are refused before anything leaves, and named") {
  World world;
  const auto no_email = world.session->on_login(" ", kPassword, kStart);
  REQUIRE_FALSE(no_email.has_value());
  CHECK(no_email.error().code == "login.email_missing");
  CHECK(no_email.error().field == "params.email");
  CHECK(no_email.error().message == "Email is required");
  const auto no_password =
      world.session->on_login("ann@example.com", Secret<std::string>{}, kStart);
  REQUIRE_FALSE(no_password.has_value());
  CHECK(no_password.error().code == "login.password_missing");
  CHECK(no_password.error().field == "params.password");
  CHECK(no_password.error().message == "Password is required");
  CHECK(world.session->status() == AuthStatus::unauthenticated);
}

TEST_CASE("I-8 I-9 I-10 C-26: what an answer to a login says to the user") {
  struct Case {
    http::Answer answer;
    std::string code;
    ErrorClass kind;
    std::string text;
  };
  const std::string wrong = "Invalid email or password";
  const std::string later = "Something went wrong. Please try again later.";
  const std::string offline = "No internet connection. Please check your network.";
  const std::vector<Case> cases = {
      {error_answer(401, "INVALID_CREDENTIALS"), "login.invalid_credentials", ErrorClass::auth,
       wrong},
      {error_answer(400, "VALIDATION"), "login.invalid_credentials", ErrorClass::auth, wrong},
      {error_answer(401, "ACCOUNT_LOCKED"), "login.account_locked", ErrorClass::refused,
       "Your account is locked. Please try again in 15 minutes."},
      {error_answer(423, "NOPE"), "login.account_locked", ErrorClass::refused,
       "Your account is locked. Please try again in 15 minutes."},
      {fail_with(http::TransportFailure::not_sent), "login.no_connection", ErrorClass::wait_network,
       offline},
      {fail_with(http::TransportFailure::silent), "login.no_connection", ErrorClass::transient,
       offline},
      {fail_with(http::TransportFailure::cut), "login.answer_invalid", ErrorClass::transient,
       later},
      {fail_with(http::TransportFailure::too_large), "login.answer_invalid", ErrorClass::transient,
       later},
      {respond(500, ""), "login.server_error", ErrorClass::transient, later},
      {respond(429, ""), "login.server_error", ErrorClass::transient, later},
      {error_answer(403, "DEVICE_LIMIT"), "device.limit", ErrorClass::refused, "server text"},
      {portal_page(401), "login.answer_invalid", ErrorClass::transient, later},
      {portal_page(200), "login.answer_invalid", ErrorClass::transient, later},
      {respond(200, "{}"), "login.answer_invalid", ErrorClass::transient, later},
      {respond(200, pair_body("access-marker", "refresh-marker", 900)), "login.answer_invalid",
       ErrorClass::transient, later},
      {welcome(""), "login.answer_invalid", ErrorClass::transient, later},
      {welcome(std::string(257, 'u')), "login.answer_invalid", ErrorClass::transient, later},
      {welcome("u\n1"), "login.answer_invalid", ErrorClass::transient, later},
  };
  for (const auto& [answer, code, kind, text] : cases) {
    World world;
    const auto result = world.login(answer);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == code);
    CHECK(result.error().kind == kind);
    CHECK(result.error().message == text);
    CHECK(result.error().message.find("marker") == std::string::npos);
    CHECK(world.session->status() == AuthStatus::unauthenticated);
    CHECK(world.session->on_login("ann@example.com", kPassword, kStart));
  }
}

TEST_CASE(
    "A second login while one is under way is busy, also between the answer and the opened "
    "partition") {
  World world;
  REQUIRE(world.session->on_login("ann@example.com", kPassword, kStart));
  const auto second = world.session->on_login("bob@example.com", kPassword, kStart);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == "session.busy");
  const auto logged_in = world.session->on_login_answer(welcome(), kStart);
  REQUIRE(logged_in.has_value());
  CHECK(logged_in->user.email == "ann@example.com");
  CHECK_FALSE(world.session->on_login("bob@example.com", kPassword, kStart));
  CHECK_FALSE(world.session->on_login_answer(welcome(), kStart));
  world.session->on_login_abandoned();
  CHECK(world.session->status() == AuthStatus::unauthenticated);
  CHECK(world.session->on_login("bob@example.com", kPassword, kStart));
}

TEST_CASE("INV-A14: an answer that comes after a logout logs nobody in") {
  World world;
  REQUIRE(world.session->on_login("ann@example.com", kPassword, kStart));
  world.log_out();
  CHECK(world.session->status() == AuthStatus::unauthenticated);
  const auto late = world.session->on_login_answer(welcome(), kStart);
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().code == "session.login_abandoned");
  CHECK(world.session->status() == AuthStatus::unauthenticated);
}

TEST_CASE(
    "I-26: behind a logout nobody is active, what the server said of the user is gone and the row "
    "stays") {
  World world;
  world.open(world.login(welcome())->user);
  auth::UserRecord record;
  record.name = "Ann";
  world.session->on_record(record);
  CHECK(world.session->shown_record().name == "Ann");

  world.log_out();
  CHECK(world.session->status() == AuthStatus::unauthenticated);
  CHECK_FALSE(world.session->user());
  CHECK_FALSE(world.session->record());
  world.restart();
  CHECK(world.session->status() == AuthStatus::unauthenticated);
  const auto rows = world.device->read(
      [](const store::Snapshot& snapshot) -> Result<std::optional<std::int64_t>> {
        LANDFALL_TRY_ASSIGN(store::Rows found,
                            snapshot.select("SELECT count(*) FROM sessions WHERE user_id = 'u-1'"));
        return found.first([](const store::Rows& row) { return row.integer(0); });
      });
  CHECK(rows.value() == 1);
}

TEST_CASE(
    "C-22: another user's login switches the active row, and coming back finds the same "
    "partition") {
  World world;
  world.open(world.login(welcome("u-1"))->user);
  const auto ann = world.session->user()->partition;
  world.open(world.login(welcome("u-2"))->user);
  CHECK(world.session->user()->user_id == "u-2");
  CHECK(world.session->user()->partition != ann);
  world.restart();
  CHECK(world.session->user()->user_id == "u-2");
  world.open(world.login(welcome("u-1"))->user);
  world.restart();
  CHECK(world.session->user()->partition == ann);
}

TEST_CASE("A failed login of somebody who is logged in changes nothing for them") {
  World world;
  world.open(world.login(welcome())->user);
  CHECK_FALSE(world.login(error_answer(401, "INVALID_CREDENTIALS"), {}, "bob@example.com"));
  CHECK(world.session->status() == AuthStatus::authenticated);
  CHECK(world.session->user()->user_id == "u-1");
}

TEST_CASE(
    "INV-A6 INV-A7: refused tokens and a locked keychain lose neither the user nor a login under "
    "way") {
  World world;
  world.open(world.login(welcome())->user);
  world.session->on_reauth_required();
  CHECK(world.session->status() == AuthStatus::reauth_required);
  CHECK(world.session->user()->user_id == "u-1");
  CHECK_FALSE(world.login(respond(500, "")));
  CHECK(world.session->status() == AuthStatus::reauth_required);
  world.open(world.login(welcome())->user);
  CHECK(world.session->status() == AuthStatus::authenticated);

  world.restart();
  world.session->on_keys_unavailable();
  CHECK(world.session->status() == AuthStatus::locked);
  REQUIRE(world.session->on_login("ann@example.com", kPassword, kStart));
  world.session->on_keys_unavailable();
  CHECK(world.session->status() == AuthStatus::loading);
  world.session->on_login_abandoned();
  CHECK(world.session->status() == AuthStatus::locked);
}

TEST_CASE("INV-X1: a password never reaches the database or an error") {
  World world;
  world.open(world.login(welcome())->user);
  const auto busy = world.session->on_login("", kPassword, kStart);
  CHECK(busy.error().message.find("marker") == std::string::npos);
  const auto bytes = read_file(world.directory.file("device.db")) +
                     read_file(world.directory.file("device.db-wal"));
  CHECK(bytes.find("u-1") != std::string::npos);
  CHECK(bytes.find("marker") == std::string::npos);
}

TEST_CASE(
    "The name of a partition is the same on every phone and differs by user and organisation") {
  CHECK(to_text(auth::partition_id_for("u-1", "t-1")) ==
        to_text(auth::partition_id_for("u-1", "t-1")));
  CHECK(auth::partition_id_for("u-1", "t-1") != auth::partition_id_for("u-1", "t-2"));
  CHECK(auth::partition_id_for("ab", "c") != auth::partition_id_for("a", "bc"));
  CHECK(auth::partition_id_for("u-1", "") != auth::partition_id_for("u-", "1"));
  CHECK(to_text(auth::partition_id_for("u-1", "t-1")) == "02bfb9d4-a630-8f86-8736-73d19b84139b");
}

TEST_CASE("I-39: the host reads the seeds' words") {
  CHECK(to_string(AuthStatus::initial) == "initial");
  CHECK(to_string(AuthStatus::loading) == "loading");
  CHECK(to_string(AuthStatus::authenticated) == "authenticated");
  CHECK(to_string(AuthStatus::unauthenticated) == "unauthenticated");
  CHECK(to_string(AuthStatus::biometric_prompt) == "biometricPrompt");
  CHECK(to_string(AuthStatus::organization_select) == "organizationSelect");
  CHECK(to_string(AuthStatus::locked) == "locked");
  CHECK(to_string(AuthStatus::two_factor) == "twoFactor");
  CHECK(to_string(AuthStatus::reauth_required) == "reauthRequired");
}
