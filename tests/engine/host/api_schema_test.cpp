#include "engine/host/api_schema.hpp"

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/http/outcome.hpp"
#include "schema/embedded.hpp"

using namespace landfall;

namespace {

constexpr const char* kId = "0190a5b0-7e4c-7c3a-9d1e-2f3a4b5c6d7e";

Json enqueue() {
  return {{"id", kId},
          {"entity_type", "po"},
          {"entity_id", "PO-1"},
          {"action", "approve"},
          {"payload", Json::object()}};
}

void check_refused(const std::string& request, const Json& params, const std::string& code,
                   const std::string& field) {
  INFO(request << " " << params.dump());
  const Status status = host::check_params(request, params);
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == code);
  CHECK(status.error().field.value_or("") == field);
  CHECK(status.error().kind == ErrorClass::invalid);
}

Json with(Json params, const std::string& key, Json value) {
  params[key] = std::move(value);
  return params;
}

}  // namespace

TEST_CASE("params that fit are taken, with and without the optional ones") {
  CHECK(host::check_params("operations.enqueue", enqueue()).has_value());
  CHECK(host::check_params("operations.enqueue", with(enqueue(), "base_version", 7)).has_value());
  CHECK(host::check_params("operations.enqueue", with(enqueue(), "supersedes", kId)).has_value());
  CHECK(host::check_params("operations.list", Json::object()).has_value());
  CHECK(host::check_params("operations.list", {{"with_payload", true}}).has_value());
  check_refused("operations.list", {{"with_payload", 1}}, "field.type", "params.with_payload");
  CHECK(host::check_params("network.hint", {{"up", false}}).has_value());
  CHECK(host::check_params("push.received", {{"payload", Json::object()}}).has_value());
  for (const char* bare :
       {"notifications.settings", "notifications.channels", "cache.status", "zone.changed"}) {
    CHECK(host::check_params(bare, Json::object()).has_value());
    check_refused(bare, {{"more", 1}}, "field.unknown", "params.more");
  }
}

TEST_CASE("a request that is not there and params that are no object are refused") {
  check_refused("operations.explode", Json::object(), "request.unknown", "request");
  check_refused("", Json::object(), "request.unknown", "request");
  check_refused("engine.status", nullptr, "field.type", "params");
  check_refused("engine.status", "x", "field.type", "params");
}

TEST_CASE("each kind of field names its path when it is wrong") {
  const std::string name = "operations.enqueue";
  check_refused(name, with(enqueue(), "id", 7), "field.type", "params.id");
  check_refused(name, with(enqueue(), "id", "7"), "field.value", "params.id");
  check_refused(name, with(enqueue(), "entity_id", ""), "field.value", "params.entity_id");
  check_refused(name, with(enqueue(), "entity_id", std::string(129, 'x')), "field.value",
                "params.entity_id");
  check_refused(name, with(enqueue(), "payload", Json::array()), "field.type", "params.payload");
  check_refused(name, with(enqueue(), "payload", nullptr), "field.missing", "params.payload");
  check_refused(name, with(enqueue(), "base_version", 0), "field.value", "params.base_version");
  check_refused(name, with(enqueue(), "base_version", 1.5), "field.type", "params.base_version");
  check_refused(name, with(enqueue(), "base_version", UINT64_MAX), "field.value",
                "params.base_version");
  check_refused(name, with(enqueue(), "base_version", nullptr), "field.type",
                "params.base_version");
  check_refused(name, with(enqueue(), "colour", 1), "field.unknown", "params.colour");
  check_refused("push.received", {{"payload", "x"}}, "field.type", "params.payload");
  check_refused("push.received", Json::object(), "field.missing", "params.payload");
  check_refused("network.hint", {{"up", 1}}, "field.type", "params.up");
  check_refused("network.hint", Json::object(), "field.missing", "params.up");
  check_refused("session.login", {{"password", 1}}, "field.type", "params.password");
}

TEST_CASE("a field of an object has a path of its own, and a choice says what it may be") {
  const auto sorted = [](Json sort) { return Json{{"type", "pr"}, {"sort", std::move(sort)}}; };
  const std::string name = "documents.query";
  CHECK(host::check_params(name, sorted({{"by", "status"}})).has_value());
  CHECK(host::check_params(name, sorted({{"by", "status"}, {"order", "descending"}})).has_value());
  check_refused(name, sorted("status"), "field.type", "params.sort");
  check_refused(name, sorted(Json::object()), "field.missing", "params.sort.by");
  check_refused(name, sorted({{"by", 7}}), "field.type", "params.sort.by");
  check_refused(name, sorted({{"by", "status"}, {"order", "down"}}), "field.value",
                "params.sort.order");
  check_refused(name, sorted({{"by", "status"}, {"then", "id"}}), "field.unknown",
                "params.sort.then");
}

TEST_CASE("an array names the item") {
  const Json good{{"entity_type", "po"}, {"entity_id", "1"}};
  const std::string name = "documents.refresh";
  CHECK(host::check_params(name, {{"entities", {good, good}}}).has_value());
  check_refused(name, {{"entities", Json::array()}}, "field.value", "params.entities");
  check_refused(name, {{"entities", Json(201, good)}}, "field.value", "params.entities");
  check_refused(name, {{"entities", good}}, "field.type", "params.entities");
  check_refused(name, {{"entities", {good, 7}}}, "field.type", "params.entities[1]");
  check_refused(name, {{"entities", {good, {{"entity_type", "po"}}}}}, "field.missing",
                "params.entities[1].entity_id");
}

TEST_CASE("a key of the host comes back escaped and cut") {
  const Status status = host::check_params("engine.status", {{std::string(10'000, 'k') + "\n", 1}});
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().field->size() <= 80);
}

TEST_CASE("each reply that is described belongs to a request") {
  const Json api = Json::parse(schema::api_json());
  for (const auto& [name, reply] : api.at("replies").items()) {
    INFO(name);
    CHECK(api.at("requests").contains(name));
    CHECK(reply.is_object());
  }
}

TEST_CASE("each code that says why a session is locked, or what a proof was, has a text") {
  const Json errors = Json::parse(schema::api_json()).at("errors");
  for (const char* code :
       {"store.io", "store.unavailable", "store.corrupt", "storage.full", "keys.locked",
        "keys.lost", "session.locked", "pin.wrong", "biometric.failed", "biometric.cancelled"}) {
    INFO(code);
    CHECK_FALSE(errors.value(code, "").empty());
  }
}

TEST_CASE("each cause that the table of answers knows is said, with what would help") {
  const Json causes = Json::parse(schema::api_json()).at("causes");
  std::set<std::string> codes = {"network.unreachable", "session.missing", "outbox.held",
                                 "retries.spent",       "retry.busy",      "retry.after_failed",
                                 "server.kept_waiting", "receipt.expired", "engine.restarted",
                                 "answer.id_missing",   "dependency",      "permission.revoked",
                                 "session.renewing"};
  http::OutcomeContext context;
  context.origin = "https://api.example";
  const auto note = [&](const http::Answer& answer) {
    for (const auto route : {http::Route::batch, http::Route::endpoint}) {
      context.route = route;
      codes.emplace(http::outcome_of(answer, context).cause);
    }
  };
  for (int status = 300; status < 600; ++status) {
    for (const char* header : {"X-None", "Retry-After", "Location"}) {
      http::Answer answer;
      answer.response.emplace();
      answer.response->status = status;
      const bool leads = std::string_view{header} == "Location";
      answer.response->headers.push_back({header, leads ? "https://portal.example/" : "60"});
      note(answer);
    }
  }
  using enum http::TransportFailure;
  for (const auto failure : {not_sent, no_session, silent, cut, too_large}) {
    http::Answer answer;
    answer.failure = failure;
    note(answer);
  }
  codes.emplace(http::makes_no_sense().cause);
  for (const std::string& code : codes) {
    INFO(code);
    REQUIRE(causes.contains(code));
    CHECK_FALSE(causes[code].value("says", "").empty());
    CHECK_FALSE(causes[code].value("helps", "").empty());
  }
  CHECK(causes.size() == codes.size());
}

TEST_CASE("the interface's file says only what the checker understands") {
  const Json api = Json::parse(schema::api_json());
  const std::set<std::string> types = {"string",  "secret", "integer", "uuid",
                                       "boolean", "object", "array"};
  const std::set<std::string> words = {"type",   "required",  "min",       "max",
                                       "items",  "bytes_min", "bytes_max", "items_min",
                                       "fields", "one_of",    "items_max"};
  const std::function<void(const Json&)> check_rules = [&](const Json& fields) {
    for (const auto& [key, rule] : fields.items()) {
      INFO(key);
      CHECK(types.contains(rule.at("type").get<std::string>()));
      for (const auto& [word, value] : rule.items()) CHECK(words.contains(word));
      if (rule.contains("fields")) check_rules(rule.at("fields"));
    }
  };
  for (const auto& [name, request] : api.at("requests").items()) {
    INFO(name);
    CHECK(name.find('.') != std::string::npos);
    check_rules(request.at("params"));
    for (const auto& [key, rule] : request.at("params").items()) {
      if (rule.at("type") == "array") check_rules(rule.at("items"));
    }
  }
}

TEST_CASE("P-4 P-91: reads through to the server and words of its own are checked like others") {
  CHECK(host::check_params("documents.query", {{"type", "po"}, {"ask", true}}).has_value());
  CHECK(host::check_params("documents.get", {{"type", "po"}, {"id", "1"}}).has_value());
  CHECK(host::check_params("reads.get", {{"read", "dashboard"}, {"max_age_s", 0}}).has_value());
  check_refused("documents.get", {{"type", "po"}}, "field.missing", "params.id");
  check_refused("reads.get", {{"read", "dashboard"}, {"max_age_s", -1}}, "field.value",
                "params.max_age_s");
  const Json changed{{"entity_type", "po"}, {"entity_id", "1"}, {"row_version", 1}};
  CHECK(host::check_params("data.changed", changed).has_value());
  check_refused("data.changed", with(changed, "row_version", 0), "field.value",
                "params.row_version");
}
