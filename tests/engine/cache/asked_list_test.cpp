#include "engine/cache/asked_list.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/engine/cache/query_rig.hpp"
#include "tests/engine/sync/lane_rows.hpp"

namespace landfall::pull_test {
namespace {

using sync::OperationState;

struct AskedRig : Partition {
  cache::Query query_of(Json params) {
    params["ask"] = true;
    auto query = cache::parse_query(profile, params);
    if (!query) stop(query.error());
    return std::move(*query);
  }
  Json reply(const Json& params, const std::vector<sync::Document>& came,
             std::optional<std::string> next = std::nullopt) {
    const cache::Query query = query_of(params);
    return read([&](const store::Snapshot& snapshot) {
      return cache::asked_reply(snapshot, {profile, outbox_key, documents_key}, query,
                                {came, std::move(next), {}}, kAsked);
    });
  }
};

sync::Document requisition(const std::string& id, std::int64_t row_version,
                           const std::string& status, const std::string& title = "Gravel") {
  return {{"pr", id},
          row_version,
          Instant{1},
          false,
          dump_json(Json{{"status", status}, {"title", title}})};
}

const Json kDrafts{{"type", "pr"}, {"filter", {{"status", "draft"}}}};

}  // namespace

TEST_CASE("P-70: what the server is asked is what the host wrote") {
  AskedRig rig;
  Json params = kDrafts;
  params["text"] = "Gravel  Bridge";
  params["limit"] = 7;
  const auto question = cache::question_of(rig.query_of(params));
  CHECK(question.type == "pr");
  CHECK(question.filter == R"({"status":"draft"})");
  CHECK(question.text == "Gravel  Bridge");
  CHECK(question.limit == 7);
  CHECK_FALSE(question.after);
  CHECK(cache::question_of(rig.query_of(kDrafts)).limit == 100);
}

TEST_CASE("A page that goes on at the server is told apart from one that goes on here") {
  AskedRig rig;
  Json params = kDrafts;
  params["after"] = rig.reply(kDrafts, {requisition("b", 1, "draft")}, "b")["next"];
  CHECK(cache::question_of(rig.query_of(params)).after == "b");
  CHECK_FALSE(cache::goes_on_here(rig.query_of(params)));
  // Without `ask` it is no place of a list here.
  CHECK(error_of(params).field == "params.after");
  params["after"] = cache::to_token({{}, "b"}, {});
  CHECK(cache::goes_on_here(rig.query_of(params)));
  CHECK_FALSE(cache::question_of(rig.query_of(params)).after);
  params["after"] = "nonsense";
  params["ask"] = true;
  CHECK(error_of(params).field == "params.after");
  CHECK_FALSE(rig.reply(kDrafts, {}).contains("next"));
}

TEST_CASE("ask is for lists that no scope carries, and the server has an order of its own") {
  CHECK(error_of({{"type", "approval"}, {"ask", true}}).field == "params.ask");
  CHECK(error_of({{"type", "pr"}, {"id", "1"}, {"ask", true}}).field == "params.ask");
  CHECK(error_of({{"type", "pr"}, {"ask", true}, {"sort", {{"by", "status"}}}}).field ==
        "params.sort");
  CHECK(error_of({{"type", "pr"}, {"ask", true}, {"limit", 101}}).field == "params.limit");
  AskedRig rig;
  CHECK(cache::parse_query(rig.profile, {{"type", "approval"}, {"ask", false}}));
}

TEST_CASE("P-26: the server's page is shown in its order, as of now, whether or not it is stored") {
  AskedRig rig;
  const Json reply =
      rig.reply(kDrafts, {requisition("z", 3, "draft"), requisition("a", 1, "draft")}, "a");
  CHECK(ids_of(reply) == std::vector<std::string>{"z", "a"});
  CHECK(reply["source"] == "server");
  CHECK(reply["is_fresh"] == true);
  CHECK(reply["age_s"] == 0);
  CHECK(reply["as_of"] == format_rfc3339(kAsked));
  CHECK(reply["documents"][0]["fetched_at"] == reply["as_of"]);
  CHECK(reply["documents"][0]["row_version"] == 3);
  CHECK_FALSE(reply.contains("reason"));
}

TEST_CASE("INV-Q11: a page that is older than what is here shows what is here") {
  AskedRig rig;
  rig.put(requisition("a", 5, "draft", "Sand"));
  rig.put({{"pr", "gone"}, 4, Instant{1}, true, "{}"});
  const Json reply =
      rig.reply(kDrafts, {requisition("a", 4, "draft"), requisition("gone", 3, "draft")});
  REQUIRE(ids_of(reply) == std::vector<std::string>{"a"});
  CHECK(reply["documents"][0]["data"]["title"] == "Sand");
}

TEST_CASE("INV-Q14 P-58: a user finds what they did, also where the server lists it otherwise") {
  AskedRig rig;
  const auto came = requisition("came", 1, "draft");
  add_operation(rig, {1, {"pr", "came"}, "submit"});
  // Submitted here: no draft any more, whatever the server says.
  CHECK(ids_of(rig.reply(kDrafts, {came})).empty());
  // Made here: the server does not know of it.
  add_operation(rig, {2, {"pr", "made"}, "create", R"({"title":"Steel"})"});
  Json reply = rig.reply(kDrafts, {came, requisition("other", 1, "draft")});
  CHECK(ids_of(reply) == std::vector<std::string>{"made", "other"});
  CHECK(reply["documents"][0]["fetched_at"].is_null());
  CHECK(reply["documents"][0]["pending_sync"] == true);
  // Edited here, and a draft at the server: it comes in its place, on this page or another.
  rig.put(requisition("edited", 1, "draft"));
  add_operation(rig, {3, {"pr", "edited"}, "note", R"({"note":"x"})"});
  CHECK(ids_of(rig.reply(kDrafts, {})) == std::vector<std::string>{"made"});
  // By its words too.
  Json steel = kDrafts;
  steel["text"] = "steel";
  CHECK(ids_of(rig.reply(steel, {})) == std::vector<std::string>{"made"});
  steel["text"] = "copper";
  CHECK(ids_of(rig.reply(steel, {})).empty());
  // On the first page only.
  Json second = kDrafts;
  second["after"] = rig.reply(kDrafts, {}, "m")["next"];
  CHECK(ids_of(rig.reply(second, {})).empty());
}

TEST_CASE("What the server finds by words that nobody looks for here is shown") {
  AskedRig rig;
  Json params = kDrafts;
  params["text"] = "in the lines";
  CHECK(ids_of(rig.reply(params, {requisition("a", 1, "draft")})).size() == 1);
}

TEST_CASE("What only the user's own operations make match is no more than a page") {
  AskedRig rig;
  for (std::uint8_t i = 1; i <= 5; ++i)
    add_operation(rig, {i, {"pr", "made-" + std::to_string(i)}, "create", R"({"title":"Steel"})"});
  Json params = kDrafts;
  params["limit"] = 2;
  CHECK(ids_of(rig.reply(params, {requisition("z", 1, "draft")})) ==
        std::vector<std::string>{"made-1", "made-2", "z"});
}

}  // namespace landfall::pull_test
