#include "engine/sync/push_results.hpp"

#include <catch2/catch.hpp>

#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::sync;

namespace {

std::string body(const std::string& items) { return "{\"results\":[" + items + "]}"; }
std::string item(const std::string& rest) {
  return "{\"id\":\"" + to_text(op(1)) + "\"," + rest + "}";
}

}  // namespace

TEST_CASE("each status of the contract is read with what belongs to it") {
  const auto parsed = parse_push_results(
      Json{{"results",
            Json::array({applied(1, kApproval, 8), conflicting(2, kApproval, 9), rejected(3, "C"),
                         retry(4, "busy", 30), retry(5, "after_failed")})}}
          .dump(),
      {op(1), op(2), op(3), op(4), op(5), op(6)});
  REQUIRE(parsed.has_value());
  CHECK(parsed->at(op(1)).row_version == 8);
  CHECK(parsed->at(op(1)).entity.has_value());
  CHECK(parsed->at(op(2)).status == ResultStatus::conflict);
  CHECK(parsed->at(op(2)).code == "row_version");
  CHECK(parsed->at(op(3)).code == "C");
  CHECK(parsed->at(op(4)).retry_after_s == 30);
  CHECK_FALSE(parsed->at(op(4)).after_failed);
  CHECK(parsed->at(op(5)).after_failed);
  CHECK(parsed->find(op(6)) == parsed->end());
}

TEST_CASE("INV-Q6 ids that were not asked about are ignored, and the first word on an id counts") {
  const auto parsed =
      parse_push_results(body(item("\"status\":\"applied\"") + "," +
                              item("\"status\":\"rejected\"") + ",{\"id\":\"server-made\"}"),
                         {op(1)});
  REQUIRE(parsed.has_value());
  CHECK(parsed->size() == 1);
  CHECK(parsed->at(op(1)).status == ResultStatus::applied);
}

TEST_CASE("one field of a wrong type and the whole answer makes no sense") {
  const std::string text = GENERATE(
      as<std::string>{}, "", "<html>", "null", "[]", "{}", "{\"results\":{}}", "{\"results\":[1]}",
      "{\"results\":[{}]}", "{\"results\":[{\"id\":7}]}", body(item("\"status\":7")),
      body(item("\"status\":\"done\"")), body(item("\"status\":\"unseen\"")),
      body(item("\"status\":\"applied\",\"entity\":7")),
      body(item("\"status\":\"applied\",\"entity\":{}")),
      body(item("\"status\":\"applied\",\"entity\":{\"row_version\":\"8\"}")),
      body(item("\"status\":\"retry\",\"retry_after_s\":\"30\"")),
      body(item("\"status\":\"rejected\",\"error\":\"x\"")),
      body(item("\"status\":\"applied\"")) + "x");
  CAPTURE(text);
  CHECK_FALSE(parse_push_results(text, {op(1)}).has_value());
}

TEST_CASE("a server's code is kept only as far as it is a code") {
  CHECK(clean_code("COMMENT_TOO_SHORT") == "COMMENT_TOO_SHORT");
  CHECK(clean_code("a b\n\xc3\xa4") == "ab");
  CHECK(clean_code(std::string(500, 'x')).size() == 64);
}

TEST_CASE("receipts know unseen and never retry") {
  const std::string unseen = "{\"receipts\":[" + item("\"status\":\"unseen\"") + "]}";
  REQUIRE(parse_receipts(unseen, {op(1)}).has_value());
  CHECK(parse_receipts(unseen, {op(1)})->at(op(1)).status == ResultStatus::unseen);
  CHECK_FALSE(
      parse_receipts("{\"receipts\":[" + item("\"status\":\"retry\"") + "]}", {op(1)}).has_value());
}

TEST_CASE(
    "wire.md: a 2xx of an endpoint is the verdict of its one operation, with what its reply "
    "names") {
  profile::Endpoint endpoint;
  endpoint.reply = {{"entity", "data.approval"}, {"assigned_id", "data.id"}};
  SECTION("the document is where the profile says") {
    const auto parsed = parse_endpoint_reply(
        endpoint,
        Json{{"data", {{"approval", applied(1, kApproval, 8)["entity"]}, {"id", "server-7"}}}}
            .dump(),
        op(1));
    REQUIRE(parsed.has_value());
    CHECK(parsed->at(op(1)).status == ResultStatus::applied);
    CHECK(parsed->at(op(1)).row_version == 8);
    CHECK(Json::parse(parsed->at(op(1)).verdict).at("assigned_id") == "server-7");
  }
  SECTION("an empty body is enough where the reply names no document") {
    for (const char* text : {"", "{}"}) {
      const auto parsed = parse_endpoint_reply({}, text, op(1));
      REQUIRE(parsed.has_value());
      CHECK(parsed->at(op(1)).status == ResultStatus::applied);
      CHECK_FALSE(parsed->at(op(1)).entity.has_value());
    }
  }
  SECTION("anything else makes no sense") {
    for (const char* text :
         {"", "{}", "<html>", "[]", "{\"data\":{\"approval\":null}}", "{\"data\":{\"approval\":7}}",
          "{\"data\":{\"approval\":{}}}", "{\"data\":"}) {
      INFO(text);
      CHECK_FALSE(parse_endpoint_reply(endpoint, text, op(1)).has_value());
    }
  }
}

TEST_CASE("wire.md: the verdict inside an endpoint's error counts where it names the operation") {
  const profile::ErrorShape errors{"error.code", "error.message", "error.details"};
  const auto body_with = [](const Json& details) {
    return Json{{"error", {{"code", "CONFLICT"}, {"details", details}}}}.dump();
  };
  const auto parsed = parse_endpoint_error(errors, body_with(conflicting(1, kApproval, 9)), op(1));
  REQUIRE(parsed.has_value());
  CHECK(parsed->at(op(1)).status == ResultStatus::conflict);
  CHECK(parsed->at(op(1)).row_version == 9);
  CHECK_FALSE(parse_endpoint_error(errors, body_with(conflicting(2, kApproval, 9)), op(1)));
  CHECK_FALSE(parse_endpoint_error(errors, body_with(retry(1, "busy")), op(1)));
  CHECK_FALSE(parse_endpoint_error(errors, "<html>", op(1)));
  CHECK_FALSE(parse_endpoint_error({"error.code", "error.message", ""},
                                   body_with(conflicting(1, kApproval, 9)), op(1)));
}
