#include "engine/conflict/exact_json.hpp"

#include <array>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace landfall;
using namespace landfall::conflict;

namespace {

Json json(const std::string& text) { return Json::parse(text); }

std::string sum(const std::string& theirs, const std::string& mine, const std::string& base) {
  const auto result = add_delta(json(theirs), json(mine), json(base));
  return result ? result->dump() : "none";
}

}  // namespace

TEST_CASE("P-29: numbers beyond 2^53 are compared by value, whatever their form") {
  CHECK_FALSE(is_same(json("9007199254740993"), json("9007199254740992.0")));
  CHECK_FALSE(is_same(json("-1"), json("18446744073709551615")));
  CHECK_FALSE(is_same(json("18446744073709551615"), json("18446744073709551616.0")));
  CHECK((compare_json(json("9223372036854775807"), json("9223372036854775808.0")) < 0));
  CHECK((compare_json(json("-9223372036854775808"), json("-9223372036854775808.0")) == 0));
  CHECK(is_same(json("1"), json("1.0")));
  CHECK(is_same(json("0"), json("-0.0")));
  CHECK((compare_json(json("-3"), json("-2.5")) < 0));
  CHECK((compare_json(json("-2"), json("-2.5")) > 0));
  CHECK((compare_json(json("2"), json("1e300")) < 0));
  CHECK((compare_json(json("2"), json("-1e300")) > 0));
}

TEST_CASE("P-29: values of every kind stand in one order") {
  const std::array<std::string, 16> ascending{
      "null",        "false", "true", "-1.5",  "0",   "1e30", R"("")",      R"("a")",
      R"("\u00e4")", "[]",    "[1]",  "[1,2]", "[2]", "{}",   R"({"a":2})", R"({"b":1})"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      INFO(ascending[i] << " and " << ascending[j]);
      CHECK((compare_json(json(ascending[i]), json(ascending[j])) == (i <=> j)));
    }
  }
}

TEST_CASE("P-29: a difference is added to the bit, or not at all") {
  CHECK(sum("7", "12", "10") == "9");
  CHECK(sum("2", "3", "10") == "-5");
  CHECK(sum("9007199254740993", "1", "0") == "9007199254740994");
  CHECK(sum("18446744073709551615", "0", "0") == "18446744073709551615");
  CHECK(sum("18446744073709551615", "1", "0") == "none");
  CHECK(sum("-9223372036854775808", "0", "1") == "none");
  CHECK(sum("18446744073709551615", "-9223372036854775808", "9223372036854775807") == "0");
  CHECK(sum("1.5", "3", "1") == "3.5");
  CHECK(sum("9007199254740993", "1.5", "1") == "none");
  CHECK(sum("1e308", "1e308", "-1e308") == "none");
}
