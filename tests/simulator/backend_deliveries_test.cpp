#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/simulator/backend_client.hpp"

namespace landfall::backend {
namespace {

Json approve(int number, const Document& approval) {
  return on_base(operation(number, "approval", approval.key.id, "approve", Json::object()),
                 approval.row_version);
}

TEST_CASE("Push: delivery by endpoint uses the same rules and receipts (P-93, P-94)") {
  Server server;
  Client phone(server);
  REQUIRE(phone.login().status == 200);
  const Document a = phone.next_approval();
  const Document b = phone.next_approval();
  const auto act = [&](const Document& on, const char* action, int number, std::int64_t base,
                       const Json& body) {
    return phone.post(
        "/api/mobile/approvals/" + on.key.id + "/" + action, body,
        {{"Idempotency-Key", op(number)}, {"If-Match", "\"" + std::to_string(base) + "\""}});
  };
  CHECK(act(a, "approve", 1, a.row_version, Json::object()).body["status"] == "applied");
  CHECK(act(a, "approve", 1, a.row_version, Json::object()).body["replayed"] == true);
  CHECK(act(a, "approve", 2, a.row_version, Json::object()).status == 409);
  const Reply rejected = act(b, "reject", 3, b.row_version, {{"comment", "no"}});
  CHECK(rejected.status == 422);
  CHECK(rejected.error_code() == "COMMENT_TOO_SHORT");
  CHECK(act(b, "reject", 4, b.row_version, {{"comment", "The price is far above the quote."}})
            .status == 200);
  CHECK(phone
            .post("/api/mobile/approvals/nothing/approve", Json::object(),
                  {{"Idempotency-Key", op(5)}, {"If-Match", "\"1\""}})
            .status == 404);
}

TEST_CASE("Bulk: one call decides several approvals, each on its own, with one proof (P-55)") {
  Server server;
  Client phone(server);
  REQUIRE(phone.login().status == 200);
  const Document a = phone.next_approval();
  const Document b = phone.next_approval();
  REQUIRE(server.backend->approve_as_other(b.key.id, server.now));
  Json body = {{"device_id", phone.device_id},
               {"action", "APPROVE"},
               {"approval_ids", {a.key.id, b.key.id}},
               {"operations", {approve(1, a), approve(2, b)}},
               {"attestation", {{"biometric_verified", true}}}};
  const auto bulk = [&] { return phone.post("/api/mobile/approvals/bulk", body); };
  SECTION("each has its verdict, and keeps it") {
    const Reply reply = bulk();
    REQUIRE(reply.status == 200);
    CHECK(reply.body["results"][0]["status"] == "applied");
    CHECK(reply.body["results"][1]["status"] == "conflict");
    CHECK(bulk().body["results"][0]["replayed"] == true);
    CHECK(server.backend->ledger().effect_count(op(1)) == 1);
  }
  SECTION("proofs that differ stand beside their operations") {
    body.erase("attestation");
    for (Json& each : body["operations"]) each["attestation"] = {{"biometric_verified", true}};
    CHECK(bulk().body["results"][0]["status"] == "applied");
  }
  SECTION("what does not fit together is refused before anything is decided") {
    SECTION("nobody proves it") { body.erase("attestation"); }
    SECTION("one of them is not proven") {
      body.erase("attestation");
      body["operations"][0]["attestation"] = {{"biometric_verified", true}};
    }
    SECTION("another action") { body["action"] = "REJECT"; }
    SECTION("no action of a bulk call") { body["action"] = "DELETE"; }
    SECTION("other approvals") { body["approval_ids"] = {b.key.id, a.key.id}; }
    CHECK(bulk().status == 400);
    CHECK(server.backend->ledger().effects().empty());
  }
  SECTION("more than twenty") {
    body["operations"] = Json::array();
    body["approval_ids"] = Json::array();
    for (int i = 1; i <= 21; ++i) {
      body["operations"].push_back(approve(i, a));
      body["approval_ids"].push_back(a.key.id);
    }
    CHECK(bulk().status == 413);
  }
}

}  // namespace
}  // namespace landfall::backend
