#include "schema/embedded.hpp"

#include "tests/source_tree.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

using namespace landfall;

namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(testing::source_tree() + "/schema/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void check_migrations(std::span<const schema::Migration> migrations, const std::string& folder) {
  int expected = 1;
  for (const schema::Migration& migration : migrations) {
    INFO(migration.name);
    CHECK(migration.version == expected++);
    CHECK(migration.sql == file_text("sql/" + folder + "/" + std::string(migration.name) + ".sql"));
  }
}

}  // namespace

TEST_CASE("migrations are embedded byte for byte and numbered without gaps") {
  check_migrations(schema::device_migrations(), "device");
  check_migrations(schema::partition_migrations(), "partition");
}

TEST_CASE("profiles are embedded byte for byte, found by name, and listed in order") {
  const auto names = schema::profile_names();
  CHECK(std::is_sorted(names.begin(), names.end()));
  for (const std::string_view name : names) {
    INFO(name);
    REQUIRE(schema::profile(name).has_value());
    CHECK(*schema::profile(name) == file_text("profiles/" + std::string(name) + ".json"));
  }
  CHECK_FALSE(schema::profile("no_such_profile").has_value());
}

TEST_CASE("the host interface is embedded byte for byte") {
  CHECK(schema::api_json() == file_text("api.json"));
}
