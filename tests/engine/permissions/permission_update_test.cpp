#include "engine/permissions/permission_update.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/limits.hpp"

using namespace landfall;
using namespace landfall::permissions;

namespace {

Result<PermissionUpdate> parse(const char* text) {
  return parse_permission_update(Json::parse(text));
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("PermissionsUpdated is a map or a list (A-41)") {
  const auto map =
      parse(R"([{"UserId":"u","Permissions":["B","A","B"],"Timestamp":"2026-01-05T03:30:00Z"}])");
  REQUIRE(map);
  CHECK(map->user_id == "u");
  CHECK(map->permissions == Names{"A", "B"});
  CHECK(parse(R"([{"userId":"u","permissions":["A"]}])")->user_id == "u");
  CHECK(parse(R"([[{"UserId":"u","Permissions":[]}]])")->permissions.empty());
  CHECK(parse(R"([["A","B"]])")->permissions == Names{"A", "B"});
  CHECK(parse(R"([["A","B"]])")->user_id.empty());
  CHECK(parse(R"([["u",["A"],"2026-01-05T03:30:00Z"]])")->user_id == "u");
  CHECK(parse(R"(["u",["A"],"2026-01-05T03:30:00Z"])")->permissions == Names{"A"});
  CHECK(parse("[[]]")->permissions.empty());
}

TEST_CASE("a PermissionsUpdated that is neither changes nothing (A-41)") {
  for (const char* text :
       {"[]", "{}", "[7]", R"(["A","B"])", R"([{"UserId":"u"}])", R"([{"Permissions":"A"}])",
        R"([{"Permissions":[7]}])", R"([{"Permissions":[""]}])",
        R"([{"UserId":7,"Permissions":[]}])", R"([["A",7]])"})
    CHECK(parse(text).error().code == "permissions.invalid");
  Json many = Json::array();
  for (std::size_t i = 0; i <= limits::kPermissionsMax; ++i)
    many.push_back("r" + std::to_string(i));
  CHECK_FALSE(parse_permission_update(Json::array({many})));
}
