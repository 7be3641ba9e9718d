#include "engine/host/operation_json.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/limits.hpp"

using namespace landfall;

namespace {

constexpr const char* kId = "0190a5b0-7e4c-7c3a-9d1e-2f3a4b5c6d7e";
constexpr const char* kOther = "0190a5b0-7e4c-7c3a-9d1e-2f3a4b5c6d7f";

Json params() {
  return {{"id", kId},
          {"entity_type", "po"},
          {"entity_id", "PO-1"},
          {"action", "approve"},
          {"payload", {{"comment", "fine"}}}};
}

void check_refused(const std::string& key, Json value, const std::string& code) {
  Json changed = params();
  changed[key] = std::move(value);
  const auto parsed = host::parse_enqueue(changed);
  INFO(key);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code == code);
  CHECK(parsed.error().field == "params." + key);
}

}  // namespace

TEST_CASE("an enqueue is read with all that it may carry") {
  Json all = params();
  all["base_version"] = 4;
  all["supersedes"] = kOther;
  all["group_id"] = "g";
  all["attestation"] = {{"pin", true}};
  const auto parsed = host::parse_enqueue(all);
  if (!parsed) FAIL(parsed.error().message);
  CHECK(to_text(parsed->id) == kId);
  CHECK(parsed->entity.type == "po");
  CHECK(parsed->entity.id == "PO-1");
  CHECK(parsed->action == "approve");
  CHECK(parsed->payload == R"({"comment":"fine"})");
  CHECK(parsed->base_version == 4);
  REQUIRE(parsed->supersedes.has_value());
  CHECK(to_text(*parsed->supersedes) == kOther);
  CHECK(parsed->group_id == "g");
  CHECK(parsed->attestation == R"({"pin":true})");
}

TEST_CASE("an enqueue names the field that does not fit") {
  check_refused("id", "no id", "field.value");
  check_refused("entity_type", std::string(limits::kNameBytesMax + 1, 'x'), "field.value");
  check_refused("entity_id", "", "field.value");
  check_refused("action", 7, "field.type");
  check_refused("payload", "text", "field.type");
  check_refused("base_version", 0, "field.value");
  check_refused("supersedes", "no id", "field.value");
  check_refused("attestation", 1, "field.type");
}

TEST_CASE("an acknowledgement carries the commit that a query may wait for") {
  sync::Accepted accepted;
  accepted.id = *parse_id<OperationId>(kId);
  accepted.seq = 12;
  const Json json = host::accepted_json(accepted, 34);
  CHECK(json["id"] == kId);
  CHECK(json["seq"] == 12);
  CHECK(json["commit_seq"] == 34);
  CHECK(json["repeated"] == false);
}

TEST_CASE("the text of an acknowledgement is that of its tree") {
  sync::Accepted accepted;
  accepted.id = *parse_id<OperationId>(kId);
  accepted.seq = 12;
  CHECK(host::accepted_text(accepted, 34) == dump_json(host::accepted_json(accepted, 34)));
  accepted.repeated = true;
  accepted.state = sync::OperationState::applied;
  accepted.supersedes = parse_id<OperationId>(kOther);
  CHECK(host::accepted_text(accepted, 0) == dump_json(host::accepted_json(accepted, 0)));
}

TEST_CASE(
    "an operation has its payload where it was asked for, and a page says what comes behind") {
  sync::OperationPage page;
  page.operations.resize(2);
  page.operations[0].id = *parse_id<OperationId>(kId);
  page.operations[1].id = *parse_id<OperationId>(kOther);
  page.operations[1].seq = 12;
  Json bare = host::operation_list_json(page);
  CHECK(bare["operations"].size() == 2);
  CHECK(bare["operations"][0]["id"] == kId);
  CHECK_FALSE(bare["operations"][0].contains("payload"));
  CHECK_FALSE(bare.contains("next"));
  CHECK(host::operation_list_json({}) == Json{{"operations", Json::array()}});

  page.payloads = {R"({"comment":"fine"})", R"({"lines":[{"n":1}]})"};
  page.has_more = true;
  const Json whole = host::operation_list_json(page);
  CHECK(whole["operations"][0]["payload"] == Json{{"comment", "fine"}});
  CHECK(whole["operations"][1]["payload"] == Json::parse(page.payloads[1]));
  CHECK(whole["next"] == 12);
}

TEST_CASE("an explanation has the operation's payload, however long it has become") {
  sync::Explanation explanation;
  explanation.operation.id = *parse_id<OperationId>(kId);
  const std::string text(limits::kPayloadBytesMax, 'x');
  explanation.payload = dump_json(Json{{"text", text}});
  const Json json = host::explanation_json(explanation);
  CHECK(json["operation"]["id"] == kId);
  CHECK(json["operation"]["payload"]["text"] == text);
}

TEST_CASE("an operation's change is told as the tree of the event would say it") {
  sync::OperationChange change;
  change.id = *parse_id<OperationId>(kId);
  change.entity = {"po", "\"PO\"\n1"};
  change.state = sync::OperationState::sending;
  change.attempts = 2;
  Json data{{"id", kId},
            {"entity_type", "po"},
            {"entity_id", "\"PO\"\n1"},
            {"attempts", 2},
            {"state", "sending"}};
  const auto tree = [&] { return dump_json(Json{{"event", "operation.changed"}, {"data", data}}); };
  CHECK(host::operation_changed_text(change) == tree());
  change.state = sync::OperationState::blocked;
  change.block_reason = sync::BlockReason::permission;
  data["state"] = "blocked";
  data["block_reason"] = "permission";
  CHECK(host::operation_changed_text(change) == tree());
}
