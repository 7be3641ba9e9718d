#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

using namespace landfall;

namespace {

Result<Profile> with_upcasts(const Json& upcasts, int schema = 3) {
  Json profile = Json::parse(*schema::profile("prokure"));
  Json& action = profile["entities"]["pr"]["actions"]["update"];
  action["schema"] = schema;
  action["upcasts"] = upcasts;
  return Profile::load(profile.dump());
}

const Json kUpcasts =
    Json::array({{{"from", 1}, {"rename", {{"name", "title"}}}},
                 {{"from", 2}, {"remove", {"colour"}}, {"set", {{"priority", "normal"}}}}});

}  // namespace

TEST_CASE("a payload of an older form is raised version by version") {
  const auto profile = with_upcasts(kUpcasts);
  REQUIRE(profile.has_value());
  const auto& action = *profile->action("pr", "update");
  CHECK(profile::upcast(action, 1, Json{{"name", "Road"}, {"colour", "red"}}) ==
        Json{{"title", "Road"}, {"priority", "normal"}});
  CHECK(profile::upcast(action, 2, Json{{"name", "x"}, {"priority", "high"}}) ==
        Json{{"name", "x"}, {"priority", "high"}});
  CHECK(profile::upcast(action, 3, Json{{"colour", "red"}}) == Json{{"colour", "red"}});
}

TEST_CASE("what cannot be raised stays as it was") {
  const auto profile = with_upcasts(kUpcasts);
  REQUIRE(profile.has_value());
  const auto& action = *profile->action("pr", "update");
  SECTION("of a version that nobody reads any more, or that is not known yet") {
    CHECK_FALSE(profile::upcast(action, 0, Json::object()));
    CHECK_FALSE(profile::upcast(action, 4, Json::object()));
  }
  SECTION("it would not fit the action") {
    CHECK_FALSE(profile::upcast(action, 1, Json{{"name", std::string(500, 'x')}}));
  }
}

TEST_CASE("a profile whose upcasts have a gap is refused with their path") {
  const std::string path = "entities.pr.actions.update.upcasts";
  CHECK(with_upcasts(Json::array({{{"from", 1}}})).error().field == path);
  CHECK(with_upcasts(Json::array({{{"from", 3}}})).error().field == path);
  CHECK(with_upcasts(Json::array()).error().field == path);
  CHECK(with_upcasts(Json::array({{{"from", 2}, {"set", 5}}})).error().field == path + "[0].set");
  CHECK(with_upcasts(Json::array({{{"from", 2}, {"sets", 5}}})).error().field == path + "[0].sets");
}
