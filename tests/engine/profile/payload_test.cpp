#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/profile/payload_text.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"

using namespace landfall;
using namespace landfall::profile;

namespace {

// The same whether the payload has a tree or not.
std::string outcome(const Action& action, const std::string& payload) {
  const Status status = check_payload(action, Json::parse(payload));
  const auto text = JsonText::read(payload, {limits::kPayloadBytesMax});
  CAPTURE(payload);
  REQUIRE(text);
  CHECK(fits(action, text->root()) == status.has_value());
  return status ? "ok" : status.error().code + " " + status.error().field.value_or("?");
}

Action with(const std::string& name, PayloadField field) {
  Action action;
  action.payload.emplace(name, std::move(field));
  return action;
}

}  // namespace

TEST_CASE("P-56 INV-Q15: rejecting needs a comment of ten characters, approving needs none") {
  const Profile profile = Profile::load(schema::profile("prokure").value()).value();
  const Action& reject = *profile.action("approval", "reject");
  CHECK(outcome(reject, R"({})") == "payload.missing payload.comment");
  CHECK(outcome(reject, R"({"comment":null})") == "payload.missing payload.comment");
  CHECK(outcome(reject, R"({"comment":"123456789"})") == "payload.value payload.comment");
  CHECK(outcome(reject, R"({"comment":"1234567890"})") == "ok");
  CHECK(outcome(reject, R"({"comment":"   12345     "})") == "payload.value payload.comment");
  // Ten letters of two bytes each count as ten, and five do not.
  CHECK(outcome(reject, R"({"comment":"éééééééééé"})") == "ok");
  CHECK(outcome(reject, R"({"comment":"ééééé"})") == "payload.value payload.comment");
  CHECK(outcome(reject, R"({"comment":12})") == "payload.type payload.comment");
  CHECK(outcome(reject, R"({"comment":"1234567890","photo":1})") ==
        "payload.unknown_field payload.photo");
  CHECK(outcome(reject, R"([])") == "payload.type payload");
  const Action& approve = *profile.action("approval", "approve");
  CHECK(outcome(approve, R"({})") == "ok");
  CHECK(outcome(approve, R"({"comment":""})") == "ok");
  CHECK(outcome(approve, R"({"comment":")" + std::string(2001, 'x') + R"("})") ==
        "payload.value payload.comment");
}

TEST_CASE("Every type of field takes its own values only") {
  const std::vector<std::pair<FieldType, std::string>> own{
      {FieldType::string, R"("a")"}, {FieldType::integer, "1"},    {FieldType::number, "1.5"},
      {FieldType::boolean, "true"},  {FieldType::object, R"({})"}, {FieldType::array, "[]"}};
  for (const auto& [type, ignored] : own) {
    for (const auto& [other, text] : own) {
      const bool fits = type == other || (type == FieldType::number && other == FieldType::integer);
      CHECK(outcome(with("f", {.type = type}), R"({"f":)" + text + "}") ==
            (fits ? "ok" : "payload.type payload.f"));
    }
  }
}

TEST_CASE("Ranges hold for numbers of every size") {
  const Action counted = with("n", {.type = FieldType::number, .value_min = -2, .value_max = 5});
  for (const char* good : {"-2", "0", "5", "4.99", "-2.0"}) {
    CHECK(outcome(counted, std::string{R"({"n":)"} + good + "}") == "ok");
  }
  for (const char* bad :
       {"-3", "6", "5.01", "-2.5", "18446744073709551615", "-9223372036854775808"}) {
    CHECK(outcome(counted, std::string{R"({"n":)"} + bad + "}") == "payload.value payload.n");
  }
  const Action negative = with("n", {.type = FieldType::integer, .value_max = -1});
  CHECK(outcome(negative, R"({"n":3})") == "payload.value payload.n");
  const Action positive = with("n", {.type = FieldType::integer, .value_min = 3});
  CHECK(outcome(positive, R"({"n":2})") == "payload.value payload.n");
  CHECK(outcome(positive, R"({"n":18446744073709551615})") == "ok");
}

TEST_CASE("Choices and list lengths are checked, open payloads take other fields") {
  const Action choice = with("c", {.type = FieldType::string, .one_of = {"a", "b"}});
  CHECK(outcome(choice, R"({"c":"b"})") == "ok");
  CHECK(outcome(choice, R"({"c":"c"})") == "payload.value payload.c");
  Action list =
      with("l", {.type = FieldType::array, .required = true, .length_min = 1, .length_max = 2});
  CHECK(outcome(list, R"({"l":[]})") == "payload.value payload.l");
  CHECK(outcome(list, R"({"l":[1,2]})") == "ok");
  CHECK(outcome(list, R"({"l":[1,2,3]})") == "payload.value payload.l");
  list.payload_open = true;
  CHECK(outcome(list, R"({"l":[1],"more":1})") == "ok");
}

TEST_CASE("A payload that says a field twice is for its tree to check, where the last one counts") {
  Action action = with("f", {.type = FieldType::integer, .required = true});
  for (const char* payload : {R"({"f":"x","f":1})", R"({"f":1,"f":"x"})", R"({"f":null,"f":1})"}) {
    const auto text = JsonText::read(payload, {limits::kPayloadBytesMax});
    REQUIRE(text);
    CHECK_FALSE(fits(action, text->root()));
  }
}
