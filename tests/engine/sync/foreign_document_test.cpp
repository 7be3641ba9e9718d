#include "engine/sync/foreign_document.hpp"

#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/engine/sync/pull_rig.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

// Server JSON: tenant or user of someone else. The rig's user is u-1 of the organisation t-1.
namespace landfall::pull_test {
namespace {

struct ForeignRig : PullRig {
  ForeignRig() { profile.entities.at("approval").organisation_field = "tenant_id"; }
};

Json of_tenant(const Json& tenant) {
  return wire_document("approval", "a", 1, {{"tenant_id", tenant}, {"amount", 7}});
}

}  // namespace

TEST_CASE("Server JSON: a page with a document of somebody else is refused whole, and told") {
  ForeignRig rig;
  rig.start();
  const Json foreign =
      GENERATE(of_tenant("t-2"), of_tenant(7), of_tenant(""), of_tenant({{"id", "t-1"}}),
               wire_document("user_profile", "u-2", 1));
  INFO(foreign.dump());
  const auto effects =
      rig.answer(ok(page("c1", false, {wire_document("approval", "b", 1), foreign})));
  REQUIRE(effects.failed_pull);
  CHECK(effects.failed_pull->code == "pull.foreign_document");
  CHECK(effects.failed_pull->message.find("t-2") == std::string::npos);
  CHECK(rig.stored().empty());
  // No cursor yet: what the page said besides comes with the next one.
  const auto cursor = rig.cursor("tier1");
  CHECK_FALSE((cursor && cursor->cursor));
  CHECK(rig.wake_after(Duration{5'000}).pull);
  rig.answer(ok(page("c1", false, {wire_document("approval", "b", 1)})));
  CHECK(rig.stored() == std::vector<EntityKey>{{"approval", "b"}});
}

TEST_CASE("Server JSON: what is the user's own, or says nothing of whose it is, is taken") {
  ForeignRig rig;
  rig.start();
  const Json own =
      GENERATE(of_tenant("t-1"), of_tenant(nullptr), wire_document("approval", "a", 1),
               wire_document("user_profile", "u-1", 1), wire_tombstone("approval", "a", 2),
               // One that is gone shows nothing of anybody.
               wire_tombstone("user_profile", "u-2", 2),
               // A word in a text is no member.
               wire_document("approval", "a", 1, {{"title", "tenant_id"}}));
  INFO(own.dump());
  const auto effects = rig.answer(ok(page("c1", false, {own})));
  CHECK_FALSE(effects.failed_pull);
  CHECK(rig.stored().size() == 1);
}

TEST_CASE("Server JSON: where the server knows no organisation, none is foreign") {
  ForeignRig rig;
  rig.owner.organisation.clear();
  rig.start();
  CHECK_FALSE(rig.answer(ok(page("c1", false, {of_tenant("t-2")}))).failed_pull);
}

TEST_CASE("Server JSON: of a refresh the document of somebody else is left out") {
  ForeignRig rig;
  rig.start();
  rig.answer(ok(page("c1", false, {})));
  rig.put({{"approval", "a"}, 1, Instant{1}, false, R"({"amount":1})"});
  rig.refresh({{"approval", "a"}, {"approval", "b"}});
  Json foreign = of_tenant("t-2");
  foreign["row_version"] = 2;
  const Json changes = Json::array({foreign, wire_document("approval", "b", 3)});
  const auto effects =
      rig.answer(ok(dump_json(Json{{"changes", changes}, {"unchanged", Json::array()}})));
  REQUIRE(effects.failed_refresh);
  CHECK(effects.failed_refresh->code == "pull.foreign_document");
  CHECK(effects.not_refreshed == std::vector<EntityKey>{{"approval", "a"}});
  CHECK(effects.refreshed == std::vector<EntityKey>{{"approval", "b"}});
  CHECK(effects.brought.size() == 1);
  CHECK(rig.version_of({"approval", "a"}) == 1);
  CHECK(rig.version_of({"approval", "b"}) == 3);
}

TEST_CASE("Server JSON: a verdict ends its operation, and its foreign entity becomes no document") {
  ForeignRig rig;
  rig.start();
  rig.answer(ok(page("c1", false, {})));
  const auto effects = rig.entities({{OperationId{{1}}, dump_json(of_tenant("t-2"))}});
  CHECK(effects.adopted.size() == 1);
  CHECK(rig.stored().empty());
}

TEST_CASE(
    "Server JSON: a verdict counts, and somebody else's document beside it is nobody's here") {
  Profile profile = test::test_profile();
  profile.entities.at("approval").organisation_field = "tenant_id";
  test::QueueWorld world(std::move(profile));
  world.store_document(test::kApproval, 7);
  world.enqueue(1, test::kApproval, "comment");
  world.go_online();
  const auto push = world.sends({1});
  const bool is_foreign = GENERATE(false, true);
  const bool is_conflict = GENERATE(false, true);
  const bool by_receipt = GENERATE(false, true);
  Json item =
      is_conflict ? test::conflicting(1, test::kApproval, 8) : test::applied(1, test::kApproval, 8);
  item["entity"]["data"]["tenant_id"] = is_foreign ? "t-2" : "t-1";
  if (by_receipt) {
    world.receipts_answer({{test::op(1)}, {}}, test::receipts({item}));
  } else {
    world.answer(push, test::results({item}));
  }
  CHECK(world.state(1) == (is_conflict ? "conflict" : "applied"));
  CHECK(world.last.foreign.has_value() == is_foreign);
  if (world.last.foreign) CHECK(world.last.foreign->code == "pull.foreign_document");
  // Of a conflict what the server has is asked for, as if it had not been said.
  const auto& entities = world.last.entities;
  const bool asks = is_foreign && is_conflict;
  REQUIRE(entities.size() == (is_foreign && !is_conflict ? 0 : 1));
  if (!entities.empty()) CHECK(entities[0].document.empty() == asks);
  const auto verdict = world.write([&](store::Transaction& tx) {
    return store::OperationTable::verdict(tx, *world.key, test::op(1));
  });
  REQUIRE((verdict && *verdict));
  CHECK(((*verdict)->find("tenant_id") == std::string::npos) == is_foreign);
}

TEST_CASE("Server JSON: nor does an endpoint's answer bring it, or what does not say whose it is") {
  Profile profile = test::test_profile();
  profile.entities.at("approval").organisation_field = "tenant_id";
  test::deliver(profile, "approval", "comment", profile::Delivery::endpoint);
  test::QueueWorld world(std::move(profile));
  world.store_document(test::kApproval, 7);
  world.enqueue(1, test::kApproval, "comment");
  world.go_online();
  const auto push = world.sends({1});
  const bool is_conflict = GENERATE(false, true);
  Json item =
      is_conflict ? test::conflicting(1, test::kApproval, 8) : test::applied(1, test::kApproval, 8);
  SECTION("somebody else's") { item["entity"]["data"]["tenant_id"] = "t-2"; }
  SECTION("no document") { item["entity"].erase("updated_at"); }
  world.answer(push, test::endpoint_answer(item));
  CHECK(world.state(1) == (is_conflict ? "conflict" : "applied"));
  CHECK(world.last.foreign);
  CHECK_FALSE(world.get(1).result_version);
}

}  // namespace landfall::pull_test
