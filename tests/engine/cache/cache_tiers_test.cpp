#include "engine/cache/cache_tiers.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/document_table.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"
#include "tests/engine/cache/tier_rig.hpp"
#include "tests/engine/sync/lane_rows.hpp"

namespace landfall::pull_test {
namespace {

using cache::TierFull;
using store::TierSums;

}  // namespace

TEST_CASE("P-33 P-34: each document counts in the tier of its type, tombstones by their bytes") {
  TierRig rig;
  rig.store("approval", "a-1", 100);
  rig.store("pr", "pr-1", 200);
  rig.store("pr", "pr-2", 50);
  const auto status = rig.status();
  CHECK(status.pinned.sums == TierSums{rig.bytes_of({"approval", "a-1"}), 1});
  CHECK(status.on_demand.sums ==
        TierSums{rig.bytes_of({"pr", "pr-1"}) + rig.bytes_of({"pr", "pr-2"}), 2});
  CHECK(status.pinned.bytes_max == 5'242'880);
  rig.remove("pr", "pr-2");
  CHECK(rig.status().on_demand.sums.documents == 1);
  CHECK(rig.status().on_demand.sums.bytes > rig.bytes_of({"pr", "pr-1"}));
  rig.check_sums();
}

TEST_CASE("P-33 P-34: a document counts its bytes, and takes fewer when it repeats itself") {
  TierRig rig;
  rig.store("pr", "1", 1'000);
  const auto stored = rig.document({"pr", "1"});
  REQUIRE(stored.has_value());
  const auto counted = static_cast<std::int64_t>(stored->data.size() + store::kSealOverheadBytes);
  CHECK(rig.bytes_of({"pr", "1"}) == counted);
  CHECK(rig.status().on_demand.sums.bytes == counted);
  CHECK(rig.number("SELECT length(body) FROM documents") < counted / 2);
  rig.store("pr", "1", 3'000);
  CHECK(rig.bytes_of({"pr", "1"}) == counted + 2'000);
  CHECK(rig.document({"pr", "1"})->data.size() == stored->data.size() + 2'000);
  rig.check_sums();
}

TEST_CASE("P-34: tier 2 throws away the least recently used until it fits") {
  TierRig rig;
  rig.limit(0, 1'100);
  for (const char* id : {"1", "2", "3", "4"}) rig.store("pr", id, 200);
  CHECK(rig.status().evicted.documents == 0);
  rig.use("pr", "1");
  rig.store("pr", "5", 200);
  CHECK(rig.has({"pr", "1"}));
  CHECK_FALSE(rig.has({"pr", "2"}));
  CHECK(rig.status().on_demand.sums.bytes <= 1'100);
  CHECK(rig.status().evicted.documents == 1);
  rig.check_sums();
}

TEST_CASE("P-34: a large tier 2 throws away a little more at once, and the next finds room") {
  constexpr auto kBytesMax = static_cast<std::int64_t>(16 * limits::kMiB);
  constexpr auto kFreed = static_cast<std::int64_t>(64 * limits::kKiB);
  constexpr std::size_t kDocumentBytes = 60'000;
  TierRig rig;
  rig.limit(0, kBytesMax);
  int stored = 0;
  while (rig.status().evicted.documents == 0)
    rig.store("pr", std::to_string(++stored), kDocumentBytes);
  const auto left = rig.status();
  CHECK(left.on_demand.sums.bytes <= kBytesMax - kFreed);
  CHECK(left.on_demand.sums.bytes + rig.bytes_of({"pr", std::to_string(stored)}) >
        kBytesMax - kFreed);
  rig.store("pr", "next", kDocumentBytes);
  CHECK(rig.status().evicted.documents == left.evicted.documents);
  CHECK_FALSE(rig.has({"pr", "1"}));
  CHECK(rig.has({"pr", std::to_string(stored)}));
  rig.check_sums();
}

TEST_CASE("P-34: what is thrown away is always what was used least recently, whatever rows say") {
  TierRig rig;
  rig.limit(0, 5'000);
  std::vector<std::string> order;  // from the least recently used on
  const auto make_newest = [&](const std::string& id) {
    std::erase(order, id);
    order.push_back(id);
  };
  Random random(7);
  for (int i = 0; i < 600; ++i) {
    const std::string id = std::to_string(random.below(40));
    const bool is_here = rig.has({"pr", id});
    if (is_here && random.chance(0.7)) {
      rig.use("pr", id);
    } else {
      rig.store("pr", id, 200);
    }
    make_newest(id);
    while (!order.empty() && !rig.has({"pr", order.front()})) order.erase(order.begin());
    for (const std::string& kept : order) REQUIRE(rig.has({"pr", kept}));
  }
  CHECK(rig.status().evicted.documents > 50);
}

TEST_CASE("P-34: behind a clock that was set back a look counts as it did before") {
  TierRig rig;
  rig.limit(0, 1'100);
  for (const char* id : {"1", "2", "3", "4"}) rig.store("pr", id, 200);
  rig.now = rig.now - Duration{30LL * 24 * 3'600'000};
  rig.open();
  rig.use("pr", "1");
  rig.store("pr", "5", 200);
  CHECK(rig.has({"pr", "1"}));
  CHECK_FALSE(rig.has({"pr", "2"}));
  rig.store("pr", "6", 200);
  CHECK(rig.has({"pr", "5"}));
  CHECK_FALSE(rig.has({"pr", "3"}));
}

TEST_CASE("P-34: that documents were looked at is written when there are many, or at the end") {
  TierRig rig;
  rig.limit(0, 1'000'000);
  const auto used_last = [&] { return rig.number("SELECT max(used_ms) FROM documents"); };
  for (std::size_t i = 0; i <= limits::kUsesAWriteMin; ++i) rig.store("pr", std::to_string(i), 10);
  rig.use("pr", "0");
  rig.store("pr", "more", 10);
  CHECK(rig.number("SELECT used_ms FROM documents WHERE entity_id = '0'") < used_last() - 1);
  for (std::size_t i = 1; i < limits::kUsesAWriteMin; ++i) rig.use("pr", std::to_string(i));
  const std::int64_t last_use = rig.now.unix_ms;
  CHECK(used_last() < last_use);
  rig.store("pr", "more", 10);
  CHECK(rig.number("SELECT count(*) FROM documents WHERE used_ms = ?1", last_use) == 1);
  rig.use("pr", "2");
  (void)rig.write(
      [&](store::Transaction& tx) { return rig.tiers->save_uses(tx).map([] { return true; }); });
  CHECK(used_last() == rig.now.unix_ms);
}

TEST_CASE("P-33: of what did not fit tier 1 the one that was looked at last comes back first") {
  TierRig rig;
  rig.limit(700, 10'000);
  for (const char* id : {"1", "2", "3", "4"}) (void)rig.store("approval", id, 200);
  REQUIRE(rig.status().beyond.kept == 2);  // 1 and 2
  rig.use("approval", "1");
  rig.remove("approval", "4");
  CHECK(rig.number("SELECT tier FROM documents WHERE entity_id = '1'") == 1);
  CHECK(rig.number("SELECT tier FROM documents WHERE entity_id = '2'") == 2);
  rig.check_sums();
}

TEST_CASE("P-34 INV-Q1: a document that an unsettled operation refers to is never thrown away") {
  TierRig rig;
  rig.limit(0, 600);
  rig.store("pr", "edited", 200);
  rig.store("pr", "failed", 200);
  add_operation(rig, {1, {"pr", "edited"}, "update"});
  add_operation(rig, {2, {"pr", "failed"}, "update", "{}", sync::OperationState::failed});
  for (int i = 0; i < 10; ++i) rig.store("pr", "other-" + std::to_string(i), 200);
  CHECK(rig.has({"pr", "edited"}));
  CHECK(rig.has({"pr", "failed"}));
  settle_with_entity(rig, 1, sync::OperationState::applied, wire_document("pr", "edited", 9));
  rig.store("pr", "more", 200);
  CHECK(rig.has({"pr", "edited"}));  // its result is not a document yet
  mark_adopted(rig, 1);
  rig.store("pr", "even more", 200);
  CHECK_FALSE(rig.has({"pr", "edited"}));
  rig.check_sums();
}

TEST_CASE("INV-S2 P-33: what is in tier 1 is never thrown away, however much tier 2 takes in") {
  TierRig rig;
  rig.limit(1'000, 600);
  rig.store("approval", "1", 200);
  rig.store("approval", "2", 200);
  for (int i = 0; i < 20; ++i) rig.store("pr", std::to_string(i), 200);
  CHECK(rig.has({"approval", "1"}));
  CHECK(rig.has({"approval", "2"}));
  CHECK(rig.status().pinned.sums.documents == 2);
  CHECK(rig.status().beyond == store::BeyondTier1{});
  CHECK(rig.status().evicted.documents > 15);
  rig.check_sums();
}

TEST_CASE("P-34: what was just fetched stays, however large it is") {
  TierRig rig;
  rig.limit(0, 500);
  rig.store("pr", "small", 200);
  rig.store("pr", "huge", 4'000);
  CHECK_FALSE(rig.has({"pr", "small"}));
  CHECK(rig.has({"pr", "huge"}));
  rig.store("pr", "next", 200);
  CHECK_FALSE(rig.has({"pr", "huge"}));
  CHECK(rig.has({"pr", "next"}));
}

TEST_CASE("P-33: when tier 1 is full its owner hears it once, and nothing is lost") {
  TierRig rig;
  rig.limit(700, 10'000);
  CHECK_FALSE(rig.store("approval", "1", 200));
  CHECK_FALSE(rig.store("approval", "2", 200));
  const auto full = rig.store("approval", "3", 200);
  REQUIRE(full);
  CHECK(full->full);
  CHECK(full->beyond == store::BeyondTier1{1, 0});
  CHECK(full->bytes == rig.status().pinned.sums.bytes);
  CHECK(full->bytes <= 700);
  CHECK(full->bytes_max == 700);
  CHECK_FALSE(rig.store("approval", "4", 200));
  CHECK(rig.status().beyond.kept == 2);
  for (const char* id : {"1", "2", "3", "4"}) CHECK(rig.has({"approval", id}));
  rig.check_sums();
}

TEST_CASE("P-33: what did not fit tier 1 comes back when there is room, and its owner hears it") {
  TierRig rig;
  rig.limit(700, 10'000);
  for (const char* id : {"1", "2", "3"}) (void)rig.store("approval", id, 200);
  CHECK(rig.status().beyond.kept == 1);
  const auto fits = rig.remove("approval", "3");
  REQUIRE(fits);
  CHECK_FALSE(fits->full);
  CHECK(fits->beyond == store::BeyondTier1{});
  CHECK(rig.status().pinned.sums.documents == 2);
  rig.check_sums();
}

TEST_CASE("P-33: what is pinned and was thrown away is missing until a full pull, and it is said") {
  TierRig rig;
  rig.limit(300, 600);
  for (const char* id : {"1", "2", "3"}) (void)rig.store("approval", id, 200);
  CHECK(rig.status().beyond == store::BeyondTier1{2, 0});
  for (const char* id : {"1", "2"}) CHECK_FALSE(rig.store("pr", id, 200));
  CHECK(rig.status().beyond == store::BeyondTier1{0, 2});
  CHECK_FALSE(rig.has({"approval", "1"}));
  const auto whole = rig.write([&](store::Transaction& tx) -> Result<std::optional<TierFull>> {
    LANDFALL_TRY(rig.tiers->on_full_pull(tx));
    return rig.tiers->on_changed(tx, std::nullopt);
  });
  REQUIRE(*whole);
  CHECK_FALSE((*whole)->full);
  rig.check_sums();
}

TEST_CASE("P-33 P-35: a profile with other tiers sorts what is stored anew") {
  TierRig rig;
  rig.store("approval", "a-1", 100);
  rig.store("pr", "pr-1", 100);
  rig.store("vendor", "v-1", 100);
  rig.profile.entities.at("pr").tier = profile::Tier::pinned;
  rig.profile.entities.at("vendor").tier = profile::Tier::online;
  rig.open();
  CHECK(rig.status().pinned.sums.documents == 2);
  CHECK(rig.status().on_demand.sums == TierSums{});
  CHECK_FALSE(rig.has({"vendor", "v-1"}));
  rig.check_sums();
}

TEST_CASE("INV-S7: rows from before the tiers were counted are sorted at the first opening") {
  TierRig rig;
  rig.store("approval", "a-1", 100);
  rig.store("pr", "pr-1", 100);
  (void)rig.write([](store::Transaction& tx) -> Status {
    LANDFALL_TRY(tx.run("UPDATE documents SET pinned = 0, tier = 0, used_ms = 0"));
    return store::CounterTable::set(tx, "cache.rules", 0);
  });
  rig.open();
  CHECK(rig.status().pinned.sums.documents == 1);
  CHECK(rig.status().on_demand.sums.documents == 1);
  rig.check_sums();
}

TEST_CASE("P-33: a type that the profile does not know is pinned when a pull carries it") {
  const Profile profile = Profile::load(schema::profile("prokure").value()).value();
  CHECK(cache::is_pinned(profile, "approval", ""));
  CHECK_FALSE(cache::is_pinned(profile, "pr", "tier1"));
  CHECK(cache::is_pinned(profile, "later", "tier1"));
  CHECK_FALSE(cache::is_pinned(profile, "later", ""));
}

TEST_CASE("P-33 P-34: a pull that does not fit says so in the step that stored it") {
  PullRig rig;
  rig.profile.limits.tier1_bytes_max = 700;
  rig.start();
  std::vector<Json> changes;
  for (int i = 0; i < 5; ++i) {
    changes.push_back(
        wire_document("approval", "a-" + std::to_string(i), 1, {{"title", std::string(200, 'x')}}));
  }
  const auto effects = rig.answer(ok(page("c1", true, changes)));
  REQUIRE(effects.tier_full);
  CHECK(effects.tier_full->full);
  CHECK(effects.tier_full->beyond.kept == 3);
  CHECK(effects.changed.size() == 5);
  const auto same = rig.answer(ok(page("c2", false, {changes[0]})));
  CHECK_FALSE(same.tier_full);
  (void)rig.request();
  (void)rig.answer(answered(410));
  const auto emptied = rig.answer(ok(page("c3", false, {changes[0], changes[1]})));
  REQUIRE(emptied.tier_full);
  CHECK_FALSE(emptied.tier_full->full);
}

}  // namespace landfall::pull_test
