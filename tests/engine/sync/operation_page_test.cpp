#include "engine/sync/operation_page.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::sync;

namespace {

OperationPage read(QueueWorld& world, const OperationQuery& query) {
  auto page = world.database->read(
      [&](const store::Snapshot& snapshot) { return read_page(snapshot, *world.key, query); });
  if (!page) FAIL(page.error().message);
  CHECK(page->payloads.size() == (query.with_payload ? page->operations.size() : 0));
  return std::move(*page);
}

std::vector<int> numbers(const OperationPage& page) {
  std::vector<int> all;
  for (const Operation& operation : page.operations) all.push_back(number_of(operation.id));
  return all;
}

void enqueue(QueueWorld& world, int number, std::size_t bytes) {
  EnqueueRequest request = world.request(number, kPo, "count");
  request.payload = R"({"text":")" + std::string(bytes - 11, 'x') + R"("})";
  REQUIRE(world.try_enqueue(request).has_value());
}

}  // namespace

TEST_CASE("a page has the payloads that were asked for, and says whether there is more") {
  QueueWorld world;
  for (int number = 1; number <= 4; ++number) world.enqueue(number, kPo, "count");
  REQUIRE(world.cancel(2).has_value());
  const OperationPage first = read(world, {.limit = 2, .with_payload = true});
  CHECK(numbers(first) == std::vector<int>{1, 3});
  CHECK(first.payloads == std::vector<std::string>{R"({"note":"note 1"})", R"({"note":"note 3"})"});
  CHECK(first.has_more);
  const std::int64_t after = first.operations.back().seq;
  const OperationPage rest = read(world, {.after_seq = after, .limit = 2, .with_payload = true});
  CHECK(numbers(rest) == std::vector<int>{4});
  CHECK_FALSE(rest.has_more);

  const OperationPage bare = read(world, {.settled = true, .limit = 4});
  CHECK(numbers(bare) == std::vector<int>{1, 2, 3, 4});
  CHECK_FALSE(bare.has_more);
  // What is settled has its payload for as long as it is kept.
  CHECK(read(world, {.settled = true, .limit = 4, .with_payload = true}).payloads[1] ==
        R"({"note":"note 2"})");
}

TEST_CASE("wire.md 426: a page is shorter rather than too long, and all pages are all that waits") {
  QueueWorld world;
  const std::size_t bytes = world.profile.payload_bytes_max();
  const int fit = static_cast<int>(limits::kListPayloadBytesMax / bytes);
  for (int number = 1; number <= fit + 1; ++number) enqueue(world, number, bytes);
  const OperationPage first = read(world, {.limit = 100, .with_payload = true});
  CHECK(first.operations.size() == static_cast<std::size_t>(fit));
  CHECK(first.has_more);
  const OperationPage rest =
      read(world, {.after_seq = first.operations.back().seq, .limit = 100, .with_payload = true});
  CHECK(numbers(rest) == std::vector<int>{fit + 1});
  CHECK_FALSE(rest.has_more);
  CHECK_FALSE(read(world, {.limit = 100}).has_more);
}

TEST_CASE("what has grown beyond a page by the server's ids comes alone") {
  QueueWorld world;
  world.enqueue(1, kPo, "count");
  world.enqueue(2, kPo, "count");
  const std::string grown =
      R"({"text":")" + std::string(limits::kListPayloadBytesMax, 'x') + R"("})";
  REQUIRE(world
              .write([&](store::Transaction& tx) {
                return store::OperationTable::rewrite(tx, *world.key, world.get(1), grown);
              })
              .has_value());
  const OperationPage page = read(world, {.limit = 10, .with_payload = true});
  CHECK(page.payloads == std::vector<std::string>{grown});
  CHECK(page.has_more);
}
