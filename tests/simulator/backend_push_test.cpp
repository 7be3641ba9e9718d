#include <catch2/catch.hpp>

#include "tests/simulator/backend_client.hpp"

namespace landfall::backend {
namespace {

constexpr const char* kLongComment = "The price is far above the quote.";

struct Fixture {
  explicit Fixture(BackendOptions options = {}) : server(std::move(options)), phone(server) {
    REQUIRE(phone.login().status == 200);
  }

  Server server;
  Client phone;
};

Json approve(int number, const Document& approval) {
  return on_base(operation(number, "approval", approval.key.id, "approve", Json::object()),
                 approval.row_version);
}

Json comment(int number, const Document& approval, const std::string& text) {
  return operation(number, "approval", approval.key.id, "comment", {{"comment", text}});
}

TEST_CASE(
    "Push: an approve on the current version is applied and carries the new document (P-93, "
    "P-96)") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  const Json result = f.phone.results({approve(1, approval)})[0];
  CHECK(result["id"] == op(1));
  CHECK(result["status"] == "applied");
  CHECK_FALSE(result.contains("replayed"));
  CHECK(result["entity"]["row_version"] == approval.row_version + 1);
  CHECK(result["entity"]["data"]["status"] == "approved");
  CHECK(result["entity"]["data"]["decided_by"] == f.phone.user_id());
  CHECK(f.server.backend->ledger().effect_count(op(1)) == 1);
}

TEST_CASE(
    "Push: results stand in the order of the operations and one failure never aborts the rest") {
  Fixture f;
  const Document a = f.phone.next_approval();
  const Document b = f.phone.next_approval();
  const Document c = f.phone.next_approval();
  const Json reject =
      on_base(operation(2, "approval", b.key.id, "reject", {{"comment", "no"}}), b.row_version);
  const Json results = f.phone.results({approve(1, a), reject, approve(3, c)});
  CHECK(results[0]["id"] == op(1));
  CHECK(results[0]["status"] == "applied");
  CHECK(results[1]["id"] == op(2));
  CHECK(results[1]["status"] == "rejected");
  CHECK(results[2]["id"] == op(3));
  CHECK(results[2]["status"] == "applied");
}

TEST_CASE(
    "Push: a repeated id gets its stored status with replayed and no second effect (INV-Q2)") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  const Json first = f.phone.results({approve(1, approval)})[0];
  Json again = f.phone.results({approve(1, approval)})[0];
  CHECK(again["replayed"] == true);
  again.erase("replayed");
  CHECK(again == first);
  CHECK(f.server.backend->ledger().effect_count(op(1)) == 1);
  CHECK(f.server.backend->find_document(approval.key)->row_version == approval.row_version + 1);
}

TEST_CASE("Push: a conflict and a rejection are verdicts too and are replayed") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  REQUIRE(f.server.backend->edit_as_other(approval.key, {{"title", "Changed"}}, f.server.now));
  const Json stale = approve(1, approval);
  CHECK(f.phone.results({stale})[0]["status"] == "conflict");
  // The document comes back to no version that an old operation could meet: the verdict stays.
  const Json again = f.phone.results({stale})[0];
  CHECK(again["status"] == "conflict");
  CHECK(again["replayed"] == true);
  CHECK(f.server.backend->ledger().conflicts().size() == 1);
}

TEST_CASE("Push: the same id twice in one batch has one effect") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  const Json results = f.phone.results({approve(1, approval), approve(1, approval)});
  CHECK(results[0]["status"] == "applied");
  CHECK(results[1]["replayed"] == true);
  CHECK(f.server.backend->ledger().effects().size() == 1);
}

TEST_CASE("Push: the same id with other bytes is a violation and rejected as ID_REUSED (INV-Q2)") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  Json changed = approve(1, approval);
  REQUIRE(f.phone.results({changed})[0]["status"] == "applied");
  SECTION("other content") { changed["payload"]["comment"] = "later"; }
  SECTION("other time of making") { changed["created_at"] = "2026-01-01T08:00:01.000Z"; }
  const Json result = f.phone.results({changed})[0];
  CHECK(result["status"] == "rejected");
  CHECK(result["error"]["code"] == "ID_REUSED");
  REQUIRE(f.server.backend->ledger().violations().size() == 1);
  CHECK(f.server.backend->ledger().violations()[0].kind == "id_reused");
  // The first receipt is untouched.
  CHECK(f.phone.results({approve(1, approval)})[0]["status"] == "applied");
}

TEST_CASE("Push: bytes are compared, not meaning: a space more is another operation (INV-Q2)") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  const std::string tight = dump_json(approve(1, approval));
  const auto body = [&](const std::string& text) {
    return "{ \"operations\" : [ " + text + " ] , \"device_id\":\"device-1\"}";
  };
  REQUIRE(f.phone.call("POST", "/api/mobile/sync/push", body(tight)).status == 200);
  const Reply same = f.phone.call("POST", "/api/mobile/sync/push", body(tight));
  CHECK(same.body["results"][0]["replayed"] == true);
  const Reply loose = f.phone.call("POST", "/api/mobile/sync/push", body("{ " + tight.substr(1)));
  CHECK(loose.body["results"][0]["error"]["code"] == "ID_REUSED");
}

TEST_CASE("Push: another user's id is never answered with that user's result") {
  Fixture f;
  Client other(f.server, "device-2", 1);
  REQUIRE(other.login().status == 200);
  const Document approval = f.phone.next_approval();
  REQUIRE(f.phone.results({approve(1, approval)})[0]["status"] == "applied");
  CHECK(other.results({approve(1, approval)})[0]["error"]["code"] == "ID_REUSED");
  CHECK(f.server.backend->ledger().violations()[0].kind == "foreign_operation");
}

TEST_CASE("Push: a stale base_version is a conflict with the server's document (P-29)") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  REQUIRE(f.server.backend->edit_as_other(approval.key, {{"title", "Changed"}}, f.server.now));
  const Json result = f.phone.results({approve(1, approval)})[0];
  CHECK(result["status"] == "conflict");
  CHECK(result["reason"] == "row_version");
  CHECK(result["entity"]["row_version"] == approval.row_version + 1);
  CHECK(result["entity"]["data"]["title"] == "Changed");
  const auto& conflicts = f.server.backend->ledger().conflicts();
  REQUIRE(conflicts.size() == 1);
  CHECK_FALSE(conflicts[0].produced_by.has_value());
}

TEST_CASE("Push: a conflict names the operation and device behind the current version (INV-Q16)") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  REQUIRE(f.phone.results({comment(1, approval, "Looks fine")})[0]["status"] == "applied");
  CHECK(f.phone.results({approve(2, approval)})[0]["status"] == "conflict");
  const auto& conflicts = f.server.backend->ledger().conflicts();
  REQUIRE(conflicts.size() == 1);
  CHECK(conflicts[0].produced_by == op(1));
  CHECK(conflicts[0].produced_by_device == "device-1");
}

TEST_CASE("Push: after an applied operation, on the version it produced, is decided") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  const Json second =
      on_top_of(operation(2, "approval", approval.key.id, "approve", Json::object()), 1);
  const Json results = f.phone.results({comment(1, approval, "Looks fine"), second});
  CHECK(results[0]["status"] == "applied");
  CHECK(results[1]["status"] == "applied");
  CHECK(results[1]["entity"]["row_version"] == approval.row_version + 2);
}

TEST_CASE("Push: after an applied operation, but the document moved on, is a conflict") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  REQUIRE(f.phone.results({comment(1, approval, "Looks fine")})[0]["status"] == "applied");
  REQUIRE(f.server.backend->edit_as_other(approval.key, {{"title", "Changed"}}, f.server.now));
  const Json second =
      on_top_of(operation(2, "approval", approval.key.id, "approve", Json::object()), 1);
  CHECK(f.phone.results({second})[0]["status"] == "conflict");
}

TEST_CASE("Push: after an id without a receipt, or with another verdict, is retry after_failed") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  const Json second =
      on_top_of(operation(2, "approval", approval.key.id, "approve", Json::object()), 1);
  const Json unseen = f.phone.results({second})[0];
  CHECK(unseen["status"] == "retry");
  CHECK(unseen["reason"] == "after_failed");

  const Json rejected =
      on_base(operation(1, "approval", approval.key.id, "reject", {{"comment", "no"}}),
              approval.row_version);
  CHECK(f.phone.results({rejected})[0]["status"] == "rejected");
  CHECK(f.phone.results({second})[0]["reason"] == "after_failed");
}

TEST_CASE("Push: retry is no verdict: the same operation may be decided later") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  const Json second =
      on_top_of(operation(2, "approval", approval.key.id, "approve", Json::object()), 1);
  REQUIRE(f.phone.results({second})[0]["status"] == "retry");
  REQUIRE(f.phone.results({comment(1, approval, "Looks fine")})[0]["status"] == "applied");
  const Json later = f.phone.results({second})[0];
  CHECK(later["status"] == "applied");
  CHECK_FALSE(later.contains("replayed"));
}

TEST_CASE("Push: after an operation of another entity is rejected") {
  Fixture f;
  const Document a = f.phone.next_approval();
  const Document b = f.phone.next_approval();
  REQUIRE(f.phone.results({approve(1, a)})[0]["status"] == "applied");
  const Json second = on_top_of(operation(2, "approval", b.key.id, "approve", Json::object()), 1);
  CHECK(f.phone.results({second})[0]["error"]["code"] == "AFTER_OTHER_ENTITY");
}

TEST_CASE(
    "Push: neither base_version nor after is a 400 for all but creates and commutative actions") {
  Fixture f;
  const Document a = f.phone.next_approval();
  const Document b = f.phone.next_approval();
  const Json bare = operation(2, "approval", b.key.id, "approve", Json::object());
  const Reply reply = f.phone.push({approve(1, a), bare});
  CHECK(reply.status == 400);
  CHECK(reply.body["error"]["details"]["field"] == "operations[1].base_version");
  // Nothing in the batch was decided.
  CHECK(f.server.backend->ledger().effects().empty());
  CHECK(f.phone.results({comment(3, b, "Fine")})[0]["status"] == "applied");
}

TEST_CASE("Push: a commutative comment applies to any version and keeps all comments") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  REQUIRE(f.server.backend->edit_as_other(approval.key, {{"title", "Changed"}}, f.server.now));
  const Json stale = on_base(comment(1, approval, "First"), approval.row_version);
  CHECK(f.phone.results({stale, comment(2, approval, "Second")})[1]["status"] == "applied");
  const Json data = data_of(f.server, approval.key);
  REQUIRE(data["comments"].size() == 2);
  CHECK(data["comments"][0]["text"] == "First");
  CHECK(data["comments"][1]["operation_id"] == op(2));
  CHECK(data["comment"] == "Second");
}

TEST_CASE("Push: approvals are decided once, from pending only (P-93, P-94)") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  REQUIRE(f.phone.results({approve(1, approval)})[0]["status"] == "applied");
  const Json reject =
      on_base(operation(2, "approval", approval.key.id, "reject", {{"comment", kLongComment}}),
              approval.row_version + 1);
  CHECK(f.phone.results({reject})[0]["error"]["code"] == "NOT_PENDING");
}

TEST_CASE("Push: a rejection needs a comment of ten characters (P-56)") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  const auto reject = [&](int number, const Json& payload) {
    return f.phone.results(
        {on_base(operation(number, "approval", approval.key.id, "reject", payload),
                 approval.row_version)})[0];
  };
  CHECK(reject(1, Json::object())["error"]["code"] == "COMMENT_TOO_SHORT");
  CHECK(reject(2, {{"comment", "123456789"}})["error"]["code"] == "COMMENT_TOO_SHORT");
  CHECK(reject(3, {{"comment", "  12345678   "}})["error"]["code"] == "COMMENT_TOO_SHORT");
  CHECK(reject(4, {{"comment", "äöüßéäöüß"}})["error"]["code"] == "COMMENT_TOO_SHORT");
  CHECK(reject(5, {{"comment", 5}})["error"]["code"] == "COMMENT_TOO_SHORT");
  const Json result = reject(6, {{"comment", "äöüßéäöüßé"}});
  CHECK(result["status"] == "applied");
  CHECK(result["entity"]["data"]["status"] == "rejected");
  CHECK(result["entity"]["data"]["comment"] == "äöüßéäöüßé");
}

TEST_CASE("Push: somebody else's approval is not found") {
  Fixture f;
  Client other(f.server, "device-2", 1);
  const Document approval = other.next_approval();
  CHECK(f.phone.results({approve(1, approval)})[0]["error"]["code"] == "NOT_FOUND");
}

TEST_CASE("Push: a requisition is created, updated, noted, submitted and deleted by its rules") {
  Fixture f;
  const std::string id = "0198aaaa-0000-7000-8000-000000000001";
  const Json create =
      operation(1, "pr", id, "create", {{"title", "Bricks"}, {"lines", Json::array()}});
  const auto update = [&](int number, const char* action, const Json& payload, std::int64_t base) {
    return f.phone.results({on_base(operation(number, "pr", id, action, payload), base)})[0];
  };
  CHECK(f.phone.results({create})[0]["entity"]["data"]["status"] == "draft");
  CHECK(f.phone.results(
            {operation(2, "pr", id, "create", {{"title", "Bricks"}})})[0]["error"]["code"] ==
        "ALREADY_EXISTS");
  CHECK(update(3, "update", {{"title", "More bricks"}}, 1)["entity"]["data"]["title"] ==
        "More bricks");
  CHECK(update(4, "update", {{"status", "approved"}}, 2)["error"]["code"] == "FIELD_NOT_EDITABLE");
  CHECK(update(5, "submit", Json::object(), 2)["entity"]["data"]["status"] == "submitted");
  CHECK(update(6, "update", {{"title", "Late"}}, 3)["error"]["code"] == "NOT_DRAFT");
  CHECK(update(7, "note", {{"note", "Urgent"}}, 3)["entity"]["data"]["note"] == "Urgent");
  CHECK(update(8, "note", {{"title", "Late"}}, 4)["error"]["code"] == "FIELD_NOT_EDITABLE");
  CHECK(update(9, "delete", Json::object(), 4)["error"]["code"] == "NOT_DRAFT");
}

TEST_CASE("Push: a deleted draft leaves a tombstone, and what is on top of it conflicts") {
  Fixture f;
  const std::string id = "0198aaaa-0000-7000-8000-000000000001";
  const Json create = operation(1, "pr", id, "create", {{"title", "Bricks"}});
  const Json remove = on_top_of(operation(2, "pr", id, "delete", Json::object()), 1);
  const Json results = f.phone.results({create, remove});
  CHECK(results[1]["entity"]["deleted"] == true);
  CHECK_FALSE(results[1]["entity"].contains("data"));
  CHECK(results[1]["entity"]["row_version"] == 2);
  const Json late = on_base(operation(3, "pr", id, "update", {{"title", "Late"}}), 1);
  CHECK(f.phone.results({late})[0]["status"] == "conflict");
}

TEST_CASE("Push: a goods receipt is created against a purchase order that exists (P-80)") {
  Fixture f;
  const Document po = document_of(f.server, "po");
  const auto confirm = [&](int number, const std::string& po_id, const Json& lines) {
    const std::string id = "0198bbbb-0000-7000-8000-00000000000" + std::to_string(number);
    const char* action = number % 2 == 0 ? "confirm" : "create";
    return f.phone.results(
        {operation(number, "grn", id, action, {{"po_id", po_id}, {"lines", lines}})})[0];
  };
  const Json good = Json::array({{{"line_no", 1}, {"received_qty", 3}}});
  const Json negative = Json::array({{{"line_no", 1}, {"received_qty", -3}}});
  CHECK(confirm(1, po.key.id, good)["entity"]["data"]["status"] == "confirmed");
  CHECK(confirm(2, po.key.id, good)["status"] == "applied");
  CHECK(confirm(3, "no-such-po", good)["error"]["code"] == "PO_NOT_FOUND");
  CHECK(confirm(4, po.key.id, Json::array())["error"]["code"] == "LINES_INVALID");
  CHECK(confirm(5, po.key.id, negative)["error"]["code"] == "LINES_INVALID");
}

TEST_CASE("Push: a purchase order cannot be changed from a phone; unknown actions are rejected") {
  Fixture f;
  const Document po = document_of(f.server, "po");
  const Json update =
      on_base(operation(1, "po", po.key.id, "update", {{"note", "x"}}), po.row_version);
  CHECK(f.phone.results({update})[0]["error"]["code"] == "NOT_ALLOWED_FROM_MOBILE");
  const Json results = f.phone.results({operation(2, "po", po.key.id, "explode", Json::object()),
                                        operation(3, "spaceship", "x", "create", Json::object())});
  CHECK(results[0]["error"]["code"] == "UNKNOWN_ACTION");
  CHECK(results[1]["error"]["code"] == "UNKNOWN_ACTION");
}

TEST_CASE("Push: receipts answer by id, and what was never decided is unseen") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  REQUIRE(f.phone.results({approve(1, approval)})[0]["status"] == "applied");
  const Reply reply = f.phone.post("/api/mobile/sync/receipts", {{"ids", {op(1), op(2)}}});
  REQUIRE(reply.status == 200);
  CHECK(reply.body["receipts"][0]["status"] == "applied");
  CHECK(reply.body["receipts"][0]["id"] == op(1));
  CHECK(reply.body["receipts"][1]["status"] == "unseen");
  Client other(f.server, "device-2", 1);
  REQUIRE(other.login().status == 200);
  const Reply foreign = other.post("/api/mobile/sync/receipts", {{"ids", {op(1), op(2)}}});
  CHECK(foreign.body["receipts"][0]["status"] == "unseen");
  CHECK(f.phone.post("/api/mobile/sync/receipts", {{"ids", {1}}}).status == 400);
}

TEST_CASE("Push: receipts are kept for receipt_days and forgotten after") {
  BackendOptions options;
  options.receipt_days = 2;
  Fixture f(options);
  const Document approval = f.phone.next_approval();
  REQUIRE(f.phone.results({comment(1, approval, "Fine")})[0]["status"] == "applied");
  const Instant decided = f.server.now;
  f.server.now = decided + std::chrono::hours{48} - Duration{1};
  CHECK(f.server.backend->find_receipt(op(1), f.server.now).has_value());
  f.server.now = decided + std::chrono::hours{48};
  CHECK_FALSE(f.server.backend->find_receipt(op(1), f.server.now).has_value());
  REQUIRE(f.phone.login().status == 200);
  REQUIRE(f.phone.results({comment(1, approval, "Fine")})[0]["status"] == "applied");
  CHECK(f.server.backend->ledger().effect_count(op(1)) == 2);
}

TEST_CASE("Push: a poison operation fails its whole batch, alone too, when that is allowed") {
  BackendOptions options;
  options.allow_poison = GENERATE(true, false);
  Fixture f(options);
  const Document a = f.phone.next_approval();
  const Document b = f.phone.next_approval();
  const std::string status = GENERATE("400", "500");
  Json poison = comment(2, b, "Fine");
  poison["payload"]["poison"] = status;
  if (!options.allow_poison) {
    CHECK(f.phone.push({approve(1, a), poison}).status == 200);
    return;
  }
  CHECK(f.phone.push({approve(1, a), poison}).status == std::stoi(status));
  CHECK(f.server.backend->ledger().effects().empty());
  CHECK(f.phone.push({poison}).status == std::stoi(status));
  CHECK(f.phone.results({approve(1, a)})[0]["status"] == "applied");
}

TEST_CASE("Push: a hook fails a batch, answers busy, or leaves a result out") {
  Fixture f;
  const Document a = f.phone.next_approval();
  const Document b = f.phone.next_approval();
  PushFault fault;
  f.server.backend->set_push_hook(
      [&](const std::string& id) { return id == op(1) ? fault : PushFault{}; });

  fault = {.fail_batch_status = 500};
  CHECK(f.phone.push({approve(1, a), approve(2, b)}).status == 500);

  fault = {.busy = true, .retry_after_s = 30};
  const Json results = f.phone.results({approve(1, a), approve(2, b)});
  CHECK(results[0]["status"] == "retry");
  CHECK(results[0]["reason"] == "busy");
  CHECK(results[0]["retry_after_s"] == 30);
  CHECK(results[1]["status"] == "applied");

  fault = {.omit_result = true};
  const Reply reply = f.phone.push({approve(1, a)});
  CHECK(reply.body["results"].empty());
  CHECK(f.server.backend->ledger().effect_count(op(1)) == 1);

  f.server.backend->set_push_hook({});
  CHECK(f.phone.results({approve(1, a)})[0]["replayed"] == true);
}

TEST_CASE("Push: more operations than allowed is a 413, none a 400") {
  BackendOptions options;
  options.operations_max = 2;
  Fixture f(options);
  const Document a = f.phone.next_approval();
  CHECK(f.phone.push({comment(1, a, "a"), comment(2, a, "b"), comment(3, a, "c")}).status == 413);
  CHECK(f.phone.push({}).status == 400);
  CHECK(f.server.backend->ledger().effects().empty());
}

TEST_CASE("Push: the ledger orders what one device sent, with versions and hashes (INV-Q4)") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  const Json second =
      on_top_of(operation(2, "approval", approval.key.id, "approve", Json::object()), 1);
  f.phone.results({comment(1, approval, "Fine"), second});
  const auto& effects = f.server.backend->ledger().effects();
  REQUIRE(effects.size() == 2);
  CHECK(effects[0].device_index == 1);
  CHECK(effects[1].device_index == 2);
  CHECK(effects[0].server_seq < effects[1].server_seq);
  CHECK(effects[1].after == op(1));
  CHECK(effects[1].row_version == approval.row_version + 2);
  const auto document = f.server.backend->find_document(approval.key);
  CHECK(f.server.backend->ledger().hash_at(approval.key, document->row_version) ==
        document_hash(*document));
  CHECK(f.server.backend->ledger().hash_at(approval.key, approval.row_version) ==
        document_hash(approval));
  CHECK(f.server.backend->ledger().sightings().size() == 2);
}

}  // namespace
}  // namespace landfall::backend
