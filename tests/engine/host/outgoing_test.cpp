#include "engine/host/outgoing.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace landfall;

TEST_CASE("each text of the engine has the shape that the interface promises") {
  CHECK(Json::parse(host::reply_text(7, {{"a", 1}})) == Json{{"reply", 7}, {"result", {{"a", 1}}}});
  CHECK(Json::parse(host::event_text("pull.completed", {{"scope", "tier1"}})) ==
        Json{{"event", "pull.completed"}, {"data", {{"scope", "tier1"}}}});
  CHECK(Json::parse(host::question_text(3, "secret.read", {{"name", "k"}})) ==
        Json{{"question", 3}, {"port", "secret.read"}, {"data", {{"name", "k"}}}});
  CHECK(Json::parse(host::cancel_text(3)) == Json{{"cancel", 3}});
  CHECK(Json::parse(host::ticket_text(9, Json{{"seq", 1}})) ==
        Json{{"ticket", 9}, {"result", {{"seq", 1}}}});
}

TEST_CASE("an error says its code, message and class, and the field and byte when they are known") {
  Error error{ErrorClass::invalid, "field.type", "params.id expected a UUID", "params.id"};
  const Json reply = Json::parse(host::reply_error_text(7, error));
  CHECK(reply == Json{{"reply", 7},
                      {"error",
                       {{"code", "field.type"},
                        {"message", "params.id expected a UUID"},
                        {"class", "invalid"},
                        {"field", "params.id"}}}});
  error = Error{ErrorClass::invalid, "json.invalid", "no valid JSON", std::nullopt, 12};
  const Json unread = Json::parse(host::reply_error_text(std::nullopt, error));
  CHECK(unread["reply"].is_null());
  CHECK(unread["error"]["offset"] == 12);
  CHECK_FALSE(unread["error"].contains("field"));
  CHECK(Json::parse(host::ticket_text(2, failure(error)))["error"]["code"] == "json.invalid");
}

TEST_CASE("a text that is not UTF-8 still goes out as JSON of one line") {
  const std::string text = host::reply_text(1, {{"name", "a\xff\n\xed\xa0\x80"}});
  CHECK(text.find('\n') == std::string::npos);
  CHECK(Json::accept(text));
}

TEST_CASE("a text that is put together has the bytes of its tree") {
  const Json data{{"z", {1, 2.5, nullptr}}, {"a", "\xc3\xa9 \"\n"}, {"cut", "\xe2\x82"}};
  CHECK(host::event_text("a \"b\"", data) == dump_json(Json{{"event", "a \"b\""}, {"data", data}}));
  CHECK(host::reply_text(-7, data) == dump_json(Json{{"reply", -7}, {"result", data}}));
  CHECK(host::ticket_text(9, data) == dump_json(Json{{"ticket", 9}, {"result", data}}));
  CHECK(host::reply_around(-7, dump_json(data)) == host::reply_text(-7, data));
  CHECK(host::ticket_around(9, dump_json(data)) == host::ticket_text(9, data));
  const Error error{ErrorClass::invalid, "json.invalid", "no \"valid\" JSON", "params.id", 12};
  CHECK(host::ticket_text(9, failure(error)) ==
        dump_json(Json{{"ticket", 9}, {"error", host::error_json(error)}}));
}
