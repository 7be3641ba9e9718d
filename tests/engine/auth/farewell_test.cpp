#include "engine/auth/farewell.hpp"

#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/auth/model_server.hpp"
#include "tests/engine/auth/phone.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace landfall;
using namespace landfall::test;
using nlohmann::json;

namespace {

SharedSecret<std::string> secret(const char* text) {
  return std::make_shared<const Secret<std::string>>(text);
}

const Profile& ims() {
  static const Profile profile = Profile::load(schema::profile("ims").value()).value();
  return profile;
}

auth::Farewell farewell_with(auth::SessionTokens tokens, const Profile& profile = ims()) {
  return auth::Farewell({profile, "device-1", std::move(tokens), "org-1"});
}

auth::FarewellCall expect_call(auth::Farewell& farewell, const char* endpoint) {
  auto call = farewell.next();
  REQUIRE(call);
  CHECK(call->call.endpoint == endpoint);
  return std::move(*call);
}

}  // namespace

TEST_CASE(
    "I-26 C-15: the device is unregistered with the access token, and then the session is ended "
    "with the refresh token, one call after the other") {
  auto farewell = farewell_with({secret("access-1"), secret("refresh-1"), false});
  const auto first = expect_call(farewell, "unregister_device");
  REQUIRE(first.bearer);
  CHECK(first.bearer->reveal() == "access-1");
  CHECK(first.call.body.empty());
  CHECK(first.call.variables.at("organisation") == "org-1");
  farewell.on_answer(respond(200, "{}"));
  const auto second = expect_call(farewell, "logout");
  CHECK_FALSE(second.bearer);
  CHECK(json::parse(second.call.body) == json{{"refreshToken", "refresh-1"}});
  farewell.on_answer(respond(200, "{}"));
  CHECK_FALSE(farewell.next());
}

TEST_CASE("I-26: nobody waits for the network: what fails is passed over") {
  auto farewell = farewell_with({secret("access-1"), secret("refresh-1"), false});
  (void)expect_call(farewell, "unregister_device");
  farewell.on_answer(fail_with(http::TransportFailure::not_sent));
  (void)expect_call(farewell, "logout");
  farewell.on_answer(respond(500, ""));
  CHECK_FALSE(farewell.next());
}

TEST_CASE(
    "I-23 I-26: an access token that ran out long ago is renewed once, so that the phone is "
    "unregistered all the same") {
  auto farewell = farewell_with({secret("access-1"), secret("refresh-1"), false});
  (void)expect_call(farewell, "unregister_device");
  farewell.on_answer(refuse());
  const auto refresh = expect_call(farewell, "refresh");
  CHECK(json::parse(refresh.call.body) == json{{"refreshToken", "refresh-1"}});
  farewell.on_answer(respond(200, pair_body("access-2", "refresh-2", 900)));
  const auto again = expect_call(farewell, "unregister_device");
  REQUIRE(again.bearer);
  CHECK(again.bearer->reveal() == "access-2");
  // A server that refuses every token is not asked in a loop.
  farewell.on_answer(refuse());
  const auto logout = expect_call(farewell, "logout");
  CHECK(json::parse(logout.call.body) == json{{"refreshToken", "refresh-2"}});
  farewell.on_answer(respond(200, "{}"));
  CHECK_FALSE(farewell.next());
}

TEST_CASE("INV-A1: while a refresh of the session may be under way, the farewell makes no second") {
  auto farewell = farewell_with({nullptr, secret("refresh-1"), true});
  (void)expect_call(farewell, "logout");
  farewell.on_answer(respond(200, "{}"));
  CHECK_FALSE(farewell.next());
}

TEST_CASE("I-15: a session whose tokens were refused has nothing to say") {
  auto farewell = farewell_with({});
  CHECK_FALSE(farewell.next());
}

TEST_CASE("C-15: an app that says nothing of it tells the server that the session has ended") {
  const Profile prokure = shipped_profile();
  auto farewell = farewell_with({secret("access-1"), secret("refresh-1"), false}, prokure);
  const auto call = expect_call(farewell, "logout");
  CHECK(json::parse(call.call.body) ==
        json{{"refreshToken", "refresh-1"}, {"device_id", "device-1"}});
  farewell.on_answer(respond(200, "{}"));
  CHECK_FALSE(farewell.next());
}
