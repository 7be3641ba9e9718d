// What an app may hand in by mistake (reliability 4, "C ABI JSON requests"): each bad form has one
// code, with the field or the byte, and what is taken is kept to the digit.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/host/api_schema.hpp"
#include "engine/host/incoming.hpp"
#include "engine/host/operation_json.hpp"
#include "engine/host/outgoing.hpp"
#include "schema/limits.hpp"
#include "tests/engine/json_mutations.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;

namespace {

constexpr const char* kId = "0190a5b0-7e4c-7c3a-9d1e-2f3a4b5c6d7e";

Json enqueue_params() {
  return {{"id", kId},           {"entity_type", "po"},   {"entity_id", "PO-1"},
          {"action", "approve"}, {"payload", {{"n", 1}}}, {"base_version", 7}};
}

std::string enqueue_text(const std::function<void(Json&)>& change) {
  Json params = enqueue_params();
  change(params);
  return Json{{"id", 7}, {"request", "operations.enqueue"}, {"params", params}}.dump();
}

// An enqueue with this text as its payload.
std::string with_payload(const std::string& raw) {
  std::string text = enqueue_text([](Json& params) { params["payload"] = "@@"; });
  return text.replace(text.find("\"@@\""), 4, raw);
}

struct BadForm {
  std::string what;
  std::string text;
  std::string code;
  std::string field;
  std::optional<std::size_t> offset;
};

std::size_t at(const std::string& text, std::string_view what) { return text.find(what); }

std::vector<BadForm> forms_of_text() {
  const std::string nul = std::string(R"({"id":1,"request":"engine)") + '\0' + "\"}";
  const std::string huge = with_payload(R"({"n":1e400})");
  const std::string rounded = with_payload(R"({"n":[1,18446744073709551616]})");
  const std::string below = with_payload(R"({"n":-9223372036854775809})");
  return {
      {"no UTF-8", "{\"id\":1,\"request\":\"\xc3(\"}", "json.invalid", "", 20},
      {"a lone surrogate", R"({"id":1,"request":"\udc00"})", "json.invalid", "", 24},
      {"an encoded surrogate", "{\"id\":1,\"request\":\"\xed\xa0\x80\"}", "json.invalid", "", 20},
      {"a zero byte", nul, "json.invalid", "", 25},
      {"100,000 levels", std::string(100'000, '['), "json.too_deep", "", 64},
      {"100,000 levels of a payload", with_payload(std::string(100'000, '{')), "json.too_deep", "",
       at(with_payload("{"), "\"payload\":") + 10 + 62},
      {"64 MiB", std::string(64 * limits::kMiB, ' '), "json.too_large", "", std::nullopt},
      {"1e400", huge, "json.invalid", "", at(huge, "1e400")},
      {"an integer of 65 bits", rounded, "json.invalid", "", at(rounded, "184467")},
      {"an integer below 64 bits", below, "json.invalid", "", at(below, "-92233")},
      {"NaN", with_payload("{\"n\":NaN}"), "json.invalid", "",
       at(with_payload("{\"n\":NaN}"), "NaN")},
  };
}

// A proof of so many decisions.
std::string attest_text(std::size_t count) {
  Json operation = enqueue_params();
  operation.erase("base_version");
  return Json{{"id", 7},
              {"request", "operations.attest"},
              {"params", {{"operations", Json(count, operation)}}}}
      .dump();
}

std::vector<BadForm> forms_of_fields() {
  const auto set = [](const std::string& key, Json value) {
    return enqueue_text([&](Json& params) { params[key] = value; });
  };
  const auto drop = [](const std::string& key) {
    return enqueue_text([&](Json& params) { params.erase(key); });
  };
  return {
      {"no id", drop("id"), "field.missing", "params.id", std::nullopt},
      {"no payload", drop("payload"), "field.missing", "params.payload", std::nullopt},
      {"an id that is none", set("id", "7"), "field.value", "params.id", std::nullopt},
      {"an integer for a string", set("entity_id", 7), "field.type", "params.entity_id",
       std::nullopt},
      {"an id of 10 KB", set("entity_id", std::string(10'240, 'x')), "field.value",
       "params.entity_id", std::nullopt},
      {"a type of 10 KB", set("entity_type", std::string(10'240, 'x')), "field.value",
       "params.entity_type", std::nullopt},
      {"a version as text", set("base_version", "7"), "field.type", "params.base_version",
       std::nullopt},
      {"a version of 1.5", set("base_version", 1.5), "field.type", "params.base_version",
       std::nullopt},
      {"version 0", set("base_version", 0), "field.value", "params.base_version", std::nullopt},
      // The engine's own clock says when; a host's word on it would not count.
      {"a time of making", set("created_at", "2199-01-01T00:00:00Z"), "field.unknown",
       "params.created_at", std::nullopt},
      {"a field nobody knows", set("colour", "red"), "field.unknown", "params.colour",
       std::nullopt},
      {"a payload that is a list", set("payload", Json::array()), "field.type", "params.payload",
       std::nullopt},
      {"21 bulk items under one proof", attest_text(21), "field.value", "params.operations",
       std::nullopt},
      {"an unknown request", R"({"id":7,"request":"operations.explode"})", "request.unknown",
       "request", std::nullopt},
  };
}

void check_form(const BadForm& form) {
  INFO(form.what);
  const auto incoming = host::parse_incoming(form.text);
  REQUIRE_FALSE(incoming.has_value());
  const Error& error = incoming.error().error;
  CHECK(error.code == form.code);
  CHECK(error.kind == ErrorClass::invalid);
  CHECK(error.field.value_or("") == form.field);
  CHECK(error.offset == form.offset);
  check_safe(error);
  const bool is_readable = form.code.starts_with("field.") || form.code == "request.unknown";
  CHECK(incoming.error().reply == (is_readable ? std::optional<std::int64_t>{7} : std::nullopt));
}

// What an enqueue hands on as its payload.
std::string payload_of(const std::string& raw) {
  const auto incoming = host::parse_incoming(with_payload(raw));
  if (!incoming) FAIL(incoming.error().error.message);
  const auto parsed = host::parse_enqueue(*std::get<host::Request>(*incoming).params);
  REQUIRE(parsed.has_value());
  return parsed->payload;
}

}  // namespace

TEST_CASE("every bad form of a request's text is refused by its code and its byte") {
  for (const BadForm& form : forms_of_text()) check_form(form);
}

TEST_CASE("every bad form of a request's fields is refused by its code and its path") {
  for (const BadForm& form : forms_of_fields()) check_form(form);
}

TEST_CASE(
    "of 21 bulk items handed in one by one the last is refused by its field (P-55, INV-Q15)") {
  CHECK(host::parse_incoming(attest_text(20)).has_value());
  QueueWorld world;
  for (int number = 1; number <= 21; ++number) {
    const std::string text = enqueue_text([&](Json& params) {
      params.update(Json{{"id", to_text(op(number))},
                         {"entity_type", "approval"},
                         {"entity_id", "A-" + std::to_string(number)},
                         {"payload", Json::object()},
                         {"attestation", {{"biometric_verified", true}}},
                         {"group_id", "g"}});
    });
    const auto incoming = host::parse_incoming(text);
    REQUIRE(incoming.has_value());
    const auto request = host::parse_enqueue(*std::get<host::Request>(*incoming).params);
    REQUIRE(request.has_value());
    const auto accepted = world.try_enqueue(*request);
    INFO(number);
    REQUIRE(accepted.has_value() == (number <= 20));
    if (accepted) continue;
    const Json error = host::error_json(accepted.error());
    CHECK(error["code"] == "operation.group_full");
    CHECK(error["field"] == "group_id");
  }
  CHECK(world.all().size() == 20);
}

TEST_CASE("numbers that 64 bits hold are handed on to the digit, and a zero has no sign") {
  for (const char* number : {"9007199254740993", "-9007199254740993", "9223372036854775807",
                             "-9223372036854775808", "18446744073709551615", "0.1", "1e+300"}) {
    CHECK(payload_of(std::string("{\"n\":") + number + "}") ==
          std::string("{\"n\":") + number + "}");
  }
  CHECK(payload_of(R"({"n":-0})") == R"({"n":0})");
  // What stands in a string is nobody's number.
  const std::string text = R"({"n":"18446744073709551616 \" 18446744073709551616"})";
  CHECK(payload_of(text) == text);
}

TEST_CASE("of a key that stands twice the last value counts, in the envelope and in a payload") {
  CHECK(payload_of(R"({"n":1,"n":2})") == R"({"n":2})");
  std::string twice = enqueue_text([](Json&) {});
  twice.insert(1, R"("id":"x",)");
  CHECK(host::parse_incoming(twice).has_value());
  twice.insert(twice.size() - 1, R"(,"id":"x")");
  const auto incoming = host::parse_incoming(twice);
  REQUIRE_FALSE(incoming.has_value());
  CHECK(incoming.error().error.field == "id");
}

TEST_CASE("any one place of a request made wrong gives one refusal, or what the schema allows") {
  const std::vector<Json> requests = {
      {{"id", 1}, {"request", "operations.enqueue"}, {"params", enqueue_params()}},
      {{"id", 2},
       {"request", "session.login"},
       {"params", {{"email", "a@b.c"}, {"password", kMarker}}}},
      {{"id", 3},
       {"request", "documents.refresh"},
       {"params", {{"entities", {{{"entity_type", "po"}, {"entity_id", "1"}}}}}}},
      {{"id", 4},
       {"request", "documents.query"},
       {"params", {{"type", "po"}, {"sort", {{"by", "x"}, {"order", "ascending"}}}}}},
      {{"answer", 5}, {"result", {{"status", "value"}, {"value", kMarker}}}},
      {{"answer", 6}, {"error", {{"code", "x.y"}, {"message", "no"}}}},
  };
  for (const Json& request : requests) {
    int refused = 0;
    for (const MutatedJson& mutated : mutations_of(request)) {
      INFO(mutated.what);
      const auto incoming = host::parse_incoming(mutated.text);
      if (!incoming) {
        ++refused;
        CHECK(incoming.error().error.kind == ErrorClass::invalid);
        check_safe(incoming.error().error);
      } else if (const auto* taken = std::get_if<host::Request>(&*incoming)) {
        CHECK(host::check_params(taken->name, *taken->params).has_value());
      }
    }
    CHECK(refused > 50);
  }
}
