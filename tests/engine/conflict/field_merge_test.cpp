#include "engine/conflict/field_merge.hpp"

#include <array>
#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace landfall;
using namespace landfall::conflict;
using profile::FieldRule;

namespace {

const profile::StateOrder kOrder{"draft", "submitted", "approved", "rejected"};

// Texts of JSON values; an empty text is a field that is absent.
struct Three {
  std::string base, mine, theirs;
  bool base_known = true;
  bool mine_is_newer = false;
};

std::optional<Json> value_of(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{Json::parse(text)};
}

// "mine 5", "theirs", "open ask 3": who was heard, why it is open, and the value.
std::string merged(FieldRule rule, const Three& three) {
  const auto base = value_of(three.base);
  const auto mine = value_of(three.mine);
  const auto theirs = value_of(three.theirs);
  const FieldMerge field = merge_field({base ? &*base : nullptr, mine ? &*mine : nullptr,
                                        theirs ? &*theirs : nullptr, three.base_known},
                                       {rule, &kOrder, three.mine_is_newer});
  std::string text{to_string(field.taken)};
  if (field.taken == Taken::open) text += " " + std::string{to_string(field.reason)};
  return field.value ? text + " " + field.value->dump() : text;
}

constexpr std::array<FieldRule, 8> kAll{
    FieldRule::server, FieldRule::mine,      FieldRule::newer,        FieldRule::sum_delta,
    FieldRule::max,    FieldRule::set_union, FieldRule::forward_only, FieldRule::ask};

}  // namespace

TEST_CASE("P-29: who alone changed a field is heard under every rule") {
  for (const FieldRule rule : kAll) {
    INFO(to_string(rule));
    CHECK(merged(rule, {R"("draft")", R"("submitted")", R"("draft")"}) == R"(mine "submitted")");
    CHECK(merged(rule, {R"("draft")", R"("draft")", R"("submitted")"}) == R"(theirs "submitted")");
    CHECK(merged(rule, {R"("draft")", R"("draft")", R"("draft")"}) == R"(unchanged "draft")");
    CHECK(merged(rule, {"", R"("draft")", ""}) == R"(mine "draft")");
    CHECK(merged(rule, {"", "", R"("draft")"}) == R"(theirs "draft")");
    CHECK(merged(rule, {"", "", ""}) == "unchanged");
    CHECK(merged(rule, {R"("draft")", R"("draft")", ""}) == "theirs");
    CHECK(merged(rule, {"4", "4", "null"}) == "theirs null");
  }
}

TEST_CASE("P-29: a change that both made is no conflict, and nothing is as good as null") {
  for (const FieldRule rule : kAll) {
    INFO(to_string(rule));
    CHECK(merged(rule, {R"("draft")", R"("approved")", R"("approved")"}) ==
          R"(unchanged "approved")");
    CHECK(merged(rule, {"1", "", "null"}) == "unchanged null");
    CHECK(merged(rule, {"1", "null", ""}) == "unchanged");
    CHECK(merged(rule, {"1", "", ""}) == "unchanged");
  }
}

TEST_CASE("P-29: server, mine and newer take a side; equal times are the server's") {
  const Three both{"1", "2", "3"};
  CHECK(merged(FieldRule::server, both) == "theirs 3");
  CHECK(merged(FieldRule::mine, both) == "mine 2");
  CHECK(merged(FieldRule::newer, both) == "theirs 3");
  CHECK(merged(FieldRule::newer, {"1", "2", "3", true, true}) == "mine 2");
  CHECK(merged(FieldRule::server, {"1", "", "3"}) == "theirs 3");
  CHECK(merged(FieldRule::mine, {"1", "", "3"}) == "mine");
  CHECK(merged(FieldRule::mine, {"1", "2", ""}) == "mine 2");
  CHECK(merged(FieldRule::server, {"1", R"({"a":1})", "[3]"}) == "theirs [3]");
}

TEST_CASE("P-29: sum_delta adds what mine added, also when theirs added as much") {
  CHECK(merged(FieldRule::sum_delta, {"10", "12", "7"}) == "merged 9");
  CHECK(merged(FieldRule::sum_delta, {"10", "15", "15"}) == "merged 20");
  CHECK(merged(FieldRule::sum_delta, {"", "2", "3"}) == "merged 5");
  CHECK(merged(FieldRule::sum_delta, {"null", "2", "3"}) == "merged 5");
  CHECK(merged(FieldRule::sum_delta, {"10", "", "7"}) == "open removed 7");
  CHECK(merged(FieldRule::sum_delta, {"10", "12", "null"}) == "open removed null");
  CHECK(merged(FieldRule::sum_delta, {"10", R"("12")", "7"}) == "open type 7");
  CHECK(merged(FieldRule::sum_delta, {R"("10")", "12", "7"}) == "open type 7");
  CHECK(merged(FieldRule::sum_delta, {"0", "18446744073709551615", "1"}) == "open too_large 1");
  CHECK(merged(FieldRule::sum_delta, {"0", "9007199254740993", "1"}) == "merged 9007199254740994");
  CHECK(merged(FieldRule::sum_delta, {"", "12", "7", false}) == "open base_unknown 7");
}

TEST_CASE("P-29: max takes the greater number, to the bit") {
  CHECK(merged(FieldRule::max, {"1", "5", "3"}) == "mine 5");
  CHECK(merged(FieldRule::max, {"1", "2", "3"}) == "theirs 3");
  CHECK(merged(FieldRule::max, {"1", "9007199254740993", "9007199254740992.0"}) ==
        "mine 9007199254740993");
  CHECK(merged(FieldRule::max, {"", "-1", "18446744073709551615"}) ==
        "theirs 18446744073709551615");
  CHECK(merged(FieldRule::max, {"1", "2", R"("3")"}) == R"(open type "3")");
  CHECK(merged(FieldRule::max, {"1", "null", "3"}) == "open removed 3");
  CHECK(merged(FieldRule::max, {"", "5", "3", false}) == "mine 5");
}

TEST_CASE("P-29: union keeps what either added and drops what either removed") {
  CHECK(merged(FieldRule::set_union, {R"(["a"])", R"(["a","b"])", R"(["a","c"])"}) ==
        R"(merged ["a","c","b"])");
  CHECK(merged(FieldRule::set_union, {R"(["a","b"])", R"(["b"])", R"(["a","b","c"])"}) ==
        R"(merged ["b","c"])");
  CHECK(merged(FieldRule::set_union, {R"(["a","b"])", R"(["b"])", R"(["a"])"}) == "merged []");
  CHECK(merged(FieldRule::set_union, {"[]", "[1,1,2]", "[2,3,3]"}) == "merged [2,3,1]");
  CHECK(merged(FieldRule::set_union, {"[]", "[1.0]", "[1]"}) == "unchanged [1]");
  CHECK(merged(FieldRule::set_union, {"", R"([{"id":1}])", R"([{"id":2}])"}) ==
        R"(merged [{"id":2},{"id":1}])");
  CHECK(merged(FieldRule::set_union, {"", "[1,2]", "[3]", false}) == "merged [3,1,2]");
  CHECK(merged(FieldRule::set_union, {"[1]", "7", "[1,2]"}) == "open type [1,2]");
  CHECK(merged(FieldRule::set_union, {"[1]", "", "[1,2]"}) == "open removed [1,2]");
}

TEST_CASE("P-29: an approval never comes back to life after a rejection") {
  CHECK(merged(FieldRule::forward_only, {R"("draft")", R"("approved")", R"("rejected")"}) ==
        R"(theirs "rejected")");
  CHECK(merged(FieldRule::forward_only, {R"("draft")", R"("rejected")", R"("approved")"}) ==
        R"(mine "rejected")");
  CHECK(merged(FieldRule::forward_only, {R"("rejected")", R"("approved")", R"("rejected")"}) ==
        R"(theirs "rejected")");
  CHECK(merged(FieldRule::forward_only, {"", R"("approved")", R"("rejected")", false}) ==
        R"(theirs "rejected")");
}

TEST_CASE(
    "P-29: forward_only asks about what its order does not know, and lets the server reopen") {
  CHECK(merged(FieldRule::forward_only, {R"("rejected")", R"("rejected")", R"("draft")"}) ==
        R"(theirs "draft")");
  CHECK(merged(FieldRule::forward_only, {R"("draft")", R"("paused")", R"("submitted")"}) ==
        R"(open state "submitted")");
  CHECK(merged(FieldRule::forward_only, {R"("draft")", R"("paused")", R"("draft")"}) ==
        R"(open state "draft")");
  CHECK(merged(FieldRule::forward_only, {R"("draft")", "", R"("draft")"}) ==
        R"(open removed "draft")");
  CHECK(merged(FieldRule::forward_only, {R"("draft")", "4", R"("submitted")"}) ==
        R"(open type "submitted")");
}

TEST_CASE("P-29: ask leaves every difference open, with the server's value until then") {
  CHECK(merged(FieldRule::ask, {"1", "2", "3"}) == "open ask 3");
  CHECK(merged(FieldRule::ask, {"1", "", "3"}) == "open ask 3");
  CHECK(merged(FieldRule::ask, {"1", "2", ""}) == "open ask");
  CHECK(merged(FieldRule::ask, {"", "2", "2", false}) == "unchanged 2");
}
