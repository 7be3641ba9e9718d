#include "engine/http/request_builder.hpp"

#include <memory>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

using namespace landfall;

namespace {

Profile profile_with(profile::BearerPlace place) {
  auto profile = Profile::load(*schema::profile("prokure"));
  REQUIRE(profile);
  profile->headers = {{"X-Device-Id", "${device_id}"}};
  profile->realtime.emplace();
  profile->realtime->bearer = place;
  return std::move(*profile);
}

http::Request upgrade(profile::BearerPlace place, const std::string& target) {
  const auto bearer = std::make_shared<const Secret<std::string>>("a+b");
  auto request = http::build_upgrade(profile_with(place), {{"device_id", "d1"}}, target, bearer);
  REQUIRE(request);
  return std::move(*request);
}

const Profile& ims() {
  static const Profile profile = Profile::load(schema::profile("ims").value()).value();
  return profile;
}

profile::Variables facts() {
  return {{"device_id", "device-1"},
          {"app_version", "1.0.0"},
          {"platform", "IOS"},
          {"os_version", "17"},
          {"zone", "UTC"}};
}

}  // namespace

TEST_CASE("the hub is asked with the headers of every call, and the bearer as a header (P-100)") {
  const auto request = upgrade(profile::BearerPlace::header, "/hub?id=1");
  CHECK(request.method == "GET");
  CHECK(request.target == "/hub?id=1");
  CHECK(http::header_text(request.headers, "X-Device-Id") == "d1");
  CHECK(http::header_text(request.headers, "Authorization") == "Bearer a+b");
}

TEST_CASE("or in the query, where a server that was made for browsers looks for it (A-40)") {
  const auto request = upgrade(profile::BearerPlace::query, "/hub");
  CHECK(request.target == "/hub?access_token=a%2Bb");
  CHECK_FALSE(http::find_header(request.headers, "Authorization"));
  CHECK(upgrade(profile::BearerPlace::query, "/hub?id=1").target == "/hub?id=1&access_token=a%2Bb");
}

TEST_CASE("I-29: the hub's upgrade names the organisation too, and is whole without one") {
  auto profile = profile_with(profile::BearerPlace::header);
  profile.headers.emplace_back("X-Organization-Id", "${organisation}");
  const auto bearer = std::make_shared<const Secret<std::string>>("a");
  const auto without = http::build_upgrade(profile, {{"device_id", "d1"}}, "/hub", bearer);
  REQUIRE(without);
  CHECK_FALSE(http::find_header(without->headers, "X-Organization-Id"));
  const profile::Variables known{{"device_id", "d1"}, {"organisation", "o-1"}};
  const auto with = http::build_upgrade(profile, known, "/hub", bearer);
  REQUIRE(with);
  CHECK(http::header_text(with->headers, "X-Organization-Id") == "o-1");
}

TEST_CASE("I-29: a request names the active organisation, and none where none is active") {
  const http::ApiCall call{"me", {}, {}, {}};
  const auto without = http::build_request(ims(), facts(), call, "r-1", nullptr);
  REQUIRE(without);
  CHECK_FALSE(http::find_header(without->headers, "X-Organization-Id"));
  auto known = facts();
  known["organisation"] = "o-1";
  const auto with = http::build_request(ims(), known, call, "r-1", nullptr);
  REQUIRE(with);
  CHECK(http::header_text(with->headers, "X-Organization-Id") == "o-1");
  // What a call brings itself counts: a farewell is for the organisation that is left.
  const auto farewell = http::build_request(
      ims(), known, http::ApiCall{"me", {{"organisation", "o-2"}}, {}, {}}, "r-1", nullptr);
  REQUIRE(farewell);
  CHECK(http::header_text(farewell->headers, "X-Organization-Id") == "o-2");
}

TEST_CASE("I-12: the bearer is stamped where there is one, and nowhere else") {
  const http::ApiCall call{"me", {}, {}, {}};
  const auto bearer = std::make_shared<const Secret<std::string>>("access-1");
  const auto stamped = http::build_request(ims(), facts(), call, "r-1", bearer);
  REQUIRE(stamped);
  CHECK(http::header_text(stamped->headers, "Authorization") == "Bearer access-1");
  const auto bare = http::build_request(ims(), facts(), call, "r-1", nullptr);
  REQUIRE(bare);
  CHECK_FALSE(http::find_header(bare->headers, "Authorization"));
}
