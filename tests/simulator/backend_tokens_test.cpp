#include <unistd.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "simulator/backend/database.hpp"
#include "simulator/backend/jwt.hpp"
#include "tests/simulator/backend_client.hpp"

namespace landfall::backend {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Fixture {
  explicit Fixture(RefreshMode mode = RefreshMode::grace) : server(with(mode)), phone(server) {
    REQUIRE(phone.login().status == 200);
  }

  static BackendOptions with(RefreshMode mode) {
    BackendOptions options;
    options.refresh_mode = mode;
    return options;
  }

  // Whether the access token of a pair still opens anything.
  bool opens(const Reply& pair) {
    Client other(server);
    other.access = pair.body["accessToken"].get<std::string>();
    return other.call("GET", "/api/mobile/dashboard").status == 200;
  }

  [[nodiscard]] const Ledger& ledger() const { return server.backend->ledger(); }

  Server server;
  Client phone;
};

std::string refresh_of(const Reply& reply) { return reply.body["refreshToken"].get<std::string>(); }

TEST_CASE("Tokens: a login gives a pair, a lifetime and the user (P-6, P-7)") {
  Server server;
  Client phone(server);
  const Reply reply = phone.login();
  REQUIRE(reply.status == 200);
  CHECK(reply.body["expiresIn"] == 900);
  CHECK(reply.body["tokenType"] == "Bearer");
  CHECK(reply.body["user"]["email"] == "asha@prokure.example");
  CHECK(reply.body["user"]["id"] == phone.user_id());
  CHECK(reply.body["user"]["tenantId"].is_string());
  CHECK(phone.call("GET", "/api/mobile/dashboard").status == 200);
}

TEST_CASE(
    "Tokens: a wrong password and an unknown user get the same 401 in the error shape (P-6)") {
  Server server;
  Client phone(server);
  const auto attempt = [&](const char* email, const char* password) {
    return phone.post("/api/auth/login",
                      {{"email", email}, {"password", password}, {"device_id", "device-1"}});
  };
  const Reply wrong = attempt("asha@prokure.example", "guess");
  const Reply unknown = attempt("nobody@prokure.example", "guess");
  CHECK(wrong.status == 401);
  CHECK(wrong.error_code() == "invalid_credentials");
  CHECK(wrong.body == unknown.body);
  CHECK(attempt("ASHA@prokure.example", "asha-pass-1").status == 200);
}

TEST_CASE("Tokens: a user works on at most three devices (P-19)") {
  Server server;
  for (const char* device : {"device-1", "device-2", "device-3"}) {
    CHECK(Client(server, device).login().status == 200);
  }
  const Reply fourth = Client(server, "device-4").login();
  CHECK(fourth.status == 403);
  CHECK(fourth.error_code() == "DEVICE_LIMIT");
  CHECK(Client(server, "device-2").login().status == 200);
  CHECK(Client(server, "device-4", 1).login().status == 200);
  const std::string user = Backend::seed_users().front().id;
  CHECK_FALSE(server.backend->forget_device(user, "device-4"));
  CHECK(server.backend->forget_device(user, "device-1"));
  CHECK(Client(server, "device-4").login().status == 200);
}

TEST_CASE("Tokens: how many devices a user may have is the backend's option (P-19, C-17)") {
  BackendOptions options;
  options.devices_max = 1;
  Server server(options);
  CHECK(Client(server, "device-1").login().status == 200);
  CHECK(Client(server, "device-2").login().error_code() == "DEVICE_LIMIT");
}

TEST_CASE("Tokens: HS256 gives the signature of RFC 7515, appendix A.1") {
  const unsigned char key[] = {3,   35,  53,  75,  43,  15,  165, 188, 131, 126, 6,   101, 119,
                               123, 166, 143, 90,  179, 40,  230, 240, 84,  201, 40,  169, 15,
                               132, 178, 210, 80,  46,  191, 211, 251, 90,  146, 210, 6,   71,
                               239, 150, 138, 180, 195, 119, 98,  61,  34,  61,  46,  33,  114,
                               5,   46,  79,  8,   192, 205, 154, 245, 103, 208, 128, 163};
  const std::string text =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0"
      "dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  CHECK(hs256(text, {reinterpret_cast<const char*>(key), sizeof key}) ==
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

TEST_CASE("Tokens: without its signing secret a backend that has served does not start (A-18)") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("landfall-secret-" + std::to_string(::getpid()) + ".db");
  std::filesystem::remove(path);
  SeededSecureRandom random{std::array<std::byte, 32>{}};
  const auto open = [&] {
    BackendOptions options;
    options.database_path = path.string();
    const auto opened = Backend::open(std::move(options), random, kStart);
    return opened ? std::string{} : opened.error().code;
  };
  CHECK(open().empty());
  CHECK(open().empty());
  for (const std::string& wrong : {std::string{}, std::string{"00"}, std::string(64, 'x')}) {
    BackendDatabase(path.string()).set_meta("jwt_key", wrong);
    CHECK(open() == "backend.configuration");
  }
  {
    BackendDatabase database(path.string());
    Query(database, "DELETE FROM meta WHERE key = 'jwt_key'").run();
  }
  CHECK(open() == "backend.configuration");
  for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + ending);
}

TEST_CASE("Tokens: an altered, foreign or unsigned access token is a 401 in the error shape") {
  Fixture f;
  const std::string good = f.phone.access;
  const std::size_t payload = good.find('.') + 1;
  const std::string token =
      GENERATE_COPY(std::string{}, std::string{"x"}, std::string{".."},
                    good.substr(0, good.size() - 1), good + "A",
                    // {"alg":"none","typ":"JWT"} in front of the same payload, without a signature
                    "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." +
                        good.substr(payload, good.rfind('.') - payload) + ".",
                    std::string(10'000, 'a'));
  f.phone.access = token;
  const Reply reply = f.phone.call("GET", "/api/mobile/dashboard");
  CHECK(reply.status == 401);
  CHECK(reply.error_code() == (token.empty() ? "missing_token" : "invalid_token"));
  CHECK(reply.body["error"].contains("message"));
  CHECK(reply.body["error"]["details"].is_object());
}

TEST_CASE("Tokens: every route with an access token answers 401 without one (P-16)") {
  Server server;
  Client phone(server);
  for (const char* path :
       {"/api/mobile/dashboard", "/api/mobile/approvals", "/api/mobile/notifications"}) {
    CHECK(phone.call("GET", path).status == 401);
  }
  for (const char* path :
       {"/api/mobile/sync/push", "/api/mobile/sync/pull", "/api/mobile/sync/receipts",
        "/api/mobile/device/register", "/api/mobile/approvals/x/approve",
        "/api/mobile/approvals/x/reject", "/api/mobile/auth/logout"}) {
    CHECK(phone.post(path, Json::object()).status == 401);
  }
}

TEST_CASE("Tokens: an access token lives fifteen minutes (P-7)") {
  Fixture f;
  f.server.now = kStart + minutes{15} - Duration{1};
  CHECK(f.phone.call("GET", "/api/mobile/dashboard").status == 200);
  f.server.now = kStart + minutes{15};
  CHECK(f.phone.call("GET", "/api/mobile/dashboard").error_code() == "token_expired");
}

TEST_CASE("Tokens: an access token is refused from another device") {
  Fixture f;
  f.phone.device_id = "device-2";
  CHECK(f.phone.call("GET", "/api/mobile/dashboard").error_code() == "invalid_token");
}

TEST_CASE("Tokens: a refresh rotates the pair (P-8, P-18)") {
  Fixture f;
  const std::string old_refresh = f.phone.refresh;
  const std::string old_access = f.phone.access;
  REQUIRE(f.phone.keep(f.phone.exchange(f.phone.refresh, "intent-1")).status == 200);
  CHECK(f.phone.refresh != old_refresh);
  CHECK(f.phone.access != old_access);
  REQUIRE(f.phone.keep(f.phone.exchange(f.phone.refresh, "intent-2")).status == 200);
  CHECK(f.ledger().refreshes().size() == 2);
  CHECK(f.ledger().refreshes()[1].outcome == RefreshOutcome::rotated);
  CHECK(f.ledger().refreshes()[1].generation == 2);
}

TEST_CASE("Tokens: a refresh token lives seven days (P-8)") {
  Fixture f;
  f.server.now = kStart + hours{24 * 7};
  const Reply reply = f.phone.exchange(f.phone.refresh);
  CHECK(reply.status == 401);
  CHECK(reply.error_code() == "invalid_grant");
  CHECK(f.ledger().refreshes().back().reason == "expired");
  CHECK(f.ledger().revocations().empty());
}

TEST_CASE(
    "Tokens: grace and until_used answer a repeated X-Refresh-Id with the same successor "
    "(INV-A3)") {
  Fixture f(GENERATE(RefreshMode::grace, RefreshMode::until_used));
  const std::string token = f.phone.refresh;
  const Reply first = f.phone.exchange(token, "intent-1");
  const Reply again = f.phone.exchange(token, "intent-1");
  CHECK(again.status == 200);
  CHECK(again.body["refreshToken"] == first.body["refreshToken"]);
  CHECK(again.body["accessToken"] == first.body["accessToken"]);
  CHECK(f.ledger().refreshes().back().outcome == RefreshOutcome::repeated);
  CHECK(f.ledger().refreshes().back().reason == "same_id");

  // However late, and even when the successor was used: it is the same intent.
  CHECK(f.opens(first));
  f.server.now = kStart + hours{2};
  const Reply late = f.phone.exchange(token, "intent-1");
  CHECK(late.body["refreshToken"] == first.body["refreshToken"]);
  CHECK(f.opens(late));
  CHECK(f.ledger().revocations().empty());
  CHECK(f.ledger().concurrent_refreshes().empty());
}

TEST_CASE(
    "Tokens: an intent that was given the successor by a repetition is answered again as well, "
    "however late (INV-A3)") {
  Fixture f(GENERATE(RefreshMode::grace, RefreshMode::until_used));
  const std::string token = f.phone.refresh;
  const Reply first = f.phone.exchange(token, "intent-1");
  const Reply second = f.phone.exchange(token, "intent-2");
  CHECK(refresh_of(second) == refresh_of(first));
  CHECK(f.opens(second));
  f.server.now = kStart + hours{2};
  const auto intent = GENERATE(as<std::string>{}, "intent-1", "intent-2");
  const Reply late = f.phone.exchange(token, intent);
  REQUIRE(late.status == 200);
  CHECK(refresh_of(late) == refresh_of(first));
  CHECK(f.ledger().refreshes().back().reason == "same_id");
  CHECK(f.ledger().revocations().empty());
  CHECK(f.phone.exchange(token, "intent-3").error_code() == "invalid_grant");
  CHECK(f.ledger().revocations()[0].cause == "reuse");
}

TEST_CASE("Tokens: grace honours the previous token from the same device for 30 s (INV-A3)") {
  Fixture f(RefreshMode::grace);
  const std::string token = f.phone.refresh;
  const Reply first = f.phone.exchange(token, "intent-1");
  CHECK(f.opens(first));
  f.server.now = kStart + seconds{30};
  const Reply again = f.phone.exchange(token, "intent-2");
  CHECK(again.status == 200);
  CHECK(refresh_of(again) == refresh_of(first));
  CHECK(f.ledger().refreshes().back().reason == "grace");

  f.server.now = kStart + seconds{30} + Duration{1};
  CHECK(f.phone.exchange(token, "intent-3").error_code() == "invalid_grant");
  REQUIRE(f.ledger().revocations().size() == 1);
  CHECK(f.ledger().revocations()[0].cause == "reuse");
  CHECK_FALSE(f.opens(first));
  CHECK(f.phone.exchange(refresh_of(first), "intent-4").error_code() == "invalid_grant");
}

TEST_CASE("Tokens: grace ends when the successor was itself exchanged") {
  Fixture f(RefreshMode::grace);
  const std::string token = f.phone.refresh;
  const Reply first = f.phone.exchange(token);
  REQUIRE(f.phone.exchange(refresh_of(first)).status == 200);
  CHECK(f.phone.exchange(token).status == 401);
  CHECK(f.ledger().revocations()[0].cause == "reuse");
}

TEST_CASE(
    "Tokens: until_used honours the old token for days while its successor is unused (INV-A3)") {
  Fixture f(RefreshMode::until_used);
  const std::string token = f.phone.refresh;
  const Reply first = f.phone.exchange(token, "intent-1");
  f.server.now = kStart + hours{24 * 3};
  const Reply again = f.phone.exchange(token, "intent-2");
  CHECK(again.status == 200);
  CHECK(refresh_of(again) == refresh_of(first));
  CHECK(f.ledger().refreshes().back().reason == "until_used");
  CHECK(f.opens(again));  // the access token had expired and is new
}

TEST_CASE(
    "Tokens: until_used ends with the first use of the successor, as access or as refresh token") {
  Fixture f(RefreshMode::until_used);
  const std::string token = f.phone.refresh;
  const Reply first = f.phone.exchange(token, "intent-1");
  SECTION("as access token") { REQUIRE(f.opens(first)); }
  SECTION("as refresh token") {
    REQUIRE(f.phone.exchange(refresh_of(first), "intent-2").status == 200);
  }
  CHECK(f.phone.exchange(token, "intent-3").error_code() == "invalid_grant");
  CHECK(f.ledger().revocations()[0].cause == "reuse");
}

TEST_CASE(
    "Tokens: strict takes a token one time only, a repeated id too, and then ends the family") {
  Fixture f(RefreshMode::strict);
  const std::string token = f.phone.refresh;
  const Reply first = f.phone.exchange(token, "intent-1");
  REQUIRE(first.status == 200);
  CHECK(f.phone.exchange(token, "intent-1").error_code() == "invalid_grant");
  CHECK(f.ledger().revocations()[0].cause == "reuse");
  CHECK_FALSE(f.opens(first));
  CHECK(f.phone.exchange(refresh_of(first)).status == 401);
}

TEST_CASE("Tokens: a refresh from another device ends the family; an unknown token ends nothing") {
  Fixture f;
  CHECK(f.phone.exchange("no-such-token").error_code() == "invalid_grant");
  CHECK(f.ledger().revocations().empty());
  Client thief(f.server, "device-9");
  CHECK(thief.exchange(f.phone.refresh).status == 401);
  REQUIRE(f.ledger().revocations().size() == 1);
  CHECK(f.ledger().revocations()[0].cause == "device_mismatch");
}

TEST_CASE("Tokens: two intents for one token are seen as concurrent refreshes (INV-A1, INV-A2)") {
  Fixture f;
  const std::string token = f.phone.refresh;
  REQUIRE(f.phone.exchange(token, "intent-1").status == 200);
  REQUIRE(f.phone.exchange(token, "intent-1").status == 200);
  CHECK(f.ledger().concurrent_refreshes().empty());
  REQUIRE(f.phone.exchange(token, "intent-2").status == 200);
  REQUIRE(f.ledger().concurrent_refreshes().size() == 1);
  CHECK(f.ledger().concurrent_refreshes()[0].first_refresh_id == "intent-1");
  CHECK(f.ledger().concurrent_refreshes()[0].second_refresh_id == "intent-2");
}

TEST_CASE("Tokens: logout ends the family, with the access token or with the refresh token alone") {
  Fixture f;
  SECTION("access token") {}
  SECTION("refresh token") { f.server.now = kStart + hours{1}; }
  CHECK(f.phone.post("/api/mobile/auth/logout", {{"refreshToken", f.phone.refresh}}).status == 200);
  CHECK(f.phone.call("GET", "/api/mobile/dashboard").status == 401);
  CHECK(f.phone.exchange(f.phone.refresh).error_code() == "invalid_grant");
  REQUIRE(f.ledger().revocations().size() == 1);
  CHECK(f.ledger().revocations()[0].cause == "logout");
}

TEST_CASE("Tokens: a new login on a device ends its family before it") {
  Fixture f;
  const std::string before = f.phone.refresh;
  REQUIRE(f.phone.login().status == 200);
  CHECK(f.phone.exchange(before).status == 401);
  CHECK(f.phone.exchange(f.phone.refresh).status == 200);
}

TEST_CASE("Tokens: revoked access tokens are a real 401 that a refresh cures (P-17)") {
  Fixture f;
  f.server.backend->revoke_access_tokens(f.phone.user_id());
  CHECK(f.phone.call("GET", "/api/mobile/dashboard").error_code() == "token_revoked");
  REQUIRE(f.phone.keep(f.phone.exchange(f.phone.refresh)).status == 200);
  CHECK(f.phone.call("GET", "/api/mobile/dashboard").status == 200);
}

TEST_CASE(
    "Tokens: a repeated successor opens the door also when its access token was revoked "
    "meanwhile") {
  Fixture f(RefreshMode::until_used);
  const std::string token = f.phone.refresh;
  REQUIRE(f.phone.exchange(token, "intent-1").status == 200);
  f.server.backend->revoke_access_tokens(f.phone.user_id());
  CHECK(f.opens(f.phone.exchange(token, "intent-1")));
}

TEST_CASE("Tokens: a revoked family is refused by refresh and by access") {
  Fixture f;
  CHECK(f.server.backend->revoke_family(f.phone.user_id(), "device-1", "admin", f.server.now));
  CHECK_FALSE(
      f.server.backend->revoke_family(f.phone.user_id(), "device-1", "admin", f.server.now));
  CHECK(f.phone.call("GET", "/api/mobile/dashboard").error_code() == "token_revoked");
  CHECK(f.phone.exchange(f.phone.refresh).error_code() == "invalid_grant");
}

}  // namespace
}  // namespace landfall::backend
