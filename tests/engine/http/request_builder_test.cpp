#include "engine/http/request_builder.hpp"

#include <memory>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

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
