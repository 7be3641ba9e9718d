#include "engine/cache/live_query.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "engine/cache/view_json.hpp"
#include "schema/limits.hpp"
#include "tests/engine/cache/followed_list.hpp"
#include "tests/engine/cache/query_rig.hpp"

namespace landfall::pull_test {
namespace {

using cache::QueryPage;

sync::View view_of(const std::string& id, std::int64_t version) {
  sync::View view;
  view.entity = {"pr", id};
  view.row_version = version;
  view.data = R"({"v":)" + std::to_string(version) + "}";
  return view;
}

QueryPage draw_page(Random& random) {
  std::vector<std::string> ids;
  for (int id = 10; id < 20; ++id) {
    if (random.chance(0.6)) ids.push_back(std::to_string(id));
  }
  QueryPage page;
  for (const auto& id : ids) page.views.push_back(view_of(id, random.between(1, 2)));
  // By version, then by id, as a list that is sorted by a field.
  std::stable_sort(page.views.begin(), page.views.end(),
                   [](const auto& a, const auto& b) { return a.row_version < b.row_version; });
  if (random.chance(0.3)) page.next = "more";
  return page;
}

Json documents_of(const QueryPage& page) {
  Json documents = Json::array();
  for (const auto& view : page.views) documents.push_back(cache::to_json(view));
  return documents;
}

}  // namespace

TEST_CASE("whichever events are taken, whoever follows them comes to each picture they lead to") {
  int replaced = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    QueryPage page = draw_page(random);
    cache::LiveQuery live({}, page);
    testing::FollowedList list;
    list.begin(documents_of(page));
    std::optional<Json> waiting;  // the event that nobody has taken
    QueryPage leads_to;
    for (int i = 0; i < 20; ++i) {
      page = draw_page(random);
      if (live.is_news(page)) {
        if (!waiting) live.on_taken();
        replaced += waiting ? 1 : 0;
        waiting = live.changes_to(page);
        live.on_told(page);
        leads_to = page;
      }
      if (!waiting || random.chance(0.5)) continue;
      list.follow(*waiting);
      REQUIRE(list.documents() == documents_of(leads_to));
      REQUIRE((*waiting)["more"] == leads_to.next.has_value());
      waiting.reset();
    }
  }
  CHECK(replaced > 100);
}

TEST_CASE("a picture that is the same is no news, and what did not change is not told") {
  const QueryPage before{{view_of("a", 1), view_of("b", 1), view_of("c", 1)}, std::nullopt};
  cache::LiveQuery live({}, before);
  CHECK_FALSE(live.is_news(before));
  const QueryPage after{{view_of("b", 1), view_of("c", 2), view_of("d", 1)}, std::nullopt};
  REQUIRE(live.is_news(after));
  const Json changes = live.changes_to(after);
  CHECK(changes["removed"] == Json::array({"a"}));
  REQUIRE(changes["changed"].size() == 1);
  CHECK(changes["changed"][0]["index"] == 1);
  CHECK(changes["changed"][0]["document"]["entity_id"] == "c");
  REQUIRE(changes["added"].size() == 1);
  CHECK(changes["added"][0]["index"] == 2);
  CHECK(changes["added"][0]["document"]["entity_id"] == "d");
}

TEST_CASE("a subscription has 200 documents at most, and the rules of a query") {
  const Partition partition;
  const auto parse = [&](const Json& params) {
    return cache::parse_subscription(partition.profile, params);
  };
  CHECK(parse({{"type", "pr"}})->limit == limits::kSubscribedDocumentsMax);
  CHECK(parse({{"type", "pr"}, {"limit", 3}})->limit == 3);
  CHECK(parse({{"type", "pr"}, {"limit", 201}}).error().field == "params.limit");
  CHECK(parse({{"type", "pr"}, {"sort", {{"by", "title"}}}}).error().field == "params.sort.by");
}

}  // namespace landfall::pull_test
