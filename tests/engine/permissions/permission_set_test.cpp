#include "engine/permissions/permission_set.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace landfall;
using namespace landfall::permissions;

namespace {

profile::PermissionRules rules() {
  profile::PermissionRules rules;
  rules.matrix = {{"agent", {"CreateFarmers"}}, {"csa", {"Sell"}}};
  return rules;
}

}  // namespace

TEST_CASE(
    "a right is looked for in the stored list first, in the matrix only where no list came "
    "(A-6)") {
  PermissionSet set;
  CHECK(check_right(rules(), set, "Sell").source == RightSource::unknown);
  CHECK(check_right(rules(), set, "Sell").is_granted);
  set.roles = {"Agent"};
  CHECK(check_right(rules(), set, "CreateFarmers").is_granted);
  CHECK(check_right(rules(), set, "CreateFarmers").source == RightSource::matrix);
  CHECK_FALSE(check_right(rules(), set, "Sell").is_granted);
  set.is_known = true;
  CHECK_FALSE(check_right(rules(), set, "CreateFarmers").is_granted);
  set.granted = {"Sell"};
  CHECK(check_right(rules(), set, "Sell").is_granted);
  CHECK(check_right(rules(), set, "Sell").source == RightSource::list);
}

TEST_CASE("rights are those of all roles together, never of one (A-2)") {
  PermissionSet set;
  set.roles = {"agent", "csa"};
  CHECK(check_right(rules(), set, "CreateFarmers").is_granted);
  CHECK(check_right(rules(), set, "Sell").is_granted);
}

TEST_CASE("a role is looked up in lower case, then as it is given, then in the matrix (A-60)") {
  PermissionSet set;
  set.by_role = RoleMap{{"agent", {"a"}}, {"CSA", {"c"}}, {"fsa", {}}};
  CHECK(rights_of_role(rules(), set, "AGENT") == std::vector<std::string>{"a"});
  CHECK(rights_of_role(rules(), set, "CSA") == std::vector<std::string>{"c"});
  CHECK(rights_of_role(rules(), set, "csa") == std::vector<std::string>{"Sell"});
  CHECK(rights_of_role(rules(), set, "fsa").empty());
  CHECK(rights_of_role(rules(), set, "nobody").empty());
}

TEST_CASE("what is stored comes back whole, and what is none is unreadable") {
  PermissionSet set;
  set.is_known = true;
  set.granted = {"A", "B"};
  set.offered = {"C"};
  set.roles = {"agent"};
  set.by_role = RoleMap{{"agent", {"A"}}};
  set.pending = PendingLogout{Instant{7}, {"D"}};
  CHECK(parse_permission_set(dump_json(to_json(set))) == set);
  CHECK(parse_permission_set(dump_json(to_json(PermissionSet{}))) == PermissionSet{});
  for (const char* text : {"", "[]", "{}", R"({"known":1})"})
    CHECK(parse_permission_set(text).error().code == "permissions.unreadable");
}
