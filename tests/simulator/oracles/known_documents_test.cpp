#include "simulator/oracles/known_documents.hpp"

#include <map>

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

Json shown(const backend::Document& document) {
  return Json{{"entity_type", document.key.type},
              {"entity_id", document.key.id},
              {"row_version", document.row_version},
              {"data", Json::parse(document.data)},
              {"pending_sync", false},
              {"operations", Json::array()}};
}

struct Documents : oracles::Stage {
  oracles::KnownDocuments oracle;
  std::map<EntityKey, Json> all;

  Documents() {
    watch(oracle);
    for (const auto& document : world.backend().tier1_documents(phone.user_id()))
      all[document.key] = shown(document);
    REQUIRE_FALSE(all.empty());
  }
  void view(const Json& document) {
    world.observe_view(phone, Json{{"type", document["entity_type"]}},
                       Json{{"documents", Json::array({document})}, {"commit_seq", 1}});
  }
  std::size_t found() { return violations("INV-Q11").size(); }
  std::size_t found_stale() { return violations("INV-Q13").size(); }
};

}  // namespace

TEST_CASE("INV-Q11 oracle: a document is what the server had, or has operations over it") {
  Documents stage;
  Json document = stage.all.begin()->second;
  SECTION("as it is") {
    stage.view(document);
    CHECK(stage.found() == 0);
  }
  SECTION("a version that never was") {
    document["row_version"] = 99;
    stage.view(document);
    CHECK(stage.found() == 1);
  }
  SECTION("another content") {
    document["data"]["title"] = "half a page";
    stage.view(document);
    CHECK(stage.found() == 1);
  }
  SECTION("another content, by an operation of ours") {
    document["data"]["title"] = "edited";
    document["pending_sync"] = true;
    document["operations"] = Json::array({Json{{"id", "a"}}});
    stage.view(document);
    CHECK(stage.found() == 0);
  }
}

TEST_CASE("INV-Q11 INV-Q13 oracle: after a pull Tier 1 is all there and nothing in it is stale") {
  Documents stage;
  SECTION("complete") {
    stage.oracle.judge_tier1(stage.world, stage.phone, stage.all);
    CHECK(stage.found() == 0);
  }
  SECTION("one was skipped") {
    stage.all.erase(stage.all.begin());
    stage.oracle.judge_tier1(stage.world, stage.phone, stage.all);
    CHECK(stage.found() == 1);
  }
  SECTION("one moved on without us") {
    REQUIRE(stage.world.backend()
                .edit_as_other(stage.all.begin()->first, Json{{"note", "newer"}}, stage.world.now())
                .has_value());
    stage.oracle.judge_tier1(stage.world, stage.phone, stage.all);
    CHECK(stage.found() == 0);
    CHECK(stage.found_stale() == 1);
  }
}
