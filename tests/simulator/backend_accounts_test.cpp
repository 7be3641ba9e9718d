#include <string>

#include <sodium.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"
#include "simulator/backend/field_data.hpp"
#include "simulator/net/profile_routes.hpp"
#include "tests/simulator/backend_client.hpp"

namespace landfall::backend {
namespace {

using std::chrono::minutes;

BackendOptions almafrica() {
  return net::options_for(Profile::load(*schema::profile("almafrica")).value());
}

struct Fixture {
  Server server{almafrica()};
  Client phone{server};

  Reply login(const std::string& name, const std::string& password) {
    return phone.keep(
        phone.post("/api/auth/login",
                   {{"emailOrUsername", name}, {"password", password}, {"rememberMe", false}}));
  }
};

Json claims_of(const std::string& token) {
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  const std::string part = token.substr(first + 1, last - first - 1);
  std::string text(part.size(), '\0');
  std::size_t length = 0;
  REQUIRE(sodium_base642bin(reinterpret_cast<unsigned char*>(text.data()), text.size(), part.data(),
                            part.size(), nullptr, &length, nullptr,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0);
  return Json::parse(text.substr(0, length));
}

TEST_CASE("A-7 A-10: a login by username or email is answered flat, with roles and permissions") {
  Fixture world;
  for (const char* name : {"kofi", "KOFI@almafrica.example"}) {
    const Reply reply = world.login(name, "kofi-pass-1");
    REQUIRE(reply.status == 200);
    const auto& body = reply.body;
    CHECK(body["tokenType"] == "Bearer");
    CHECK(body["expiresIn"] == 900);
    CHECK(body["authUserId"] == field_users().front().id);
    CHECK(body["userId"] == "user-1");
    CHECK(body["username"] == "kofi");
    CHECK(body["email"] == "kofi@almafrica.example");
    CHECK(body["fullName"] == "Kofi Mensah");
    CHECK(body["roles"] == Json{"agent"});
    CHECK(body["permissions"] == Json{"CreateCollections", "CreateFarmers", "EditFarmers",
                                      "ViewCollections", "ViewFarmers"});
  }
}

TEST_CASE("A-8: unknown users and wrong passwords are the same 401, and five in a row lock") {
  Fixture world;
  const auto unknown = world.login("nobody", "x");
  CHECK(unknown.status == 401);
  CHECK(unknown.body["error"]["message"] == "Invalid credentials");
  for (int i = 0; i < 4; ++i) CHECK(world.login("kofi", "wrong").body == unknown.body);
  CHECK(world.login("kofi", "kofi-pass-1").status == 200);
  for (int i = 0; i < 4; ++i) CHECK(world.login("kofi", "wrong").body == unknown.body);
  const auto locked = world.login("kofi@almafrica.example", "wrong");
  CHECK(locked.status == 401);
  CHECK(locked.body["error"]["message"] == "Account locked");
  CHECK(world.login("kofi", "kofi-pass-1").error_code() == "ACCOUNT_LOCKED");
  CHECK(world.login("amina", "amina-pass-1").status == 200);
  world.server.now = world.server.now + minutes{5};
  CHECK(world.login("kofi", "kofi-pass-1").status == 200);
}

TEST_CASE("A-9: an access token says who its user is to the app, a refresh token is 64 bytes") {
  Fixture world;
  const Reply reply = world.login("kofi", "kofi-pass-1");
  REQUIRE(reply.status == 200);
  const Json claims = claims_of(world.phone.access);
  CHECK(claims["sub"] == field_users().front().id);
  CHECK(claims["roles"] == Json{"agent"});
  CHECK(claims["AgentId"] == "agent-7");
  CHECK(claims["collection_point_id"] == "cp-1");
  CHECK_FALSE(claims.contains("ClientId"));
  CHECK(world.phone.refresh.size() == 2 * 64);
}

TEST_CASE("A-21 A-22 A-23: a refresh gives a new pair and says again what its user may do") {
  Fixture world;
  REQUIRE(world.login("yaw", "yaw-pass-1").status == 200);
  const std::string before = world.phone.access;
  const Reply reply =
      world.phone.post("/api/auth/refresh-token", {{"refreshToken", world.phone.refresh}});
  REQUIRE(reply.status == 200);
  CHECK(reply.body["accessToken"] != before);
  CHECK(reply.body["roles"] == Json{"warehouseManager", "warehouseOperator"});
  CHECK(reply.body["permissions"] == Json{"ManageWarehouse", "ReceiveStock", "ViewCollections"});
  const Reply refused =
      world.phone.post("/api/auth/refresh-token", {{"refreshToken", "somebody's"}});
  CHECK(refused.status == 401);
  CHECK_FALSE(refused.body.contains("roles"));
}

TEST_CASE("A-59: the rights of a role are its own and those of its parents, sorted") {
  Fixture world;
  REQUIRE(world.login("kwame", "kwame-pass-1").status == 200);
  const Reply reply = world.phone.call("GET", "/api/auth/my-permissions-by-role");
  REQUIRE(reply.status == 200);
  CHECK(reply.body["rolePermissions"] ==
        Json{{"superAgent",
              {"CreateCollections", "CreateFarmers", "CreateSurveys", "EditFarmers",
               "ViewCollections", "ViewFarmers"}}});
}

TEST_CASE("P-6: ProKure's logins are as they were, and lock nobody out") {
  Server server;
  Client phone(server);
  const Json wrong = {{"email", "asha@prokure.example"}, {"password", "x"}, {"device_id", "d"}};
  for (int i = 0; i < 10; ++i)
    CHECK(phone.post("/api/auth/login", wrong).error_code() == "invalid_credentials");
  CHECK(phone.login().status == 200);
}

}  // namespace
}  // namespace landfall::backend
