#include "engine/store/operation_table.hpp"

#include <catch2/catch.hpp>

#include "engine/store/base_table.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/sealed_text.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;
using sync::Operation;
using sync::OperationState;

namespace {

Operation full_operation() {
  Operation operation;
  operation.id = op(1);
  operation.entity = kApproval;
  operation.action = "comment";
  operation.schema = 3;
  operation.base_version = 7;
  operation.supersedes = op(9);
  operation.group_id = "g";
  operation.created_at = Instant{1'000};
  operation.bytes = 321;
  return operation;
}

Result<std::int64_t> insert(QueueWorld& world, const Operation& operation) {
  return world.write([&](Transaction& tx) {
    return OperationTable::insert(tx, *world.key, operation, OperationHash{std::byte{5}},
                                  {"{\"secret\":1}", "{\"p\":2}"});
  });
}

}  // namespace

TEST_CASE("every field of an operation comes back as it was saved") {
  QueueWorld world;
  Operation operation = full_operation();
  const auto seq = insert(world, operation);
  REQUIRE(seq.has_value());
  operation.seq = *seq;
  operation.base_version.reset();
  operation.after = op(4);
  operation.state = OperationState::blocked;
  operation.block_reason = sync::BlockReason::server;
  operation.effect = sync::OperationEffect::possible;
  operation.attempts = 2;
  operation.due_at = Instant{2'000};
  operation.wait = sync::Wait::server;
  operation.waiting_since = Instant{3'000};
  operation.part = 12;
  operation.alone = true;
  operation.batch = BatchId{op(6).bytes};
  operation.first_sent_at = Instant{4'000};
  operation.last_sent_at = Instant{5'000};
  operation.settled_at = Instant{6'000};
  operation.result_version = 8;
  operation.adopted = false;
  operation.cause = "why";
  REQUIRE(world.write([&](Transaction& tx) { return OperationTable::save(tx, operation); })
              .has_value());

  const Operation read = world.get(1);
  CHECK(read.seq == operation.seq);
  CHECK(read.entity == operation.entity);
  CHECK(read.action == "comment");
  CHECK(read.schema == 3);
  CHECK(read.after == op(4));
  CHECK_FALSE(read.base_version.has_value());
  CHECK(read.supersedes == op(9));
  CHECK(read.group_id == "g");
  CHECK(read.state == operation.state);
  CHECK(read.block_reason == operation.block_reason);
  CHECK(read.effect == operation.effect);
  CHECK(read.attempts == 2);
  CHECK(read.due_at == operation.due_at);
  CHECK(read.wait == operation.wait);
  CHECK(read.waiting_since == operation.waiting_since);
  CHECK(read.part == 12);
  CHECK(read.alone);
  CHECK(read.batch == operation.batch);
  CHECK(read.first_sent_at == operation.first_sent_at);
  CHECK(read.last_sent_at == operation.last_sent_at);
  CHECK(read.created_at == operation.created_at);
  CHECK(read.settled_at == operation.settled_at);
  CHECK(read.result_version == 8);
  CHECK_FALSE(read.adopted);
  CHECK(read.cause == "why");
  CHECK(read.bytes == 321);
}

// Only what is long enough to pay for it: most operations carry some hundred bytes, and somebody
// waits for each.
TEST_CASE("a long payload, verdict or base is compressed, a short one is not") {
  QueueWorld world;
  const auto sealed_bytes = [&](int number, std::string_view column) {
    const auto found = world.database->read([&](const Snapshot& snapshot) -> Result<std::int64_t> {
      const std::string sql = "SELECT length(" + std::string(column) +
                              ") FROM operations JOIN bases ON operation_seq = seq WHERE id = ?1";
      LANDFALL_TRY_ASSIGN(Rows rows, snapshot.select(sql, op(number)));
      LANDFALL_TRY_ASSIGN(const auto length,
                          rows.first([](const Rows& row) { return row.integer(0); }));
      return length.value_or(-1);
    });
    REQUIRE(found.has_value());
    return static_cast<std::size_t>(*found);
  };
  const std::string text(kLongTextBytes, 'x');
  const std::string_view shorter = std::string_view(text).substr(1);
  for (const int number : {1, 2}) {
    Operation operation = full_operation();
    operation.id = op(number);
    const std::string payload(number == 1 ? std::string_view(text) : shorter);
    REQUIRE(world
                .write([&](Transaction& tx) -> Status {
                  LANDFALL_TRY_ASSIGN(operation.seq,
                                      OperationTable::insert(tx, *world.key, operation,
                                                             OperationHash{}, {payload, {}}));
                  LANDFALL_TRY(BaseTable::insert(tx, *world.key, operation.seq, operation.id,
                                                 Base{1, payload}));
                  return OperationTable::save(tx, *world.key, operation, payload);
                })
                .has_value());
    for (const std::string_view column : {"payload", "result", "body"}) {
      if (number == 1) {
        CHECK(sealed_bytes(number, column) < text.size() / 4);
      } else {
        CHECK(sealed_bytes(number, column) == shorter.size() + kSealOverheadBytes);
      }
    }
    const auto content = world.database->read([&](const Snapshot& snapshot) {
      return OperationTable::content(snapshot, *world.key, op(number));
    });
    REQUIRE(content.has_value());
    CHECK(content->payload == payload);
    const auto verdict = world.database->read([&](const Snapshot& snapshot) {
      return OperationTable::verdict(snapshot, *world.key, op(number));
    });
    REQUIRE(verdict.has_value());
    CHECK(*verdict == payload);
    const auto base = world.database->read([&](const Snapshot& snapshot) {
      return BaseTable::find(snapshot, *world.key, operation.seq, op(number));
    });
    REQUIRE((base.has_value() && base->has_value()));
    CHECK((*base)->data == payload);
  }
}

TEST_CASE("content is sealed in the file, bound to its operation, and opens again") {
  QueueWorld world;
  REQUIRE(insert(world, full_operation()).has_value());
  Operation other = full_operation();
  other.id = op(2);
  REQUIRE(insert(world, other).has_value());
  const auto content = world.database->read([&](const Snapshot& snapshot) {
    return OperationTable::content(snapshot, *world.key, op(1));
  });
  REQUIRE(content.has_value());
  CHECK(content->payload == "{\"secret\":1}");
  CHECK(content->attestation == "{\"p\":2}");
  CHECK(read_file(world.directory.file("p.db-wal")).find("secret") == std::string::npos);

  const auto swapped = world.write([&](Transaction& tx) -> Status {
    LANDFALL_TRY(
        tx.run("UPDATE operations SET payload = (SELECT payload FROM operations WHERE id = ?1) "
               "WHERE id = ?2",
               op(1), op(2)));
    return {};
  });
  REQUIRE(swapped.has_value());
  const auto moved = world.database->read([&](const Snapshot& snapshot) {
    return OperationTable::content(snapshot, *world.key, op(2));
  });
  REQUIRE_FALSE(moved.has_value());
  CHECK(moved.error().code == "seal.broken");
}

TEST_CASE("the outbox counters cover what is not settled, in the same transaction") {
  QueueWorld world;
  Operation operation = full_operation();
  operation.seq = *insert(world, operation);
  CHECK(world.counter(kOutboxOperations) == 1);
  CHECK(world.counter(kOutboxBytes) == 321);
  operation.state = OperationState::failed;
  REQUIRE(world.write([&](Transaction& tx) { return OperationTable::save(tx, operation); })
              .has_value());
  CHECK(world.counter(kOutboxOperations) == 1);
  operation.state = OperationState::rejected;
  const auto rolled_back = world.write([&](Transaction& tx) -> Status {
    LANDFALL_TRY(OperationTable::save(tx, operation));
    return failure(ErrorClass::refused, "test.back", "");
  });
  CHECK_FALSE(rolled_back.has_value());
  CHECK(world.counter(kOutboxOperations) == 1);
  REQUIRE(world.write([&](Transaction& tx) { return OperationTable::save(tx, operation); })
              .has_value());
  CHECK(world.counter(kOutboxOperations) == 0);
  CHECK(world.counter(kOutboxBytes) == 0);
  operation.state = OperationState::superseded;
  REQUIRE(world.write([&](Transaction& tx) { return OperationTable::save(tx, operation); })
              .has_value());
  CHECK(world.counter(kOutboxOperations) == 0);
}

TEST_CASE("a transaction sees the counters as it changed them, before they are written") {
  QueueWorld world;
  Operation first = full_operation();
  Operation second = full_operation();
  second.id = op(2);
  first.seq = *insert(world, first);
  second.seq = *insert(world, second);
  first.state = OperationState::applied;
  second.state = OperationState::applied;
  REQUIRE(world
              .write([&](Transaction& tx) -> Status {
                CHECK(CounterTable::get(tx, kOutboxOperations) == 2);
                LANDFALL_TRY(OperationTable::save(tx, first));
                CHECK(CounterTable::get(tx, kOutboxOperations) == 1);
                LANDFALL_TRY(OperationTable::save(tx, second));
                CHECK(CounterTable::get(tx, kOutboxOperations) == 0);
                // What is set takes the place of what was added.
                LANDFALL_TRY(CounterTable::set(tx, kOutboxBytes, 7));
                CounterTable::add(tx, {kOutboxBytes, 3});
                CHECK(CounterTable::get(tx, kOutboxBytes) == 10);
                return {};
              })
              .has_value());
  CHECK(world.counter(kOutboxOperations) == 0);
  CHECK(world.counter(kOutboxBytes) == 10);
}

TEST_CASE("a verdict is saved with its row, also where the row was settled before") {
  QueueWorld world;
  Operation operation = full_operation();
  operation.seq = *insert(world, operation);
  const auto save = [&](OperationState state, std::string_view verdict) {
    operation.state = state;
    REQUIRE(world
                .write([&](Transaction& tx) {
                  return OperationTable::save(tx, *world.key, operation, verdict);
                })
                .has_value());
    const auto stored = world.database->read([&](const Snapshot& snapshot) {
      return OperationTable::verdict(snapshot, *world.key, operation.id);
    });
    REQUIRE(stored.has_value());
    CHECK(stored->value_or("") == verdict);
    CHECK(world.database
              ->read([&](const Snapshot& snapshot) {
                return OperationTable::find(snapshot, operation.id);
              })
              .value()
              ->state == state);
    CHECK(world.counter(kOutboxOperations) == 0);
    CHECK(world.counter(kOutboxBytes) == 0);
  };
  save(OperationState::conflict, "{\"status\":\"conflict\"}");
  save(OperationState::superseded, "{\"status\":\"applied\"}");
}

TEST_CASE("a batch has its own operations, in the order of acceptance") {
  QueueWorld world;
  BatchId batch;
  batch.bytes[0] = 7;
  for (int number = 1; number <= 4; ++number) {
    Operation operation = full_operation();
    operation.id = op(number);
    operation.seq = *insert(world, operation);
    if (number % 2 != 0) continue;
    operation.state = OperationState::sending;
    operation.batch = batch;
    REQUIRE(world.write([&](Transaction& tx) { return OperationTable::save(tx, operation); })
                .has_value());
  }
  const auto rows = world.database->read(
      [&](const Snapshot& snapshot) { return OperationTable::in_batch(snapshot, batch); });
  REQUIRE(rows.has_value());
  REQUIRE(rows->size() == 2);
  CHECK(number_of(rows->front().id) == 2);
  CHECK(number_of(rows->back().id) == 4);
}

TEST_CASE("list pages through the outbox in order, with or without what is settled") {
  QueueWorld world;
  for (int number = 1; number <= 5; ++number) {
    Operation operation = full_operation();
    operation.id = op(number);
    operation.seq = *insert(world, operation);
    if (number == 2) operation.state = OperationState::applied;
    REQUIRE(world.write([&](Transaction& tx) { return OperationTable::save(tx, operation); })
                .has_value());
  }
  const auto page = [&](bool settled, std::int64_t after_seq, std::size_t limit) {
    std::vector<int> numbers;
    const auto rows = world.database->read([&](const Snapshot& snapshot) {
      return OperationTable::list(snapshot, settled, after_seq, limit);
    });
    REQUIRE(rows.has_value());
    for (const Operation& row : *rows) numbers.push_back(number_of(row.id));
    return numbers;
  };
  CHECK(page(false, 0, 3) == std::vector<int>{1, 3, 4});
  CHECK(page(true, 0, 3) == std::vector<int>{1, 2, 3});
  CHECK(page(true, 3, 10) == std::vector<int>{4, 5});
}
