#include "engine/host/conflict_json.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/host/api_schema.hpp"

using namespace landfall;
using Word = conflict::ConflictChoice::Word;

namespace {

const std::string kId = "01980000-0000-7000-8000-000000000001";

Result<conflict::ConflictChoice> parsed(const std::string& rest) {
  const Json params = Json::parse(R"({"id":")" + kId + "\"" + rest + "}");
  if (auto fits = host::check_params("conflicts.resolve", params); !fits) {
    return failure(fits.error());
  }
  return host::parse_conflict_choice(params);
}

std::string refused_at(const std::string& rest) {
  const auto choice = parsed(rest);
  return choice ? "" : choice.error().field.value_or("no field");
}

}  // namespace

TEST_CASE("P-29: the user's word in a conflict is mine, theirs, or one of them a field") {
  CHECK(parsed(R"(,"choice":"mine")")->word == Word::mine);
  CHECK(parsed(R"(,"choice":"theirs")")->word == Word::theirs);
  const auto choice = parsed(R"(,"choices":{"note":"theirs","a.b":"mine"})");
  REQUIRE(choice);
  CHECK(choice->word == Word::by_field);
  CHECK(to_text(choice->id) == kId);
  CHECK(choice->fields.at("note") == conflict::Side::theirs);
  CHECK(choice->fields.at("a.b") == conflict::Side::mine);
}

TEST_CASE("P-29: a word that is none is refused with its field") {
  CHECK(refused_at("") == "params.choice");
  CHECK(refused_at(R"(,"choice":"mine","choices":{})") == "params.choice");
  CHECK(refused_at(R"(,"choice":"both")") == "params.choice");
  CHECK(refused_at(R"(,"choices":{"note":"both"})") == "params.choices.note");
  CHECK(refused_at(R"(,"choices":{"note":1})") == "params.choices.note");
  CHECK(refused_at(R"(,"choices":[])") == "params.choices");
  CHECK(refused_at(R"(,"word":"mine")") == "params.word");
}

TEST_CASE("P-29: a page of the inbox shows all sides, and says where the next one begins") {
  conflict::Conflict conflict;
  conflict.seq = 7;
  conflict.body = {{"base", {{"note", "n"}}}, {"mine", Json::object()}, {"offset_ms", 5}};
  Json page = host::conflict_list_json({{conflict}, true});
  CHECK(page["next"] == 7);
  REQUIRE(page["conflicts"].size() == 1);
  CHECK(page["conflicts"][0]["base"]["note"] == "n");
  CHECK(page["conflicts"][0]["state"] == "open");
  CHECK_FALSE(page["conflicts"][0].contains("resolved_at"));
  CHECK_FALSE(page["conflicts"][0].contains("offset_ms"));
  CHECK_FALSE(host::conflict_list_json({{conflict}, false}).contains("next"));
}
