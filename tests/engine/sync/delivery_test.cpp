#include "engine/sync/delivery.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/http/message.hpp"
#include "engine/profile/profile.hpp"
#include "schema/limits.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::sync;
using profile::Delivery;

namespace {

Operation operation(int number, const std::string& entity_id = "a1") {
  Operation made;
  made.id = op(number);
  made.entity = {"approval", entity_id};
  made.action = "approve";
  made.base_version = 7;
  return made;
}

struct Calls {
  Profile profile = test_profile();

  http::ApiCall of(const Way& way, const std::vector<Operation>& operations,
                   const std::vector<store::OperationContent>& contents) {
    std::vector<Outgoing> outgoing;
    for (std::size_t i = 0; i < operations.size(); ++i)
      outgoing.push_back({operations[i], operations[i].id, contents[i]});
    auto call = call_of(profile, way, "d1", outgoing);
    REQUIRE(call.has_value());
    return std::move(*call);
  }
};

const store::OperationContent kPlain{R"({"comment":"fine"})", std::nullopt};

}  // namespace

TEST_CASE("wire.md: the way of an operation is its action's; without a group it goes with a push") {
  Profile profile = test_profile();
  Operation single = operation(1);
  CHECK(way_of(profile, single) == Way{});
  Operation grouped = operation(2);
  grouped.group_id = "g1";
  CHECK(way_of(profile, grouped) == Way{Delivery::group, "bulk_approve", "g1"});
  deliver(profile, "approval", "approve", Delivery::endpoint);
  CHECK(way_of(profile, single) == Way{Delivery::endpoint, "approval.approve", std::nullopt});
  single.action = "gone from the profile";
  CHECK(way_of(profile, single) == Way{});
}

TEST_CASE(
    "P-93: a call of an endpoint has the payload as its body, the id and the version beside") {
  Calls calls;
  deliver(calls.profile, "approval", "approve", Delivery::endpoint);
  const Way way{Delivery::endpoint, "approval.approve", std::nullopt};
  SECTION("with a version") {
    const auto call = calls.of(way, {operation(1)}, {kPlain});
    CHECK(call.endpoint == "approval.approve");
    CHECK(call.body == kPlain.payload);
    CHECK(call.variables.at("id") == "a1");
    CHECK(http::find_header(call.headers, "Idempotency-Key") == to_text(op(1)));
    CHECK(http::find_header(call.headers, "If-Match") == "\"7\"");
  }
  SECTION("without one nothing is claimed about it") {
    Operation made = operation(1);
    made.base_version.reset();
    CHECK_FALSE(http::find_header(calls.of(way, {made}, {kPlain}).headers, "If-Match"));
  }
  SECTION("also of one that ids of the server have made longer than what is accepted") {
    const Json longer{{"comment", std::string(limits::kPayloadBytesMax, 'x')}};
    const auto call =
        calls.of(way, {operation(1)}, {{longer.dump(), R"({"biometric_verified":true})"}});
    CHECK(Json::parse(call.body)["comment"] == longer["comment"]);
  }
  SECTION("what the template adds and the attestation stand beside the payload") {
    calls.profile.endpoints.at("approval.approve").body =
        std::make_shared<const Json>(Json{{"approval_id", "${id}"}, {"device", "${device_id}"}});
    const auto call =
        calls.of(way, {operation(1)}, {{kPlain.payload, R"({"biometric_verified":true})"}});
    CHECK(Json::parse(call.body) == Json{{"comment", "fine"},
                                         {"approval_id", "a1"},
                                         {"device", "d1"},
                                         {"attestation", {{"biometric_verified", true}}}});
  }
}

TEST_CASE(
    "P-55: a group is one call, with one attestation over the list where all carry the same") {
  Calls calls;
  const Way way{Delivery::group, "bulk_approve", "g1"};
  const store::OperationContent attested{"{}", R"({"nonce":1})"};
  SECTION("the same") {
    const Json body = Json::parse(
        calls.of(way, {operation(1, "a1"), operation(2, "a2")}, {attested, attested}).body);
    CHECK(body["action"] == "APPROVE");
    CHECK(body["approval_ids"] == Json{"a1", "a2"});
    CHECK(body["device_id"] == "d1");
    CHECK(body["attestation"] == Json{{"nonce", 1}});
    REQUIRE(body["operations"].size() == 2);
    CHECK(body["operations"][1]["id"] == to_text(op(2)));
    CHECK(body["operations"][1]["base_version"] == 7);
    CHECK_FALSE(body["operations"][0].contains("attestation"));
  }
  SECTION("another: each keeps its own") {
    const Json body = Json::parse(
        calls
            .of(way, {operation(1, "a1"), operation(2, "a2")}, {attested, {"{}", R"({"nonce":2})"}})
            .body);
    CHECK_FALSE(body.contains("attestation"));
    CHECK(body["operations"][0]["attestation"] == Json{{"nonce", 1}});
    CHECK(body["operations"][1]["attestation"] == Json{{"nonce", 2}});
  }
}

TEST_CASE("the bytes of an operation in a push are the same each time (INV-Q2)") {
  Operation made = operation(1);
  made.group_id = "g1";
  const store::OperationContent content{R"({"a":1})", R"({"b":2})"};
  const std::string first = wire_operation({made, made.id, content});
  made.attempts = 3;
  made.due_at = Instant{99};
  CHECK(wire_operation({made, made.id, content}) == first);
  CHECK(Json::parse(first)["attestation"] == Json{{"b", 2}});
}

TEST_CASE("the room of an operation is the size of its longest text, whatever its names hold") {
  const std::vector<std::string> names = {
      "a1", "with \"quotes\" and \n", "\x01\\", "\xc3\xa9", "cut \xe2\x82", "\xff", ""};
  for (std::size_t i = 0; i < names.size() * names.size() * 4; ++i) {
    Operation made = operation(1, names[i % names.size()]);
    made.entity.type = names[i / names.size() % names.size()];
    made.schema = static_cast<int>(i);
    made.created_at = Instant{static_cast<std::int64_t>(i) * 1'000'003};
    store::OperationContent content{R"({"a":1})", std::nullopt};
    if (i % 2 == 0) made.group_id = names[i / 2 % names.size()];
    if (i % 3 == 0) content.attestation = R"({"b":"\u00e9"})";
    Operation longest = made;
    longest.base_version.reset();
    longest.after = op(2);
    const std::string text = wire_operation({longest, longest.id, content});
    CAPTURE(text);
    CHECK(wire_bytes_max(made, content) == static_cast<std::int64_t>(text.size()) + 1);
    // The same members as a tree has, in the order that was always sent.
    const Json tree = Json::parse(text);
    CHECK(tree.at("entity_id") == Json::parse(dump_json(made.entity.id)));
    CHECK(tree.at("entity_type") == Json::parse(dump_json(made.entity.type)));
    CHECK(tree.contains("group_id") == made.group_id.has_value());
    CHECK(tree.contains("attestation") == content.attestation.has_value());
  }
}

TEST_CASE("P-30: an operation's text is what it was since the first version (INV-Q2)") {
  Operation made = operation(1, "a\"1");
  made.schema = 2;
  made.group_id = "g1";
  made.created_at = Instant{1'767'225'600'000};
  const std::string text = wire_operation({made, made.id, {R"({"a":1})", R"({"b":2})"}});
  CHECK(text == "{\"id\":\"" + to_text(made.id) +
                    R"(","entity_type":"approval","entity_id":"a\"1","action":"approve",)"
                    R"("schema":2,"base_version":7,"created_at":"2026-01-01T00:00:00.000Z",)"
                    R"("payload":{"a":1},"group_id":"g1","attestation":{"b":2}})");
}
