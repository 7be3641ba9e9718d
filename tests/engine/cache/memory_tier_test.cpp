#include "engine/cache/memory_tier.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "engine/cache/answer_one.hpp"
#include "engine/store/alias_table.hpp"
#include "engine/store/cursor_table.hpp"
#include "engine/store/document_tiers.hpp"
#include "engine/store/transaction.hpp"
#include "tests/engine/cache/query_rig.hpp"
#include "tests/engine/sync/lane_rows.hpp"

namespace landfall::pull_test {
namespace {

const EntityKey kOrder{"po", "7"};

struct MemoryRig : PullRig {
  explicit MemoryRig(std::uint8_t seed = 1) : PullRig(seed) { watch(); }

  void watch() {
    memory = std::make_shared<cache::MemoryTier>(database->commit_seq());
    database->watch_changes(memory);
  }
  static Json by_id(const EntityKey& entity) { return {{"type", entity.type}, {"id", entity.id}}; }
  cache::Query parsed(const EntityKey& entity) {
    auto query = cache::parse_query(profile, by_id(entity));
    if (!query) stop(query.error());
    return std::move(*query);
  }
  [[nodiscard]] std::optional<std::string> from_memory(const EntityKey& entity) {
    auto answer = cache::answer_from_memory(*memory, profile, parsed(entity), now);
    return answer ? std::optional{std::move(answer->reply)} : std::nullopt;
  }
  // Through the database, which leaves it in memory.
  std::string look_at(const EntityKey& entity) {
    const auto query = parsed(entity);
    const auto before = memory->moment();
    return read([&](const store::Snapshot& snapshot) {
             return cache::answer_one(snapshot, {profile, outbox_key, documents_key}, *memory,
                                      before, query, now);
           })
        .reply;
  }
  // What the database itself says, by the code of every other query.
  std::string said_by_disk(const EntityKey& entity) {
    auto answer = try_answer(*this, index, by_id(entity), now);
    if (!answer) stop(answer.error());
    return dump_json(answer->reply);
  }
  void put_order(const EntityKey& entity, std::int64_t version) {
    put({entity, version, Instant{1}, false, R"({"title":")" + std::to_string(version) + R"("})"});
  }

  std::shared_ptr<cache::MemoryTier> memory;
  cache::SummaryIndex index;
};

}  // namespace

TEST_CASE("P-26: a document that was looked at is shown again without a read, to the byte") {
  MemoryRig rig;
  rig.put({kOrder, 3, Instant{1'000}, false, R"({"title":"Stahl \"Ö\"","total":1.5})"});
  CHECK_FALSE(rig.from_memory(kOrder));
  CHECK(rig.look_at(kOrder) == rig.said_by_disk(kOrder));
  CHECK(rig.from_memory(kOrder) == rig.said_by_disk(kOrder));
  // Its age is that of the moment.
  rig.now = rig.now + Duration{5'000};
  CHECK(rig.from_memory(kOrder) == rig.said_by_disk(kOrder));
  // That it was looked at shows nowhere.
  (void)rig.write([](store::Transaction& tx) { return store::note_use(tx, kOrder, Instant{9}); });
  CHECK(rig.from_memory(kOrder) == rig.said_by_disk(kOrder));
  // Nor does the change of another one, but in the number of the commit.
  rig.put_order({"po", "8"}, 1);
  CHECK(rig.from_memory(kOrder) == rig.said_by_disk(kOrder));
}

TEST_CASE("INV-Q14: whatever changes what a document shows takes it out of memory") {
  MemoryRig rig;
  rig.start();
  rig.answer(ok(page("c1", false, {wire_document("approval", "a", 1)})));
  const EntityKey approval{"approval", "a"};
  rig.put_order(kOrder, 1);
  const auto is_kept = [&](const EntityKey& entity) {
    const bool kept = rig.from_memory(entity).has_value();
    if (kept) CHECK(rig.from_memory(entity) == rig.said_by_disk(entity));
    rig.look_at(entity);
    return kept;
  };
  rig.look_at(kOrder);
  rig.look_at(approval);
  REQUIRE(is_kept(kOrder));

  rig.put_order(kOrder, 2);
  CHECK_FALSE(is_kept(kOrder));
  CHECK(is_kept(approval));
  add_operation(rig, {.number = 1, .entity = {"po", "8"}, .action = "update"});
  CHECK_FALSE(is_kept(kOrder));
  // The end of a pull makes all of its scope younger.
  rig.look_at(approval);
  rig.now = rig.now + Duration{1'000};
  rig.request();
  rig.answer(ok(page("c1", false, {})));
  CHECK_FALSE(is_kept(approval));
  (void)rig.write(
      [](store::Transaction& tx) { return store::AliasTable::insert(tx, kOrder, "99"); });
  CHECK_FALSE(is_kept(kOrder));
  (void)rig.write([](store::Transaction& tx) { return store::clear_documents(tx, std::nullopt); });
  CHECK_FALSE(rig.from_memory(approval));
  CHECK(rig.look_at(approval) == rig.said_by_disk(approval));
}

TEST_CASE("INV-Q14: what memory shows is what the newest commit shows, over random steps") {
  std::size_t hits = 0;
  for (std::uint8_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(int{seed});
    MemoryRig rig(seed);
    Random random(seed);
    std::uint8_t operations = 0;
    const auto draw = [&] { return EntityKey{"po", std::to_string(random.below(6))}; };
    for (std::int64_t step = 1; step <= 150; ++step) {
      const EntityKey entity = draw();
      const auto kind = random.below(20);
      rig.now = rig.now + Duration{100};
      if (kind < 3) {
        rig.put({entity, step, Instant{1}, random.chance(0.2), R"({"title":"t"})"});
      } else if (kind == 3) {
        (void)rig.write(
            [&](store::Transaction& tx) { return store::confirm_document(tx, entity, rig.now); });
      } else if (kind == 4 && operations < 8) {
        add_operation(rig, {.number = ++operations, .entity = entity, .action = "update"});
      } else if (kind == 5) {
        (void)rig.write(
            [&](store::Transaction& tx) { return store::note_use(tx, entity, rig.now); });
      }
      const EntityKey asked = draw();
      const auto shown = rig.from_memory(asked);
      hits += shown ? 1 : 0;
      CHECK(shown.value_or(rig.look_at(asked)) == rig.said_by_disk(asked));
    }
  }
  CHECK(hits > 300);
}

TEST_CASE("a snapshot that is older than the newest commit leaves nothing in memory") {
  MemoryRig rig;
  rig.put_order(kOrder, 1);
  const auto query = rig.parsed(kOrder);
  const auto before = rig.memory->moment();
  (void)rig.read([&](const store::Snapshot& snapshot) {
    rig.put_order(kOrder, 2);
    return cache::answer_one(snapshot, {rig.profile, rig.outbox_key, rig.documents_key},
                             *rig.memory, before, query, rig.now);
  });
  CHECK_FALSE(rig.from_memory(kOrder));
}

TEST_CASE("a step that changes more documents than are told one by one takes all out of memory") {
  MemoryRig rig;
  for (int number = 1; number <= 300; ++number) rig.put_order({"po", std::to_string(number)}, 1);
  rig.look_at({"po", "300"});
  REQUIRE(rig.from_memory({"po", "300"}));
  (void)rig.write([&](store::Transaction& tx) -> Status {
    LANDFALL_TRY(tx.run("UPDATE documents SET row_version = row_version + ?1", std::int64_t{1}));
    return {};
  });
  CHECK_FALSE(rig.from_memory({"po", "300"}));
}

TEST_CASE("INV-Q14: nothing that a commit replaces is shown from the moment that it can be seen") {
  struct Looker final : store::ChangeWatch {
    void on_committing(const store::RowChanges& changes) noexcept override {
      memory->on_committing(changes);
      is_shown_at_commit = memory->find(kOrder, 0).has_value();
    }
    void on_committed(std::uint64_t commit_seq) noexcept override {
      memory->on_committed(commit_seq);
    }
    void on_refused() noexcept override { memory->on_refused(); }
    void on_set_late() noexcept override { memory->on_set_late(); }
    void on_commit_unknown() noexcept override { memory->on_commit_unknown(); }
    std::shared_ptr<cache::MemoryTier> memory;
    bool is_shown_at_commit = true;
  };
  MemoryRig rig;
  rig.put_order(kOrder, 1);
  auto looker = std::make_shared<Looker>();
  looker->memory = rig.memory;
  rig.database->watch_changes(looker);
  rig.look_at(kOrder);
  REQUIRE(rig.from_memory(kOrder));
  rig.put_order(kOrder, 2);
  CHECK_FALSE(looker->is_shown_at_commit);
  CHECK_FALSE(rig.from_memory(kOrder));
}

TEST_CASE("what is set late is shown at once, also of a document that memory holds") {
  MemoryRig rig;
  rig.put_order(kOrder, 1);
  rig.look_at(kOrder);
  REQUIRE(rig.from_memory(kOrder));
  const auto commit_seq = rig.database->commit_seq();
  (void)rig.write([&](store::Transaction& tx) -> Status {
    store::note_completed(tx, "tier2", rig.now);
    return {};
  });
  REQUIRE(rig.database->commit_seq() == commit_seq);
  CHECK_FALSE(rig.from_memory(kOrder));
}

TEST_CASE(
    "memory answers no query that names a commit which is still to come, or asks the server") {
  MemoryRig rig;
  rig.put_order(kOrder, 1);
  rig.look_at(kOrder);
  auto query = rig.parsed(kOrder);
  query.commit_seq = static_cast<std::int64_t>(rig.database->commit_seq());
  CHECK(cache::answer_from_memory(*rig.memory, rig.profile, query, rig.now));
  ++*query.commit_seq;
  CHECK_FALSE(cache::answer_from_memory(*rig.memory, rig.profile, query, rig.now));
  query.commit_seq.reset();
  query.refresh = cache::Refresh::always;
  CHECK_FALSE(cache::answer_from_memory(*rig.memory, rig.profile, query, rig.now));
}

TEST_CASE("memory keeps within its bytes, and throws away what was shown longest ago") {
  cache::MemoryTier memory(1, 4'000);
  const auto keep = [&](int number) {
    memory.keep({"po", std::to_string(number)}, number, {std::string(600, 'x'), Instant{1}},
                memory.moment());
    CHECK(memory.bytes() <= 4'000);
  };
  const auto has = [&](int number) {
    return memory.find({"po", std::to_string(number)}, 0).has_value();
  };
  for (int number = 1; number <= 4; ++number) keep(number);
  REQUIRE(has(1));
  keep(5);
  CHECK(has(1));
  CHECK_FALSE(has(2));
  memory.keep({"po", "large"}, 9, {std::string(4'000, 'x'), Instant{1}}, memory.moment());
  CHECK(has(5));
  CHECK_FALSE(memory.find({"po", "large"}, 0));
  memory.clear();
  CHECK(memory.bytes() == 0);
  CHECK_FALSE(has(1));
}

TEST_CASE("INV-S5: after a commit whose outcome is unknown nothing is shown from memory") {
  cache::MemoryTier memory(1);
  memory.keep(kOrder, 1, {"{}", Instant{1}}, memory.moment());
  REQUIRE(memory.find(kOrder, 0));
  memory.on_commit_unknown();
  CHECK_FALSE(memory.find(kOrder, 0));
  memory.keep(kOrder, 1, {"{}", Instant{1}}, memory.moment());
  CHECK_FALSE(memory.find(kOrder, 0));
}

}  // namespace landfall::pull_test
