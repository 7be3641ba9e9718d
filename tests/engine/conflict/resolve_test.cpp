#include "engine/conflict/resolve.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

using namespace landfall;
using namespace landfall::conflict;

namespace {

const Profile& prokure() {
  static const Profile profile = Profile::load(schema::profile("prokure").value()).value();
  return profile;
}

struct Said {
  std::string action;
  std::string payload;
};

Contest contest(const std::string& type, const std::string& base, const std::string& theirs,
                const std::vector<Said>& intents) {
  Contest made;
  if (!base.empty()) made.base = Json::parse(base);
  made.theirs = Json::parse(theirs);
  for (const Said& said : intents) {
    made.intents.push_back({prokure().action(type, said.action), Json::parse(said.payload)});
  }
  return made;
}

Resolution resolved(const std::string& type, const Contest& contest, const Choices& choices = {},
                    bool has_word = false) {
  return resolve(prokure().entity(type)->conflict, contest, choices, has_word);
}

// "merged {…} -", one payload an intent, "-" for one of which nothing is left.
std::string told(const Resolution& resolution) {
  std::string text = resolution.verdict == Verdict::merged        ? "merged"
                     : resolution.verdict == Verdict::keep_theirs ? "theirs"
                                                                  : "ask";
  if (resolution.reason != AskReason::none) text += " " + std::string{to_string(resolution.reason)};
  for (const auto& payload : resolution.payloads) text += " " + (payload ? payload->dump() : "-");
  return text;
}

}  // namespace

TEST_CASE("P-29: what only I changed is sent anew, and nothing else") {
  const auto made = contest("pr", R"({"title":"t","project":"p","status":"draft"})",
                            R"({"title":"t","project":"q","status":"draft"})",
                            {{"update", R"({"title":"mine","project":"p"})"}});
  CHECK(told(resolved("pr", made)) == R"(merged {"title":"mine"})");
}

TEST_CASE("P-29: what stands on a lost operation is merged and sent with it") {
  const auto made = contest("pr", R"({"title":"t","note":"n","status":"draft"})",
                            R"({"title":"t","note":"n","status":"draft","project":"q"})",
                            {{"update", R"({"title":"first"})"},
                             {"note", R"({"note":"mine"})"},
                             {"update", R"({"title":"second"})"}});
  CHECK(told(resolved("pr", made)) ==
        R"(merged {"title":"first"} {"note":"mine"} {"title":"second"})");
}

TEST_CASE("P-29: a newer server wins a field, and an intent with nothing left is not sent") {
  auto made = contest("pr", R"({"title":"t","project":"p"})", R"({"title":"s","project":"p"})",
                      {{"update", R"({"title":"m"})"}});
  made.times = {Instant{1}, Instant{2}};
  CHECK(told(resolved("pr", made)) == "theirs -");
  made.times = {Instant{3}, Instant{2}};
  CHECK(told(resolved("pr", made)) == R"(merged {"title":"m"})");
}

TEST_CASE("P-29: a field that the profile asks about holds the whole intent") {
  const auto made = contest("pr", R"({"title":"t","note":"n"})", R"({"title":"t","note":"s"})",
                            {{"update", R"({"title":"m","note":"m"})"}});
  const Resolution asked = resolved("pr", made);
  CHECK(asked.verdict == Verdict::ask);
  CHECK(asked.reason == AskReason::field);
  REQUIRE(asked.merge.open.size() == 1);
  CHECK(asked.merge.open[0].field == "note");
  CHECK(told(resolved("pr", made, {{"note", Side::mine}}, true)) ==
        R"(merged {"note":"m","title":"m"})");
  CHECK(told(resolved("pr", made, {{"note", Side::theirs}}, true)) == R"(merged {"title":"m"})");
}

TEST_CASE("P-29 P-53: a decision is sent anew by its user alone") {
  const auto made = contest("approval", R"({"status":"pending","amount":1})",
                            R"({"status":"pending","amount":2})", {{"approve", "{}"}});
  CHECK(told(resolved("approval", made)) == "ask confirm {}");
  CHECK(told(resolved("approval", made, {}, true)) == "merged {}");
}

TEST_CASE("P-29: an approval of what was rejected is not sent, and its comment is no question") {
  const auto made =
      contest("approval", R"({"status":"pending","comment":"a"})",
              R"({"status":"rejected","comment":"b"})", {{"approve", R"({"comment":"c"})"}});
  const Resolution resolution = resolved("approval", made);
  CHECK(told(resolution) == "theirs -");
  CHECK(resolution.merge.open.empty());
  CHECK(told(resolved("approval", made, {}, true)) == "theirs -");
}

TEST_CASE("P-29: what the server has already is not sent again") {
  const auto made = contest("approval", R"({"status":"pending"})", R"({"status":"approved"})",
                            {{"approve", "{}"}});
  CHECK(told(resolved("approval", made)) == "theirs -");
}

TEST_CASE("P-29 P-56: a field that the action requires goes with the merged value, if it fits") {
  const auto made = contest("approval", R"({"status":"pending"})",
                            R"({"status":"pending","comment":"a remark of somebody else"})",
                            {{"reject", R"({"comment":"beyond the budget"})"}});
  CHECK(told(resolved("approval", made, {{"comment", Side::theirs}}, true)) ==
        R"(merged {"comment":"a remark of somebody else"})");
  const auto unfit =
      contest("approval", R"({"status":"pending"})", R"({"status":"pending","comment":"short"})",
              {{"reject", R"({"comment":"beyond the budget"})"}});
  CHECK(resolved("approval", unfit, {{"comment", Side::theirs}}, true).reason == AskReason::unfit);
}

TEST_CASE("P-29: where a document was made or taken away there are no fields to merge") {
  auto gone = contest("pr", R"({"title":"t"})", "{}", {{"update", R"({"title":"m"})"}});
  gone.theirs_deleted = true;
  CHECK(told(resolved("pr", gone)) == "theirs -");
  const auto removal = contest("pr", R"({"title":"t"})", R"({"title":"s"})", {{"delete", "{}"}});
  CHECK(told(resolved("pr", removal)) == "ask whole {}");
  CHECK(told(resolved("pr", removal, {}, true)) == "merged {}");
  const auto creation = contest("pr", "", R"({"title":"s"})", {{"create", R"({"title":"m"})"}});
  CHECK(told(resolved("pr", creation)) == "theirs -");
}

TEST_CASE("P-29: without what the user saw, only what they touched can be in conflict") {
  auto made = contest("pr", "", R"({"title":"s","note":"s","project":"p"})",
                      {{"update", R"({"note":"m"})"}});
  const Resolution resolution = resolved("pr", made);
  REQUIRE(resolution.merge.open.size() == 1);
  CHECK(resolution.merge.open[0].field == "note");
  CHECK(resolution.merge.fields.size() == 1);
}
