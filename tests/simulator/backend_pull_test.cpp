#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "simulator/backend/cursor.hpp"
#include "tests/simulator/backend_client.hpp"

namespace landfall::backend {
namespace {

struct Fixture {
  explicit Fixture(BackendOptions options = {}) : server(std::move(options)), phone(server) {
    REQUIRE(phone.login().status == 200);
  }

  Json pull(const Json& cursor, int limit = 500) {
    const Reply reply = phone.pull({{"scope", "tier1"}, {"cursor", cursor}, {"limit", limit}});
    REQUIRE(reply.status == 200);
    return reply.body;
  }

  // Follows the pages from a cursor to the end; the documents by key, tombstones as null.
  std::map<EntityKey, Json> follow(Json& cursor, int limit) {
    std::map<EntityKey, Json> found;
    for (bool more = true; more;) {
      const Json page = pull(cursor, limit);
      REQUIRE(page["changes"].size() <= static_cast<std::size_t>(limit));
      for (const Json& change : page["changes"]) {
        found[{change["entity_type"], change["entity_id"]}] = change;
      }
      cursor = page["cursor"];
      more = page["has_more"].get<bool>();
    }
    return found;
  }

  Server server;
  Client phone;
};

TEST_CASE(
    "Pull: tier1 without a cursor names what is pinned for the user, and only that (P-33, P-95)") {
  Fixture f;
  const Json page = f.pull(nullptr);
  CHECK(page["scope"] == "tier1");
  CHECK(page["has_more"] == false);
  std::map<std::string, int> types;
  for (const Json& change : page["changes"]) {
    ++types[change["entity_type"].get<std::string>()];
    CHECK(change["deleted"] == false);
    CHECK(change["row_version"] == 1);
    CHECK(change["data"].is_object());
    CHECK(parse_rfc3339(change["updated_at"].get<std::string>()).has_value());
  }
  CHECK(types == std::map<std::string, int>{
                     {"approval", 30}, {"kpi", 6}, {"notification", 4}, {"user_profile", 1}});
  CHECK(page["changes"].size() == f.server.backend->tier1_documents(f.phone.user_id()).size());
}

TEST_CASE("Pull: pages of any size together are the whole scope, each document once") {
  Fixture f;
  const int limit = GENERATE(1, 2, 7, 41, 500);
  Json cursor;
  CHECK(f.follow(cursor, limit).size() == 41);
  CHECK(f.pull(cursor)["changes"].empty());
}

TEST_CASE("Pull: a page repeats safely: the same cursor gives the same page") {
  Fixture f;
  const Json first = f.pull(nullptr, 5);
  CHECK(f.pull(first["cursor"], 5) == f.pull(first["cursor"], 5));
}

TEST_CASE(
    "Pull: behind a cursor come the changes, an approval that left the inbox and tombstones") {
  Fixture f;
  const Document decided = f.phone.next_approval();
  const Document removed = f.phone.next_approval();
  Json cursor = f.pull(nullptr)["cursor"];
  REQUIRE(f.server.backend->approve_as_other(decided.key.id, f.server.now));
  REQUIRE(f.server.backend->delete_as_other(removed.key, f.server.now));
  const std::string fresh = f.server.backend->create_approval(f.server.now);
  REQUIRE(f.server.backend->edit_as_other({"kpi", "CYCLE_TIME"}, {{"value", 9.5}}, f.server.now));

  const auto changes = f.follow(cursor, 2);
  REQUIRE(changes.size() == 4);
  CHECK(changes.at(decided.key)["data"]["status"] == "approved");
  CHECK(changes.at(decided.key)["row_version"] == 2);
  CHECK(changes.at(removed.key)["deleted"] == true);
  CHECK_FALSE(changes.at(removed.key).contains("data"));
  CHECK(changes.at({"approval", fresh})["row_version"] == 1);
  CHECK(changes.at({"kpi", "CYCLE_TIME"})["data"]["value"] == 9.5);
}

TEST_CASE("Pull: a full pull names no approval that was decided and no tombstone") {
  Fixture f;
  const Document decided = f.phone.next_approval();
  const Document removed = f.phone.next_approval();
  REQUIRE(f.server.backend->approve_as_other(decided.key.id, f.server.now));
  REQUIRE(f.server.backend->delete_as_other(removed.key, f.server.now));
  Json cursor;
  const auto found = f.follow(cursor, 7);
  CHECK(found.size() == 39);
  CHECK(found.count(decided.key) == 0);
  CHECK(found.count(removed.key) == 0);
}

TEST_CASE("Pull: what changes during a full pull is not missed") {
  Fixture f;
  const Json first = f.pull(nullptr, 20);
  Json cursor = first["cursor"];
  const std::string sent_id = first["changes"][10]["entity_id"];
  const std::string sent_type = first["changes"][10]["entity_type"];
  REQUIRE(f.server.backend->delete_as_other({sent_type, sent_id}, f.server.now));
  const auto rest = f.follow(cursor, 20);
  CHECK(rest.at({sent_type, sent_id})["deleted"] == true);
}

TEST_CASE("Pull: another user's documents stay out of the scope") {
  Fixture f;
  Client other(f.server, "device-2", 1);
  REQUIRE(other.login().status == 200);
  const Json mine = f.pull(nullptr)["changes"];
  const Json theirs = other.pull({{"scope", "tier1"}, {"cursor", nullptr}}).body["changes"];
  std::set<std::string> ids;
  for (const Json& change : mine) ids.insert(change["entity_id"].get<std::string>());
  for (const Json& change : theirs) {
    if (change["entity_type"] != "kpi")
      CHECK(ids.count(change["entity_id"].get<std::string>()) == 0);
  }
}

TEST_CASE("Pull: the backend's page limit bounds what is asked for") {
  BackendOptions options;
  options.page_limit = 10;
  Fixture f(options);
  CHECK(f.pull(nullptr, 400)["changes"].size() == 10);
  CHECK(f.phone.pull({{"scope", "tier1"}}).body["changes"].size() == 10);
  for (const Json& limit : {Json(0), Json(-1), Json("ten"), Json(1.5)}) {
    CHECK(f.phone.pull({{"scope", "tier1"}, {"limit", limit}}).status == 400);
  }
}

TEST_CASE("Pull: a cursor that is garbage, altered or another user's is a 400") {
  Fixture f;
  Client other(f.server, "device-2", 1);
  REQUIRE(other.login().status == 200);
  const std::string good = f.pull(nullptr)["cursor"];
  const std::string foreign = other.pull({{"scope", "tier1"}}).body["cursor"];
  for (const std::string& cursor : {std::string{}, std::string{"garbage"}, std::string{"1.2.3"},
                                    "9" + good, good + "x", good.substr(1), foreign}) {
    const Reply reply = f.phone.pull({{"scope", "tier1"}, {"cursor", cursor}});
    CHECK(reply.status == 400);
    CHECK(reply.error_code() == "BAD_CURSOR");
  }
  CHECK(f.phone.pull({{"scope", "tier1"}, {"cursor", 7}}).status == 400);
  CHECK(f.phone.pull({{"scope", "tier9"}}).error_code() == "UNKNOWN_SCOPE");
}

TEST_CASE("Pull: a cursor from before a purge is 410 CURSOR_EXPIRED, a new start is not") {
  Fixture f;
  const Document removed = f.phone.next_approval();
  const Json old_cursor = f.pull(nullptr)["cursor"];
  REQUIRE(f.server.backend->delete_as_other(removed.key, f.server.now));
  CHECK(f.pull(old_cursor)["changes"].size() == 1);
  f.server.backend->purge_history();
  const Reply reply = f.phone.pull({{"scope", "tier1"}, {"cursor", old_cursor}});
  CHECK(reply.status == 410);
  CHECK(reply.error_code() == "CURSOR_EXPIRED");
  Json cursor;
  CHECK(f.follow(cursor, 10).size() == 40);
  CHECK(f.pull(cursor)["changes"].empty());
}

TEST_CASE("Pull: refresh gives what changed or was deleted and names what did not (P-34)") {
  Fixture f;
  const Document po = document_of(f.server, "po");
  const Document pr = document_of(f.server, "pr");
  const Document vendor = document_of(f.server, "vendor");
  REQUIRE(f.server.backend->edit_as_other(po.key, {{"status", "delivered"}}, f.server.now));
  REQUIRE(f.server.backend->delete_as_other(pr.key, f.server.now));
  const auto item = [](const EntityKey& key, const Json& version) {
    return Json{{"entity_type", key.type}, {"entity_id", key.id}, {"row_version", version}};
  };
  const Json list = {item(po.key, 1), item(pr.key, 1), item(vendor.key, 1),
                     item({"po", "gone"}, 4)};
  const Reply reply = f.phone.pull({{"refresh", list}});
  REQUIRE(reply.status == 200);
  const Json& changes = reply.body["changes"];
  REQUIRE(changes.size() == 3);
  CHECK(changes[0]["data"]["status"] == "delivered");
  CHECK(changes[1]["deleted"] == true);
  CHECK(changes[1]["row_version"] == 2);
  CHECK(changes[2]["deleted"] == true);
  CHECK(changes[2]["row_version"] == 5);
  CHECK(reply.body["unchanged"] == Json::array({vendor.key.id}));

  const Reply unknown = f.phone.pull({{"refresh", {item(vendor.key, nullptr)}}});
  CHECK(unknown.body["changes"][0]["data"]["name"].is_string());
  CHECK(unknown.body["unchanged"].empty());
}

TEST_CASE("Pull: refresh hides somebody else's approval") {
  Fixture f;
  Client other(f.server, "device-2", 1);
  const Document approval = other.next_approval();
  const Json list = {
      {{"entity_type", "approval"}, {"entity_id", approval.key.id}, {"row_version", nullptr}}};
  CHECK(f.phone.pull({{"refresh", list}}).body["changes"][0]["deleted"] == true);
}

TEST_CASE("Pull: a query lists Tier 2 by filter and text, a page at a time (P-70, P-71)") {
  Fixture f;
  const auto query = [&](Json body) { return f.phone.pull({{"query", std::move(body)}}); };
  std::set<std::string> ids;
  Json after;
  do {
    const Reply page = query({{"entity_type", "po"}, {"after", after}, {"limit", 3}});
    REQUIRE(page.status == 200);
    for (const Json& change : page.body["changes"])
      ids.insert(change["entity_id"].get<std::string>());
    after = page.body["next"];
  } while (!after.is_null());
  CHECK(ids.size() == 10);

  const Json drafts =
      query({{"entity_type", "pr"}, {"filter", {{"status", "draft"}}}}).body["changes"];
  REQUIRE_FALSE(drafts.empty());
  for (const Json& change : drafts) CHECK(change["data"]["status"] == "draft");
  const Json found = query({{"entity_type", "po"}, {"text", "po-2026-00147"}}).body["changes"];
  REQUIRE(found.size() == 1);
  CHECK(found[0]["data"]["number"] == "PO-2026-00147");
  CHECK(query({{"entity_type", "po"}, {"filter", 5}}).status == 400);
  CHECK(query({{"limit", 5}}).status == 400);
}

TEST_CASE(
    "Pull: a query understands lists and ends, and looks for each word in the values (P-70)") {
  Fixture f;
  const auto found = [&](Json filter, const std::string& text = "") {
    Json query{{"entity_type", "pr"}, {"filter", std::move(filter)}};
    if (!text.empty()) query["text"] = text;
    const Reply reply = f.phone.pull({{"query", query}});
    REQUIRE(reply.status == 200);
    std::set<std::string> numbers;
    for (const Json& change : reply.body["changes"])
      numbers.insert(change["data"]["number"].get<std::string>());
    return numbers;
  };
  const auto all = found(Json::object());
  REQUIRE(all.size() == 6);
  CHECK(found({{"status", {{"in", {"draft", "submitted"}}}}}) == all);
  CHECK(found({{"status", {{"in", {"approved"}}}}}).empty());
  CHECK(found({{"number", {{"gte", "PR-2026-00312"}, {"lt", "PR-2026-00314"}}}}) ==
        std::set<std::string>{"PR-2026-00312", "PR-2026-00313"});
  CHECK(found({{"number", {{"gt", "PR-2026-00312"}, {"lte", "PR-2026-00313"}}}}) ==
        std::set<std::string>{"PR-2026-00313"});
  CHECK(found({{"number", {{"gt", 5}}}}).empty());
  CHECK(found({{"priority", nullptr}}) == all);
  CHECK(found({{"number", nullptr}}).empty());
  CHECK(found(Json::object(), "  PR-2026-00313 MATERIALS ") ==
        std::set<std::string>{"PR-2026-00313"});
  CHECK(found(Json::object(), "requester_id").empty());  // names of fields are no content
  for (const Json& filter : {Json{{"status", {{"like", "x"}}}}, Json{{"status", {{"in", "x"}}}},
                             Json{{"status", Json::object()}}, Json{{"status", {1, 2}}}}) {
    CHECK(f.phone.pull({{"query", {{"entity_type", "pr"}, {"filter", filter}}}}).status == 400);
  }
}

TEST_CASE("Pull: what comes, goes and changes between two pages of a query moves nothing else") {
  Fixture f;
  std::vector<std::string> ids;
  for (const Document& document : f.server.backend->documents()) {
    if (document.key.type == "po") ids.push_back(document.key.id);
  }
  REQUIRE(ids.size() == 10);
  std::vector<std::string> seen;
  Json after;
  int pages = 0;
  do {
    const Json page =
        f.phone.pull({{"query", {{"entity_type", "po"}, {"after", after}, {"limit", 3}}}}).body;
    for (const Json& change : page["changes"])
      seen.push_back(change["entity_id"].get<std::string>());
    after = page["next"];
    // The last one that was read goes, and so does one that was not; another one changes.
    if (pages == 0) {
      REQUIRE(f.server.backend->delete_as_other({"po", ids[2]}, f.server.now));
      REQUIRE(f.server.backend->delete_as_other({"po", ids[7]}, f.server.now));
      REQUIRE(f.server.backend->edit_as_other({"po", ids[5]}, {{"status", "x"}}, f.server.now));
    }
    ++pages;
  } while (!after.is_null());
  std::vector<std::string> expected = ids;
  expected.erase(expected.begin() + 7);
  CHECK(seen == expected);
}

TEST_CASE("Pull: exactly one of scope, refresh and query, from the token's own device") {
  Fixture f;
  CHECK(f.phone.pull(Json::object()).status == 400);
  CHECK(f.phone.pull({{"scope", "tier1"}, {"refresh", Json::array()}}).status == 400);
  CHECK(f.phone.pull({{"refresh", {1}}}).status == 400);
  CHECK(f.phone.pull({{"refresh", "all"}}).status == 400);
  CHECK(f.phone.post("/api/mobile/sync/pull", {{"scope", "tier1"}, {"device_id", "device-2"}})
            .status == 400);
}

TEST_CASE("Pull: the cached lists are documents with row_version (P-91, P-92, P-97)") {
  Fixture f;
  const auto items = [&](const std::string& target) {
    return f.phone.call("GET", target).body["items"];
  };
  CHECK(items("/api/mobile/approvals").size() == 30);
  CHECK(items("/api/mobile/dashboard").size() == 6);
  CHECK(items("/api/mobile/notifications").size() == 4);
  CHECK(f.phone.call("GET", "/api/mobile/dashboard").body["totals"] ==
        Json{{"pending_approvals", 30}, {"unread_notifications", 4}});
  for (const Json& kpi : items("/api/mobile/dashboard")) {
    CHECK(kpi["row_version"] == 1);
    CHECK(kpi["data"]["history"].size() == 7);
  }
  REQUIRE(f.server.backend->approve_as_other(f.phone.next_approval().key.id, f.server.now));
  CHECK(items("/api/mobile/approvals").size() == 29);

  const Reply page = f.phone.call("GET", "/api/mobile/notifications?limit=3");
  CHECK(page.body["items"].size() == 3);
  const std::string next = page.body["next"];
  const Reply last = f.phone.call("GET", "/api/mobile/notifications?limit=3&after=" + next);
  CHECK(last.body["items"].size() == 1);
  CHECK(last.body["next"].is_null());
  CHECK(f.phone.call("GET", "/api/mobile/notifications?limit=none").status == 400);
}

TEST_CASE("Pull: the effect of a push is in the next page, at the version of its verdict") {
  Fixture f;
  const Document approval = f.phone.next_approval();
  const Json cursor = f.pull(nullptr)["cursor"];
  const Json result = f.phone.results(
      {on_base(operation(1, "approval", approval.key.id, "approve", Json::object()), 1)})[0];
  const Json changes = f.pull(cursor)["changes"];
  REQUIRE(changes.size() == 1);
  CHECK(changes[0] == result["entity"]);
}

}  // namespace
}  // namespace landfall::backend
