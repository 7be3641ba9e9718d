#include "engine/http/request_builder.hpp"

#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>

using namespace landfall;

namespace {

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
