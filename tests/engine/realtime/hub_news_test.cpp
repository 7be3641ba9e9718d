#include "engine/realtime/hub_news.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace landfall;
using namespace landfall::realtime;

namespace {

const Json kChanged =
    Json::parse(R"([{"entity_type":"approval","entity_id":"a-1","row_version":7}])");

}  // namespace

TEST_CASE("A-40: the hub's word of rights is passed on as it stands") {
  const Json arguments = Json::parse(R"([{"Permissions":["a.b"]}])");
  const HubNews news = news_in({"PermissionsUpdated", arguments});
  REQUIRE(std::holds_alternative<ChangedRights>(news));
  CHECK(std::get<ChangedRights>(news).arguments == arguments);
}

TEST_CASE("A-40: the hub's word of a document names it and its version") {
  const HubNews news = news_in({"DataChanged", kChanged});
  REQUIRE(std::holds_alternative<ChangedDocument>(news));
  CHECK(std::get<ChangedDocument>(news).entity == EntityKey{"approval", "a-1"});
  CHECK(std::get<ChangedDocument>(news).row_version == 7);
}

TEST_CASE("A-41: a call that nobody knows, and one that says nothing, is no news") {
  CHECK(std::holds_alternative<std::monostate>(news_in({"Whatever", kChanged})));
  CHECK(std::holds_alternative<std::monostate>(news_in({"datachanged", kChanged})));
  CHECK(std::holds_alternative<std::monostate>(news_in({"DataChanged", Json::array()})));
  CHECK(std::holds_alternative<std::monostate>(
      news_in({"DataChanged", Json::parse(R"([{"row_version":7}])")})));
}
