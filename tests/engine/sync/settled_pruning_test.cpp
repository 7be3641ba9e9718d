#include "engine/sync/settled_pruning.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "engine/host/operation_json.hpp"
#include "engine/store/conflict_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/outbox_room.hpp"
#include "schema/limits.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::sync;
using namespace std::chrono_literals;

namespace {

constexpr Duration kDay = 24h;

Operation settled(std::int64_t seq, Instant at, OperationEffect effect = OperationEffect::known) {
  Operation operation;
  operation.seq = seq;
  operation.state =
      effect == OperationEffect::known ? OperationState::applied : OperationState::cancelled;
  operation.effect = effect;
  operation.settled_at = at;
  operation.waiting_since = at;
  return operation;
}

Json applied_without_document(int number) {
  return {{"id", to_text(op(number))}, {"status", "applied"}};
}

// A queue whose server says the time, with forgetting as its owner does it.
class PruningWorld : public QueueWorld {
 public:
  explicit PruningWorld(Profile rules = test_profile()) : QueueWorld(std::move(rules)) {
    go_online();
  }

  [[nodiscard]] http::Answer told(const std::vector<Json>& items,
                                  const char* list = "results") const {
    return told_at(now, items, list);
  }
  // An answer that took no time, of a server whose clock says that.
  [[nodiscard]] http::Answer told_at(Instant server_now, const std::vector<Json>& items,
                                     const char* list = "results") const {
    http::Answer answer =
        response(200, Json{{"server_time", format_rfc3339(server_now)}, {list, items}}.dump());
    answer.left_at = now;
    return answer;
  }

  // Sends all that is due and has the server apply it.
  void settle_all() {
    for (const PushCall& push : plan().pushes) {
      std::vector<Json> verdicts;
      for (const OperationId& id : push.operations)
        verdicts.push_back({{"id", to_text(id)}, {"status", "applied"}});
      answer(push, told(verdicts));
    }
  }

  void apply(int number, const EntityKey& entity, const std::string& action = "count") {
    enqueue(number, entity, action);
    settle_all();
  }

  // A round, as the actor runs it; the number of its write transactions.
  int forget() {
    int writes = 0;
    for (int step = 0; queue->wants_to_forget(now); ++step) {
      REQUIRE(step < 1'000);
      const auto found = database->read(
          [&](const store::Snapshot& snapshot) { return queue->look_for_settled(snapshot, now); });
      REQUIRE(found.has_value());
      if (!*found) continue;
      REQUIRE(write([&](store::Transaction& tx) { return queue->on_forget(tx, now); }));
      ++writes;
    }
    return writes;
  }

  [[nodiscard]] bool knows(int number) {
    const auto operations = all();
    return std::any_of(operations.begin(), operations.end(),
                       [&](const Operation& each) { return each.id == op(number); });
  }

  void see_notices() {
    const auto unseen = notices();
    if (unseen.empty()) return;
    const std::int64_t last_seq = unseen.back().seq;
    REQUIRE(write([&](store::Transaction& tx) { return queue->on_notices_seen(tx, last_seq); }));
  }

  // What the host is told of everything that is not settled.
  [[nodiscard]] Json told_of_unsettled() {
    Json told = Json::array();
    const auto listed = database->read([&](const store::Snapshot& snapshot) {
      return store::OperationTable::list(snapshot, false, 0, 100'000);
    });
    REQUIRE(listed.has_value());
    for (const Operation& operation : *listed) {
      told.push_back(host::operation_json(operation));
      told.push_back(host::explanation_json(explain(number_of(operation.id))));
    }
    const auto counts = database->read(
        [&](const store::Snapshot& snapshot) { return count_outbox(snapshot, profile); });
    REQUIRE(counts.has_value());
    told.push_back(host::counts_json(*counts));
    return told;
  }
};

// A phone that is used for three months, by a person who now and then looks after what went wrong.
class Months final {
 public:
  explicit Months(std::uint64_t seed) : random_(seed) {}

  void live(int steps) {
    for (int i = 0; i < steps; ++i) {
      enqueue();
      if (random_.chance(0.6)) sync();
      if (random_.chance(0.3)) world_.see_notices();
      if (random_.chance(0.3)) clean_up();
      world_.pass(random_.between(0, (3 * kDay).count()));
      forget();
    }
  }

  [[nodiscard]] std::size_t forgotten() const { return forgotten_; }

 private:
  void enqueue() {
    const EntityKey lane{"po", "PO-" + std::to_string(random_.below(5))};
    auto request = world_.request(++number_, lane, "count");
    if (number_ > 1 && random_.chance(0.2))
      request.supersedes = op(static_cast<int>(random_.between(1, number_ - 1)));
    if (world_.try_enqueue(request)) accepted_.emplace(number_, world_.now);
  }

  // Of some the server says nothing.
  void sync() {
    const SyncEffects effects = world_.plan();
    for (const PushCall& push : effects.pushes) {
      std::vector<Json> verdicts;
      for (const OperationId& id : push.operations) {
        const auto drawn = random_.below(10);
        if (drawn < 6) verdicts.push_back({{"id", to_text(id)}, {"status", "applied"}});
        if (drawn == 6) verdicts.push_back(rejected(number_of(id), "NO"));
        if (drawn == 7) verdicts.push_back({{"id", to_text(id)}, {"status", "conflict"}});
        if (drawn == 8) verdicts.push_back(retry(number_of(id), "busy"));
      }
      world_.answer(push, world_.told(verdicts));
    }
    if (effects.receipts) world_.receipts_answer(*effects.receipts, world_.told({}, "receipts"));
  }

  // What is refused because it is not in that state changes nothing.
  void clean_up() {
    for (const Operation& operation : world_.all()) {
      if (operation.state == OperationState::failed)
        static_cast<void>(world_.discard(number_of(operation.id), true));
      if (operation.state != OperationState::conflict) continue;
      static_cast<void>(world_.write([&](store::Transaction& tx) {
        return world_.queue->on_resolve(
            tx, {operation.id, conflict::ConflictChoice::Word::theirs, {}}, world_.now);
      }));
    }
  }

  void forget() {
    const Json before = world_.told_of_unsettled();
    const std::size_t rows = world_.all().size();
    world_.forget();
    REQUIRE(world_.told_of_unsettled() == before);
    const auto operations = world_.all();
    forgotten_ += rows - operations.size();
    std::set<int> known;
    for (const Operation& operation : operations) known.insert(number_of(operation.id));
    for (const auto& [number, accepted_at] : accepted_) {
      INFO("operation " << number);
      REQUIRE(
          (known.contains(number) || world_.now - accepted_at >= world_.profile.sync.settled_kept));
    }
  }

  Random random_;
  PruningWorld world_;
  std::map<int, Instant> accepted_;
  int number_ = 0;
  std::size_t forgotten_ = 0;
};

}  // namespace

TEST_CASE("INV-Q2: how long an id stays known follows the profile") {
  profile::SyncRules rules;
  rules.settled_kept = 7 * kDay;
  rules.receipts_kept = 30 * kDay;
  rules.settled_operations_max = 100;
  const Instant at{1'000'000'000'000};
  const auto kept = [&](const Operation& operation, std::int64_t newest_seq, Duration age) {
    return !was_kept_long_enough(operation, rules, newest_seq, at + age);
  };
  // The server knows what has a verdict for longer than the phone does.
  CHECK(kept(settled(1, at), 50, 7 * kDay - 1ms));
  CHECK_FALSE(kept(settled(1, at), 50, 7 * kDay));
  // Of what never reached it only the phone knows.
  CHECK(kept(settled(1, at, OperationEffect::none), 50, 30 * kDay - 1ms));
  CHECK_FALSE(kept(settled(1, at, OperationEffect::none), 50, 30 * kDay));
  CHECK(kept(settled(1, at, OperationEffect::possible), 50, 30 * kDay - 1ms));
  // The hundred newest stay, and nothing goes within a day.
  CHECK(kept(settled(1, at), 100, kDay));
  CHECK_FALSE(kept(settled(1, at), 101, kDay));
  CHECK(kept(settled(1, at), 101, kDay - 1ms));
  CHECK(kept(settled(1, at, OperationEffect::none), 101, kDay));
  // A server that is no help: nothing goes before both windows are over, however many there are.
  rules.idempotency = profile::Idempotency::receipts;
  CHECK(kept(settled(1, at), 101, 30 * kDay - 1ms));
  CHECK_FALSE(kept(settled(1, at), 101, 30 * kDay));
  // What no clock was sure about is not counted.
  Operation uncounted = settled(1, at);
  uncounted.waiting_since = {};
  CHECK(kept(uncounted, 101, 3'650 * kDay));
}

TEST_CASE("A settled operation is forgotten after settled_days, with all that belongs to it") {
  PruningWorld world;
  world.apply(1, kPo);
  CHECK(world.forget() == 0);
  world.pass((29 * kDay).count());
  world.apply(2, {"po", "PO-2"});
  CHECK(world.forget() == 0);
  CHECK(world.knows(1));
  world.pass(kDay.count());
  CHECK(world.forget() == 1);
  CHECK_FALSE(world.knows(1));
  CHECK(world.knows(2));
}

TEST_CASE(
    "Nothing is looked for twice a day, while calls are open, or before the server told the time") {
  PruningWorld world;
  CHECK_FALSE(world.queue->wants_to_forget(world.now));
  world.enqueue(1, kPo, "count");
  const PushCall push = world.sends({1});
  world.answer(push, world.told({applied(1, kPo, 2)}));
  CHECK(world.queue->wants_to_forget(world.now));
  world.forget();
  CHECK_FALSE(world.queue->wants_to_forget(world.now));
  world.pass(limits::kForgetEveryMs);
  world.enqueue(2, kPo, "count");
  const PushCall second = world.sends({2});
  CHECK_FALSE(world.queue->wants_to_forget(world.now));
  world.answer(second, world.told({applied(2, kPo, 3)}));
  CHECK(world.queue->wants_to_forget(world.now));
}

TEST_CASE("INV-T3: a clock that jumps ahead makes the queue forget nothing") {
  PruningWorld world;
  world.apply(1, kPo);
  const Instant truth = world.now;
  world.pass((3'650 * kDay).count());
  world.enqueue(2, {"po", "PO-2"}, "count");
  const PushCall push = world.sends({2});
  world.answer(push, response(200, Json{{"server_time", format_rfc3339(truth)},
                                        {"results", Json::array({applied(2, {"po", "PO-2"}, 1)})}}
                                       .dump()));
  CHECK(world.forget() == 0);
  CHECK(world.knows(1));
}

TEST_CASE(
    "INV-Q2 INV-T3: a clock that was behind and is set right makes the queue forget nothing") {
  PruningWorld world;
  const Instant truth = world.now;
  world.pass((-40 * kDay).count());
  world.reopen();
  world.go_online();
  SECTION("a verdict, whose answer told the time") {
    world.enqueue(1, kPo, "count");
    world.answer(world.sends({1}), world.told_at(truth, {applied_without_document(1)}));
  }
  SECTION("the user's word, while nobody told the time") {
    world.enqueue(1, kPo, "count");
    REQUIRE(world.cancel(1).has_value());
  }
  world.now = truth;
  world.reopen();
  world.go_online();
  world.apply(2, {"po", "PO-2"});
  world.forget();
  CHECK(world.knows(1));
  const auto again = world.try_enqueue(world.request(1, kPo, "count"));
  REQUIRE(again.has_value());
  CHECK(again->repeated);
  // It is counted from then on.
  world.pass((29 * kDay).count());
  world.forget();
  CHECK(world.knows(1));
  world.pass((2 * kDay).count());
  world.forget();
  CHECK_FALSE(world.knows(1));
}

TEST_CASE("INV-T3: what was settled under a clock that ran years ahead is kept no longer for it") {
  PruningWorld world;
  const Instant truth = world.now;
  world.pass((3'650 * kDay).count());
  world.enqueue(1, kPo, "count");
  world.answer(world.sends({1}), world.told_at(truth, {applied_without_document(1)}));
  world.now = truth;
  world.reopen();
  world.go_online();
  world.apply(2, {"po", "PO-2"});
  world.forget();
  CHECK(world.knows(1));
  world.pass((31 * kDay).count());
  world.forget();
  CHECK_FALSE(world.knows(1));
}

TEST_CASE("What somebody still refers to is not forgotten") {
  PruningWorld world;
  const EntityKey order{"po", "PO-1"};
  SECTION("unsettled work of the same entity") {
    world.apply(1, order);
    world.go_offline();
    world.pass((40 * kDay).count());
    world.enqueue(2, order, "count");
    CHECK(world.forget() == 0);
    world.go_online();
    world.settle_all();
    world.pass(limits::kForgetEveryMs);
    CHECK(world.forget() == 1);
    CHECK_FALSE(world.knows(1));
  }
  SECTION("a notice that nobody has seen") {
    world.enqueue(1, order, "count");
    world.answer(world.sends({1}), world.told({rejected(1, "NO")}));
    world.pass((40 * kDay).count());
    CHECK(world.forget() == 0);
    CHECK(world.notices().size() == 1);
    world.see_notices();
    world.pass(limits::kForgetEveryMs);
    CHECK(world.forget() == 1);
    CHECK_FALSE(world.knows(1));
  }
  SECTION("a conflict that is open") {
    world.enqueue(1, order, "count");
    world.answer(world.sends({1}),
                 world.told({Json{{"id", to_text(op(1))}, {"status", "conflict"}}}));
    world.see_notices();
    world.pass((40 * kDay).count());
    CHECK(world.forget() == 0);
    CHECK(world.knows(1));
    const auto given_up = world.write([&](store::Transaction& tx) {
      return world.queue->on_resolve(tx, {op(1), conflict::ConflictChoice::Word::theirs, {}},
                                     world.now);
    });
    REQUIRE(given_up.has_value());
    world.pass(limits::kForgetEveryMs);
    CHECK(world.forget() == 1);
    CHECK_FALSE(world.knows(1));
    const auto conflict = world.write(
        [&](store::Transaction& tx) { return store::ConflictTable::find(tx, *world.key, op(1)); });
    REQUIRE(conflict.has_value());
    CHECK_FALSE(conflict->has_value());
  }
  SECTION("a document of its verdict that was not stored yet") {
    world.enqueue(1, order, "count");
    world.answer(world.sends({1}), world.told({applied(1, order, 2)}));
    world.pass((40 * kDay).count());
    CHECK(world.forget() == 0);
    REQUIRE(
        world.write([&](store::Transaction& tx) { return world.queue->on_adopted(tx, {op(1)}); }));
    world.pass(limits::kForgetEveryMs);
    CHECK(world.forget() == 1);
  }
  SECTION("an upload that is on its way") {
    world.apply(1, order);
    REQUIRE(world.write([&](store::Transaction& tx) -> Status {
      LANDFALL_TRY(tx.run(
          "INSERT INTO attachments (id, direction, operation, entity_type, entity_id, source, "
          "source_id, content_type, bytes, piece_bytes, hash_given, etag, state, block, step, "
          "confirmed, sent_to, attempts, restarts, due_ms, wait, waiting_since_ms, cause, "
          "has_file, "
          "first_sent_ms, created_ms, settled_ms, used_ms) VALUES (zeroblob(16), 0, ?1, 'other', "
          "'O-1', '', '', '', 1, 1, 0, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', 1, 0, 0, 0, 0)",
          op(1)));
      return {};
    }));
    world.pass((40 * kDay).count());
    CHECK(world.forget() == 0);
    REQUIRE(world.write([&](store::Transaction& tx) -> Status {
      LANDFALL_TRY(tx.run("UPDATE attachments SET settled_ms = 1"));
      return {};
    }));
    world.pass(limits::kForgetEveryMs);
    CHECK(world.forget() == 1);
  }
}

TEST_CASE("A long history is forgotten a few operations a step") {
  Profile rules = test_profile();
  rules.sync.batch_operations_max = 50;
  PruningWorld world(std::move(rules));
  constexpr int kOperations = 3 * static_cast<int>(limits::kForgottenAtOnceMax);
  for (int number = 1; number <= kOperations; ++number)
    world.enqueue(number, {"po", "PO-" + std::to_string(number)}, "count");
  while (world.counter("outbox.operations") > 0) world.settle_all();
  world.pass((31 * kDay).count());
  CHECK(world.forget() == 3);
  CHECK(world.all().empty());
}

TEST_CASE("INV-Q2: an id that is handed in again within the window has no second effect") {
  PruningWorld world;
  world.apply(1, kPo);
  world.pass((30 * kDay - 1ms).count());
  world.forget();
  const auto again = world.try_enqueue(world.request(1, kPo, "count"));
  REQUIRE(again.has_value());
  CHECK(again->repeated);
  world.sends_nothing();
  // Behind it the id is a new one: the server, which keeps a receipt as long, may have forgotten it
  // as well.
  world.pass(limits::kForgetEveryMs);
  world.forget();
  const auto later = world.try_enqueue(world.request(1, kPo, "count"));
  REQUIRE(later.has_value());
  CHECK_FALSE(later->repeated);
}

TEST_CASE("Forgetting changes nothing that is said of unsettled operations, nor goes too early") {
  std::size_t forgotten = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    Months months(seed);
    months.live(60);
    forgotten += months.forgotten();
  }
  CHECK(forgotten > 100);
}
