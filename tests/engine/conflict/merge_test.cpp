#include "engine/conflict/merge.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace landfall;
using namespace landfall::conflict;
using namespace std::chrono_literals;
using profile::FieldRule;

namespace {

profile::ConflictPolicy policy() {
  profile::ConflictPolicy rules;
  rules.otherwise = FieldRule::newer;
  rules.fields = {{"status", FieldRule::forward_only},
                  {"note", FieldRule::ask},
                  {"stock", FieldRule::sum_delta},
                  {"tags", FieldRule::set_union}};
  rules.order = {{"status", {"draft", "submitted", "rejected"}}};
  return rules;
}

MergeResult merged(const std::string& base, const std::string& mine, const std::string& theirs,
                   const MergeTimes& times = {}, const Choices& choices = {}) {
  const Json b = Json::parse(base);
  const Json m = Json::parse(mine);
  const Json t = Json::parse(theirs);
  return merge(policy(), {b.is_null() ? nullptr : &b, &m, &t}, times, choices);
}

std::string fields_of(const MergeResult& result) {
  std::string text;
  for (const FieldOutcome& field : result.fields) {
    text += (text.empty() ? "" : ", ") + field.field + " " + std::string{to_string(field.taken)};
    if (field.rule) text += " by " + std::string{to_string(*field.rule)};
  }
  return text;
}

}  // namespace

TEST_CASE("P-29: a document is merged field by field, and every change says by which rule") {
  const auto result = merged(
      R"({"status":"draft","note":"n","stock":10,"tags":["a"],"title":"t","left":1})",
      R"({"status":"submitted","note":"mine","stock":12,"tags":["a","b"],"title":"t","left":1})",
      R"({"status":"rejected","note":"theirs","stock":7,"tags":["c","a"],"title":"T","left":1})");
  CHECK(
      result.document.dump() ==
      R"({"left":1,"note":"theirs","status":"rejected","stock":9,"tags":["c","a","b"],"title":"T"})");
  CHECK(fields_of(result) ==
        "note open by ask, status theirs by forward_only, stock merged by sum_delta, "
        "tags merged by union, title theirs");
  REQUIRE(result.open.size() == 1);
  const OpenConflict& open = result.open.front();
  CHECK(open.field == "note");
  CHECK(open.rule == FieldRule::ask);
  CHECK(open.reason == OpenReason::ask);
  CHECK(open.base == Json("n"));
  CHECK(open.mine == Json("mine"));
  CHECK(open.theirs == Json("theirs"));
}

TEST_CASE("P-29: the device's clock is corrected before times are compared") {
  const std::string base = R"({"title":"t"})", mine = R"({"title":"m"})",
                    theirs = R"({"title":"s"})";
  const Instant noon{43'200'000};
  CHECK(merged(base, mine, theirs, {noon + 1ms, noon}).document["title"] == "m");
  CHECK(merged(base, mine, theirs, {noon, noon}).document["title"] == "s");
  CHECK(merged(base, mine, theirs, {noon + 1h, noon, -2h}).document["title"] == "s");
  CHECK(merged(base, mine, theirs, {noon - 1h, noon, 2h}).document["title"] == "m");
}

TEST_CASE("P-29: objects are merged member by member under the field's rule") {
  const auto result =
      merged(R"({"note":{"a":1,"b":{"c":1,"d":1}}})", R"({"note":{"a":2,"b":{"c":2,"d":1,"e":5}}})",
             R"({"note":{"a":1,"b":{"c":3,"d":2}}})");
  CHECK(result.document.dump() == R"({"note":{"a":2,"b":{"c":3,"d":2,"e":5}}})");
  CHECK(fields_of(result) == "note.a mine, note.b.c open by ask, note.b.d theirs, note.b.e mine");
  // An object that met something else is a value like any other.
  CHECK(fields_of(merged(R"({"note":{"a":1}})", R"({"note":{"a":2}})", R"({"note":"text"})")) ==
        "note open by ask");
  // One that was replaced on one side alone is replaced as a whole.
  CHECK(fields_of(merged(R"({"note":{"a":1}})", R"({"note":{"b":2}})", R"({"note":{"a":1}})")) ==
        "note mine");
}

TEST_CASE("P-29: an object behind a very long name is one value") {
  const std::string name(300, 'x');
  const auto with = [&](int value) {
    return R"({")" + name + R"(":{"a":1,"b":)" + std::to_string(value) + "}}";
  };
  const auto result = merged(with(1), with(2), with(3));
  REQUIRE(result.fields.size() == 1);
  CHECK(result.fields.front().field == name);
  CHECK(result.document.dump() == with(3));
}

TEST_CASE("P-29: a name with a dot cannot be taken for a path") {
  const auto result = merged(R"({"note.a":1,"note":{"a":1}})", R"({"note.a":2,"note":{"a":2}})",
                             R"({"note.a":3,"note":{"a":3}})", {Instant{2}, Instant{1}});
  CHECK(fields_of(result) == R"(note.a open by ask, note\.a mine by newer)");
}

TEST_CASE("P-29: the user's choice decides what is open and nothing else") {
  const std::string base = R"({"note":"n","status":"draft"})";
  const std::string mine = R"({"note":"mine","status":"submitted"})";
  const std::string theirs = R"({"note":"theirs","status":"rejected"})";
  const auto chosen =
      merged(base, mine, theirs, {}, {{"note", Side::mine}, {"status", Side::mine}});
  CHECK(chosen.open.empty());
  CHECK(chosen.document.dump() == R"({"note":"mine","status":"rejected"})");
  CHECK(fields_of(chosen) == "note mine by ask, status theirs by forward_only");
  CHECK(merged(base, mine, theirs, {}, {{"note", Side::theirs}}).document["note"] == "theirs");
  CHECK(merged(base, R"({"status":"draft"})", theirs, {}, {{"note", Side::mine}}).document.dump() ==
        R"({"status":"rejected"})");
}

TEST_CASE("P-29: without the document that the user saw, both sides count as changed") {
  const auto result = merged("null", R"({"note":"n","stock":2,"tags":[1],"same":1,"only":1})",
                             R"({"note":"n","stock":3,"tags":[2],"same":1,"title":2})");
  CHECK(result.document.dump() == R"({"note":"n","same":1,"stock":3,"tags":[2,1],"title":2})");
  CHECK(
      fields_of(result) ==
      "only theirs by newer, stock open by sum_delta, tags merged by union, title theirs by newer");
}
