#include <chrono>
#include <cstddef>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/attest/attestation.hpp"
#include "engine/base/base64.hpp"
#include "tests/engine/attest/attest_fixture.hpp"
#include "tests/simulator/backend_client.hpp"

namespace landfall::backend {
namespace {

BackendOptions signed_options() {
  BackendOptions options;
  options.attested = {"approval/approve"};
  return options;
}

// A phone whose server wants approvals signed, and knows the phone's key.
struct Fixture {
  Server server{signed_options()};
  Client phone{server};
  Document approval;
  attest::Statement statement;

  explicit Fixture(bool registers = true) {
    REQUIRE(phone.login().status == 200);
    if (registers) REQUIRE(say_key(to_base64(attest::public_half(test::seed(1)))).status == 200);
    approval = phone.next_approval();
    statement = test::statement_of({decision(1)});
    statement.device_id = phone.device_id;
    statement.user_id = phone.user_id();
    statement.at = server.now - Duration{60'000};
  }

  Reply say_key(const std::string& key) {
    return phone.post("/api/mobile/device/register", {{"device_id", phone.device_id},
                                                      {"platform", "ANDROID"},
                                                      {"os_version", "14"},
                                                      {"app_version", "1.0.0"},
                                                      {"fcm_token", nullptr},
                                                      {"device_name", "desk"},
                                                      {"biometric_capable", false},
                                                      {"biometric_type", nullptr},
                                                      {"attestation_key", key}});
  }
  [[nodiscard]] attest::Decision decision(int number) const {
    return {*parse_id<OperationId>(op(number)), approval.key, "approve", "{}"};
  }
  [[nodiscard]] Json proof(int key = 1) const {
    return attest::to_json(attest::make(statement, test::seed(key)), {});
  }
  [[nodiscard]] Json approve(int number, const Json& payload = Json::object()) const {
    return on_base(operation(number, "approval", approval.key.id, "approve", payload),
                   approval.row_version);
  }
  // The code of the verdict, or its status.
  std::string push(Json operation, const Json& attestation) {
    if (!attestation.is_null()) operation["attestation"] = attestation;
    const Json result = phone.results({operation})[0];
    return result["status"] == "rejected" ? result["error"]["code"].get<std::string>()
                                          : result["status"].get<std::string>();
  }
};

TEST_CASE("a decision that must be signed is done with a sound attestation only (C-25)") {
  Fixture f;
  std::size_t effects = 0;
  SECTION("sound") {
    CHECK(f.push(f.approve(1), f.proof()) == "applied");
    CHECK(f.push(f.approve(1), f.proof()) == "applied");
    effects = 1;
  }
  SECTION("none") { CHECK(f.push(f.approve(1), nullptr) == "ATTESTATION_REQUIRED"); }
  SECTION("the bare word") {
    CHECK(f.push(f.approve(1), {{"biometric_verified", true}}) == "ATTESTATION_INVALID");
  }
  SECTION("other words") {
    CHECK(f.push(f.approve(1, {{"comment", "x"}}), f.proof()) == "ATTESTATION_INVALID");
  }
  SECTION("another operation") { CHECK(f.push(f.approve(2), f.proof()) == "ATTESTATION_INVALID"); }
  SECTION("another user") {
    f.statement.user_id = "somebody";
    CHECK(f.push(f.approve(1), f.proof()) == "ATTESTATION_INVALID");
  }
  SECTION("altered") {
    Json altered = f.proof();
    altered["elapsed_ms"] = 1;
    CHECK(f.push(f.approve(1), altered) == "ATTESTATION_INVALID");
  }
  SECTION("from the future") {
    f.statement.at = f.server.now + std::chrono::hours{25};
    CHECK(f.push(f.approve(1), f.proof()) == "ATTESTATION_TIME");
  }
  SECTION("too old") {
    f.statement.at = f.server.now - std::chrono::hours{24 * 31};
    CHECK(f.push(f.approve(1), f.proof()) == "ATTESTATION_TIME");
  }
  CHECK(f.server.backend->ledger().effects().size() == effects);
}

TEST_CASE("a key that is not known yet is no verdict, and one of before still counts (C-25)") {
  Fixture f(false);
  CHECK(f.push(f.approve(1), f.proof()) == "retry");
  CHECK(f.say_key("not a key").status == 400);
  CHECK(f.push(f.approve(1), f.proof()) == "retry");
  REQUIRE(f.say_key(to_base64(attest::public_half(test::seed(1)))).status == 200);
  REQUIRE(f.say_key(to_base64(attest::public_half(test::seed(2)))).status == 200);
  CHECK(f.push(f.approve(1), f.proof()) == "applied");
}

TEST_CASE("a nonce is for one statement, which may be about a group (C-25, P-55)") {
  Fixture f;
  const Document other = f.phone.next_approval();
  const attest::Decision second{*parse_id<OperationId>(op(2)), other.key, "approve", "{}"};
  SECTION("the same nonce in another statement is refused") {
    CHECK(f.push(f.approve(1), f.proof()) == "applied");
    f.statement.operations = {attest::attested(second)};
    f.approval = other;
    CHECK(f.push(f.approve(2), f.proof()) == "ATTESTATION_REPLAYED");
  }
  SECTION("one statement decides a group") {
    f.statement.operations.push_back(attest::attested(second));
    const Json second_operation = on_base(
        operation(2, "approval", other.key.id, "approve", Json::object()), other.row_version);
    const Reply reply = f.phone.post("/api/mobile/approvals/bulk",
                                     {{"device_id", f.phone.device_id},
                                      {"action", "APPROVE"},
                                      {"approval_ids", {f.approval.key.id, other.key.id}},
                                      {"operations", {f.approve(1), second_operation}},
                                      {"attestation", f.proof()}});
    REQUIRE(reply.status == 200);
    CHECK(reply.body["results"][0]["status"] == "applied");
    CHECK(reply.body["results"][1]["status"] == "applied");
  }
}

TEST_CASE("in a group an operation is judged by its own attestation, if it has one (C-25, P-55)") {
  Fixture f;
  const Document other = f.phone.next_approval();
  const attest::Decision second{*parse_id<OperationId>(op(2)), other.key, "approve", "{}"};
  Json one = f.approve(1);
  Json two =
      on_base(operation(2, "approval", other.key.id, "approve", Json::object()), other.row_version);
  const Json proof_of_one = f.proof();
  f.statement.operations = {attest::attested(second)};
  f.statement.nonce.fill(attest::Nonce::value_type{1});
  const Json proof_of_two = f.proof();
  one["attestation"] = proof_of_one;
  two["attestation"] = proof_of_two;
  Json body{{"device_id", f.phone.device_id},
            {"action", "APPROVE"},
            {"approval_ids", {f.approval.key.id, other.key.id}},
            {"operations", {one, two}}};
  SECTION("each has one") {}
  SECTION("the other one is proven for all") {
    body["attestation"] = proof_of_two;
    body["operations"][1].erase("attestation");
  }
  const Reply reply = f.phone.post("/api/mobile/approvals/bulk", body);
  REQUIRE(reply.status == 200);
  CHECK(reply.body["results"][0]["status"] == "applied");
  CHECK(reply.body["results"][1]["status"] == "applied");
}

TEST_CASE("by an endpoint the attestation stands beside the payload and is no part of it (C-25)") {
  Fixture f;
  const std::string path = "/api/mobile/approvals/" + f.approval.key.id + "/approve";
  const http::Headers headers{{"Idempotency-Key", op(1)},
                              {"If-Match", "\"" + std::to_string(f.approval.row_version) + "\""}};
  SECTION("sound") {
    CHECK(f.phone.post(path, {{"attestation", f.proof()}}, headers).body["status"] == "applied");
  }
  SECTION("none") {
    const Reply refused = f.phone.post(path, Json::object(), headers);
    CHECK(refused.status == 422);
    CHECK(refused.error_code() == "ATTESTATION_REQUIRED");
  }
  SECTION("of a key that was never said, it is to come again") {
    CHECK(f.phone.post(path, {{"attestation", f.proof(2)}}, headers).status == 429);
  }
}

}  // namespace
}  // namespace landfall::backend
