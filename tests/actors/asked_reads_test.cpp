#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/actors/rig.hpp"

// Lists, documents and cached reads that the server is asked for, and what it tells by itself.
namespace landfall::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* kDashboard = "/api/mobile/dashboard";

// The first that the user may see.
EntityKey any_of(Rig& rig, const std::string& type) {
  for (const auto& document : rig.backend().documents()) {
    const bool is_seen = backend::is_visible(document, Rig::user(0).id);
    if (document.key.type == type && !document.deleted && is_seen) return document.key;
  }
  FAIL("the backend has no " << type);
  return {};
}

Json ask(Rig& rig, const std::string& name, const Json& params) {
  const Json reply = rig.call(name, params);
  INFO(name << " " << params.dump() << " " << reply.dump());
  REQUIRE(reply.contains("result"));
  return reply["result"];
}

std::string code_of(const Json& reply) {
  INFO(reply.dump());
  REQUIRE(reply.contains("error"));
  return reply["error"]["code"];
}

std::size_t calls(Rig& rig, const char* path) { return rig.network().sent(path).size(); }

// Logged in, pulled, at rest.
void begin(Rig& rig) {
  rig.boot();
  REQUIRE(rig.login(0).contains("result"));
  rig.advance(5s);
}

void tell(Rig& rig, const EntityKey& entity, std::int64_t row_version) {
  (void)ask(rig, "data.changed",
            {{"entity_type", entity.type}, {"entity_id", entity.id}, {"row_version", row_version}});
}

std::int64_t edit(Rig& rig, const EntityKey& entity, const Json& patch) {
  const auto row_version = rig.backend().edit_as_other(entity, patch, rig.clock().now());
  REQUIRE(row_version);
  return *row_version;
}

}  // namespace

TEST_CASE("P-70 P-71 P-73: a list on demand is the server's while it can be reached, then ours") {
  Rig rig;
  begin(rig);
  CHECK(ask(rig, "documents.query", {{"type", "po"}})["documents"].empty());
  Json params{{"type", "po"}, {"ask", true}, {"limit", 4}};
  const Json first = ask(rig, "documents.query", params);
  CHECK(first["source"] == "server");
  REQUIRE(first["documents"].size() == 4);
  params["after"] = first["next"];
  const Json second = ask(rig, "documents.query", params);
  CHECK(second["documents"].size() == 4);
  CHECK(second["documents"][0]["entity_id"] > first["documents"][3]["entity_id"]);
  // What came is here.
  CHECK(ask(rig, "documents.query", {{"type", "po"}})["documents"].size() == 8);

  rig.set_online(false);
  rig.advance(60s);
  const auto before = calls(rig, kPull);
  params["after"] = second["next"];
  CHECK(code_of(rig.call("documents.query", params)) == "query.needs_server");
  params.erase("after");
  params["limit"] = 5;
  const Json offline = ask(rig, "documents.query", params);
  CHECK(offline["source"] == "cache");
  CHECK(offline["reason"] == "network.not_sent");
  CHECK(offline["age_s"] == 60);
  CHECK(offline["documents"].size() == 5);
  // The next page of a list that began here is here, also when there is a network again.
  rig.set_online(true);
  params["after"] = offline["next"];
  const Json rest = ask(rig, "documents.query", params);
  CHECK(rest["source"] == "cache");
  CHECK(rest["documents"].size() == 3);
  CHECK(calls(rig, kPull) <= before + 1);  // the pull of coming online
}

TEST_CASE("P-73 P-34: a search finds at the server what is not here, and tells what is new") {
  Rig rig;
  begin(rig);
  const Json search{{"type", "vendor"}, {"text", "cement"}, {"ask", true}};
  const Json found = ask(rig, "documents.query", search);
  REQUIRE(found["documents"].size() == 1);
  CHECK(found["documents"][0]["data"]["name"] == "Coastal Cement");
  CHECK(rig.events("document.changed").back()["entity_type"] == "vendor");
  rig.set_online(false);
  CHECK(ask(rig, "documents.query", search)["documents"].size() == 1);
}

TEST_CASE("INV-Q14: a requisition made here is found by a search that the server answers") {
  Rig rig;
  begin(rig);
  rig.script(kPush, answer_with(500, ""));
  const Json made = rig.new_requisition();
  REQUIRE(rig.call("operations.enqueue", made).contains("result"));
  const Json found = ask(rig, "documents.query",
                         {{"type", "pr"}, {"filter", {{"status", "draft"}}}, {"ask", true}});
  CHECK(found["source"] == "server");
  CHECK(found["documents"][0]["entity_id"] == made["entity_id"]);
  CHECK(found["documents"].size() > 1);
}

TEST_CASE("P-4 P-26: a document that is absent or old is fetched, a fresh one is read here") {
  Rig rig;
  begin(rig);
  const EntityKey order = any_of(rig, "po");
  const Json params{{"type", "po"}, {"id", order.id}};
  const auto before = calls(rig, kPull);
  const Json fetched = ask(rig, "documents.get", params);
  CHECK(fetched["source"] == "server");
  CHECK(fetched["document"]["row_version"] == 1);
  CHECK(calls(rig, kPull) == before + 1);
  const Json here = ask(rig, "documents.get", params);
  CHECK(here["source"] == "cache");
  CHECK(here["is_fresh"] == true);
  CHECK_FALSE(here.contains("reason"));
  CHECK(calls(rig, kPull) == before + 1);

  // Older than it may be: the type says how old, or who asks.
  (void)edit(rig, order, {{"project", "north"}});
  rig.set_online(false);
  rig.advance(901s);
  const Json offline = ask(rig, "documents.get", params);
  CHECK(offline["source"] == "cache");
  CHECK(offline["reason"] == "network.not_sent");
  CHECK(offline["is_fresh"] == false);
  CHECK(offline["age_s"] == 901);
  CHECK(offline["document"]["row_version"] == 1);
  rig.set_online(true);
  rig.advance(5s);
  CHECK(ask(rig, "documents.get", params)["document"]["data"]["project"] == "north");
  Json at_once = params;
  at_once["max_age_s"] = 0;
  CHECK(ask(rig, "documents.get", at_once)["source"] == "server");
}

TEST_CASE("P-4: a document that the server deleted is absent, one that nobody knows of unknown") {
  Rig rig;
  begin(rig);
  const EntityKey order = any_of(rig, "po");
  const Json params{{"type", "po"}, {"id", order.id}, {"max_age_s", 0}};
  REQUIRE(ask(rig, "documents.get", params)["document"].is_object());
  REQUIRE(rig.backend().delete_as_other(order, rig.clock().now()));
  const Json deleted = ask(rig, "documents.get", params);
  CHECK(deleted["document"].is_null());
  CHECK(deleted["source"] == "server");
  const Json never = ask(rig, "documents.get", {{"type", "po"}, {"id", "never was"}});
  CHECK(never["document"].is_null());
  CHECK(never["source"] == "server");
  rig.set_online(false);
  const Json offline = ask(rig, "documents.get", params);
  CHECK(offline["document"].is_null());
  CHECK(offline["as_of"].is_string());  // known to be gone
  const Json unknown = ask(rig, "documents.get", {{"type", "po"}, {"id", "never seen"}});
  CHECK(unknown["document"].is_null());
  CHECK(unknown["as_of"].is_null());
  CHECK(unknown["age_s"].is_null());
  CHECK(code_of(rig.call("documents.get", {{"type", "contract"}, {"id", "1"}})) ==
        "entity.unknown_type");
}

TEST_CASE("P-4 P-27: a document that only exists here is answered without the server") {
  Rig rig;
  begin(rig);
  rig.set_online(false);
  const Json made = rig.new_requisition();
  REQUIRE(rig.call("operations.enqueue", made).contains("result"));
  const Json here =
      ask(rig, "documents.get", {{"type", "pr"}, {"id", made["entity_id"]}, {"max_age_s", 0}});
  CHECK(here["document"]["pending_sync"] == true);
  CHECK_FALSE(here.contains("reason"));
}

TEST_CASE("P-4: readers of one document at the same time share one request") {
  Rig rig;
  begin(rig);
  const Json params{{"type", "po"}, {"id", any_of(rig, "po").id}};
  const auto before = calls(rig, kPull);
  rig.script(kPull, [](const ScriptedTransport::Call&) { return std::nullopt; });
  std::vector<std::int64_t> asked;
  for (int i = 0; i < 5; ++i) asked.push_back(rig.ask("documents.get", params));
  rig.settle();
  REQUIRE(rig.network().open_calls(kPull).size() == 1);
  asked.push_back(rig.ask("documents.get", params));
  rig.settle();
  CHECK(calls(rig, kPull) == before + 1);
  const auto call = rig.network().open_calls(kPull)[0];
  rig.unscript(kPull);
  rig.network().answer(call.number, *rig.to_backend()(call));
  rig.settle();
  for (const auto id : asked) CHECK(rig.reply(id)["result"]["document"]["row_version"] == 1);
  CHECK(calls(rig, kPull) == before + 1);
}

TEST_CASE(
    "P-91 P-67: the dashboard is answered by the server, and offline as it was, with its age") {
  Rig rig;
  begin(rig);
  const Json params{{"read", "dashboard"}};
  const Json never = [&] {
    rig.set_online(false);
    Json reply = ask(rig, "reads.get", params);
    rig.set_online(true);
    rig.advance(5s);
    return reply;
  }();
  CHECK(never["rest"].is_null());
  CHECK(never["as_of"].is_null());
  CHECK(never["documents"].empty());

  const Json online = ask(rig, "reads.get", params);
  CHECK(online["source"] == "server");
  CHECK(online["documents"].size() == 6);
  CHECK(online["rest"]["totals"]["pending_approvals"] == 30);
  CHECK_FALSE(online["rest"].contains("items"));
  CHECK(calls(rig, kDashboard) == 1);
  CHECK(ask(rig, "reads.get", params)["source"] == "cache");  // younger than 300 s
  CHECK(calls(rig, kDashboard) == 1);
  // It is a document like any other, so that a screen can keep it open.
  CHECK(ask(rig, "documents.query",
            {{"type", "answer"},
             {"id", "dashboard"}})["documents"][0]["data"]["totals"]["pending_approvals"] == 30);

  (void)edit(rig, any_of(rig, "kpi"), {{"value", 1}});
  rig.set_online(false);
  rig.kill();
  rig.boot();
  rig.advance(600s);
  const Json offline = ask(rig, "reads.get", params);
  CHECK(offline["source"] == "cache");
  CHECK(offline["reason"] == "network.not_sent");
  CHECK(offline["is_fresh"] == false);
  CHECK(offline["age_s"].get<int>() >= 600);
  CHECK(offline["documents"] == online["documents"]);
  CHECK(offline["rest"] == online["rest"]);
  CHECK(offline["missing"] == 0);
  CHECK(code_of(rig.call("reads.get", {{"read", "reports"}})) == "read.unknown");
}

TEST_CASE("P-92 P-58: the inbox shows what was decided here over the server's list") {
  Rig rig;
  begin(rig);
  const Json inbox = ask(rig, "reads.get", {{"read", "approvals"}});
  REQUIRE(inbox["documents"].size() == 30);
  rig.set_online(false);
  const std::string approval = inbox["documents"][3]["entity_id"];
  REQUIRE(rig.call("operations.enqueue", {{"id", rig.make_id()},
                                          {"entity_type", "approval"},
                                          {"entity_id", approval},
                                          {"action", "approve"},
                                          {"attestation", {{"biometric_verified", true}}},
                                          {"payload", Json::object()}})
              .contains("result"));
  const Json offline = ask(rig, "reads.get", {{"read", "approvals"}, {"max_age_s", 0}});
  CHECK(offline["documents"].size() == 30);
  CHECK(offline["documents"][3]["pending_sync"] == true);
  CHECK(offline["documents"][3]["data"]["status"] == "approved");
}

TEST_CASE("P-97: notifications come a page at a time, and only the server has the next") {
  Rig rig;
  begin(rig);
  Json params{{"read", "notifications"}, {"limit", 3}};
  const Json first = ask(rig, "reads.get", params);
  CHECK(first["documents"].size() == 3);
  Json next = params;
  next["after"] = first["next"];
  const Json last = ask(rig, "reads.get", next);
  CHECK(last["documents"].size() == 1);
  CHECK_FALSE(last.contains("next"));
  CHECK(calls(rig, "/api/mobile/notifications?limit=3") == 1);
  rig.set_online(false);
  CHECK(ask(rig, "reads.get", params)["documents"] == first["documents"]);
  CHECK(code_of(rig.call("reads.get", next)) == "query.needs_server");
  next["after"] = "nonsense";
  CHECK(code_of(rig.call("reads.get", next)) == "field.value");
}

TEST_CASE("P-28: a burst of DataChanged is one pull, and what is known already none") {
  Rig rig;
  begin(rig);
  std::vector<std::pair<EntityKey, std::int64_t>> edited;
  for (const auto& document : rig.backend().tier1_documents(Rig::user(0).id)) {
    if (document.key.type == "approval" && edited.size() < 10)
      edited.emplace_back(document.key, edit(rig, document.key, {{"note", "by somebody"}}));
  }
  const auto before = calls(rig, kPull);
  for (const auto& [entity, row_version] : edited) tell(rig, entity, row_version);
  CHECK(calls(rig, kPull) == before);  // they are gathered
  rig.advance(2s);
  CHECK(calls(rig, kPull) == before + 1);
  const Json shown =
      ask(rig, "documents.query", {{"type", "approval"}, {"id", edited[9].first.id}});
  CHECK(shown["documents"][0]["row_version"] == 2);
  for (const auto& [entity, row_version] : edited) tell(rig, entity, row_version);
  rig.advance(2s);
  CHECK(calls(rig, kPull) == before + 1);
}

TEST_CASE("P-59: the echo of an own operation asks for nothing beyond the pull behind its push") {
  Rig rig;
  begin(rig);
  const EntityKey approval = any_of(rig, "approval");
  rig.script(kPush, [](const ScriptedTransport::Call&) { return std::nullopt; });
  REQUIRE(rig.call("operations.enqueue", {{"id", rig.make_id()},
                                          {"entity_type", "approval"},
                                          {"entity_id", approval.id},
                                          {"action", "comment"},
                                          {"payload", {{"comment", "seen"}}}})
              .contains("result"));
  rig.advance(3s);
  REQUIRE(rig.network().open_calls(kPush).size() == 1);
  const auto before = calls(rig, kPull);
  // The server decides; its word to everybody is faster than its answer.
  const auto call = rig.network().open_calls(kPush)[0];
  rig.unscript(kPush);
  const auto answer = *rig.to_backend()(call);
  tell(rig, approval, 2);
  rig.advance(5s);
  CHECK(calls(rig, kPull) == before);
  rig.network().answer(call.number, answer);
  rig.advance(2s);
  CHECK(calls(rig, kPull) == before + 1);
  CHECK(rig.states().at("applied") == 1);
  // Once more, when all is settled.
  tell(rig, approval, 2);
  rig.advance(60s);
  CHECK(calls(rig, kPull) == before + 1);
}

TEST_CASE("P-34: a change of a document on demand that is here is fetched, and told") {
  Rig rig;
  begin(rig);
  const EntityKey order = any_of(rig, "po");
  (void)ask(rig, "documents.get", {{"type", "po"}, {"id", order.id}});
  const auto before = calls(rig, kPull);
  tell(rig, order, edit(rig, order, {{"project", "south"}}));
  tell(rig, any_of(rig, "vendor"), 9);
  rig.advance(2s);
  CHECK(calls(rig, kPull) == before + 1);
  CHECK(ask(rig, "documents.query",
            {{"type", "po"}, {"id", order.id}})["documents"][0]["data"]["project"] == "south");
}

TEST_CASE("INV-Q11: a pull that brings nothing syncs nothing") {
  Rig rig;
  begin(rig);
  (void)ask(rig, "sync.now", Json::object());
  rig.advance(2s);
  const auto pulls = calls(rig, kPull);
  const auto syncs = rig.partition_syncs();
  for (int i = 0; i < 5; ++i) {
    (void)ask(rig, "sync.now", Json::object());
    rig.advance(2s);
  }
  CHECK(calls(rig, kPull) == pulls + 5);
  CHECK(rig.partition_syncs() == syncs);
}

TEST_CASE("INV-S3: a list that finds no room fails, and what is asked meanwhile puts nothing off") {
  Rig rig;
  begin(rig);
  rig.disk().full_after(0);
  const Json reply = ask(rig, "documents.query", {{"type", "po"}, {"ask", true}});
  CHECK(reply["source"] == "cache");
  CHECK(reply["reason"] == "storage.full");
  CHECK(reply["documents"].empty());
  CHECK(rig.engine_state() == "ready");
  CHECK(ask(rig, "documents.get", {{"type", "po"}, {"id", "1"}})["reason"] == "storage.full");
  rig.disk().heal();
  // The puller waits for room. Neither a word of the server nor the user's hand ends or lengthens
  // it.
  const EntityKey approval = any_of(rig, "approval");
  tell(rig, approval, edit(rig, approval, {{"note", "by somebody"}}));
  (void)ask(rig, "sync.now", Json::object());
  const auto before = calls(rig, kPull);
  rig.advance(25s);
  CHECK(calls(rig, kPull) == before);
  rig.advance(10s);
  CHECK(calls(rig, kPull) == before + 1);
  CHECK(ask(rig, "documents.query", {{"type", "po"}, {"ask", true}})["source"] == "server");
}

}  // namespace landfall::testing
