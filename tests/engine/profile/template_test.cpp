#include "engine/profile/template.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace landfall;
using namespace landfall::profile;

TEST_CASE("P-100: placeholders of a text are replaced and everything else stays") {
  const Variables variables{{"a", "1"}, {"b", "${a}"}, {"empty", ""}};
  CHECK(fill_text("", variables) == "");
  CHECK(fill_text("plain $ text $5 }", variables) == "plain $ text $5 }");
  CHECK(fill_text("${a}", variables) == "1");
  CHECK(fill_text("x${a}y${a}z", variables) == "x1y1z");
  CHECK(fill_text("${b}", variables) == "${a}");
  CHECK(fill_text("[${empty}]", variables) == "[]");
  CHECK(fill_text("$${a}", variables) == "$1");
}

TEST_CASE("An unknown or a broken placeholder is an error that names it") {
  const auto unknown = fill_text("x ${nobody}", {});
  REQUIRE(!unknown);
  CHECK(unknown.error().code == "template.unknown_variable");
  CHECK(unknown.error().field == "nobody");
  CHECK(fill_text("${a", {{"a", "1"}}).error().code == "template.invalid");
  CHECK(fill_text("${}", {{"", "1"}}).error().code == "template.invalid");
}

TEST_CASE("A value cannot leave its place in a path") {
  CHECK(fill_path("/approvals/${id}/approve", {{"id", "a-1_~.9"}}) == "/approvals/a-1_~.9/approve");
  CHECK(fill_path("/x/${id}", {{"id", "../admin?a=b#c"}}) == "/x/..%2Fadmin%3Fa%3Db%23c");
  CHECK(fill_path("/x/${id}", {{"id", "\xC3\xA9 %"}}) == "/x/%C3%A9%20%25");
  for (const char* id : {"", ".", ".."}) {
    CHECK(fill_path("/x/${id}", {{"id", id}}).error().code == "template.value");
  }
  CHECK(fill_path("/x/${id}", {}).error().code == "template.unknown_variable");
}

TEST_CASE("A value cannot begin another header") {
  CHECK(fill_header("${zone}", {{"zone", "Asia/Kolkata"}}) == "Asia/Kolkata");
  CHECK(fill_header("${name}", {{"name", "phone\r\nX-Evil: 1"}}).error().code == "template.value");
  CHECK(fill_header("${name}", {{"name", std::string("a\0b", 3)}}).error().code ==
        "template.value");
}

TEST_CASE("P-6 C-5: a body template keeps its shape and takes values of every type") {
  const Json shape = Json::parse(
      R"({"email":"${email}","n":3,"deep":[{"v":"${list}"},null,true],"t":"id ${n}!"})");
  const Json values = Json::parse(R"({"email":"a\"b","list":[1,{"x":2}],"n":7})");
  const auto filled = fill_json(shape, values);
  REQUIRE(filled);
  CHECK(*filled ==
        Json::parse(R"({"email":"a\"b","n":3,"deep":[{"v":[1,{"x":2}]},null,true],"t":"id 7!"})"));
  CHECK(fill_json(Json("${nobody}"), values).error().code == "template.unknown_variable");
  CHECK(fill_json(Json("x ${list}"), values).error().code == "template.type");
  CHECK(fill_json(Json("${email"), values).error().code == "template.invalid");
  CHECK(*fill_json(Json("${email}${n}"), values) == "a\"b7");
}

TEST_CASE("The placeholders of a template are listed once each") {
  CHECK(variables_in("${b} ${a} ${b}") == std::vector<std::string>{"a", "b"});
  CHECK(variables_in_json(Json::parse(R"({"x":["${q}",{"y":"${p}${q}"}],"z":1})")) ==
        std::vector<std::string>{"p", "q"});
  CHECK(!variables_in("${"));
}
