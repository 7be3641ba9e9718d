#include "actors/enqueue_box.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace landfall;
using actors::EnqueueBox;
using actors::SharedEnqueue;

namespace {

SharedEnqueue operation(std::string name) {
  sync::PreparedEnqueue prepared{{}, {}, nullptr};
  prepared.request.entity.id = std::move(name);
  return std::make_shared<actors::Enqueue>(std::move(prepared), nullptr);
}

std::vector<std::string> take(EnqueueBox& box) {
  std::vector<SharedEnqueue> taken;
  box.take(taken);
  std::vector<std::string> names;
  for (const auto& enqueue : taken) names.push_back(enqueue->prepared.request.entity.id);
  return names;
}

using Names = std::vector<std::string>;

// Each look at it is so much later.
class LookedAtClock final : public actors::Clock {
 public:
  explicit LookedAtClock(std::int64_t by_ms) : by_(by_ms) {}

  [[nodiscard]] Instant now() const override { return Instant{} + by_ * looks_++; }
  [[nodiscard]] int looks() const { return looks_; }

 private:
  Duration by_;
  mutable int looks_ = 0;
};

const LookedAtClock standing(0);

}  // namespace

TEST_CASE("operations are taken in the order in which they were put, behind those taken before") {
  EnqueueBox box(&standing);
  (void)box.put(operation("a"));
  (void)box.put(operation("b"));
  std::vector<SharedEnqueue> taken{operation("before")};
  box.take(taken);
  REQUIRE(taken.size() == 3);
  CHECK(taken[1]->prepared.request.entity.id == "a");
  CHECK(taken[2]->prepared.request.entity.id == "b");
  CHECK(take(box).empty());
}

TEST_CASE("the queue is told once, and again when it has found nothing") {
  EnqueueBox box(&standing);
  CHECK(box.put(operation("a")));
  CHECK_FALSE(box.put(operation("b")));
  CHECK(take(box) == Names{"a", "b"});
  CHECK_FALSE(box.put(operation("c")));
  CHECK(take(box) == Names{"c"});
  CHECK(take(box).empty());
  CHECK(box.put(operation("d")));
}

TEST_CASE("a queue that lingers sees who puts meanwhile, and is told of nobody behind") {
  EnqueueBox box(&standing);
  std::thread host([&] { (void)box.put(operation("a")); });
  while (!box.linger(std::numeric_limits<int>::max())) {
  }
  host.join();
  CHECK_FALSE(box.put(operation("b")));
  CHECK(take(box) == Names{"a", "b"});
}

TEST_CASE("a queue that lingered in vain is told of the next one") {
  EnqueueBox box(&standing);
  CHECK_FALSE(box.linger(3));
  CHECK(box.put(operation("a")));
  CHECK(box.linger(3));
  CHECK(take(box) == Names{"a"});
}

TEST_CASE("a queue that lingers gives up where somebody else keeps the processor") {
  const LookedAtClock slow(2);
  EnqueueBox box(&slow);
  CHECK_FALSE(box.linger(std::numeric_limits<int>::max()));
  CHECK(slow.looks() == 2);
  CHECK(box.put(operation("a")));
}

TEST_CASE("where nobody can put meanwhile, lingering is a look") {
  EnqueueBox box(nullptr);
  CHECK_FALSE(box.linger(std::numeric_limits<int>::max()));
  CHECK(box.put(operation("a")));
  CHECK(box.linger(0));
}

TEST_CASE("nothing that is put while the queue takes and lingers is left behind") {
  constexpr int kOperations = 20'000;
  EnqueueBox box(&standing);
  std::thread host([&] {
    for (int i = 0; i < kOperations; ++i) (void)box.put(operation(std::to_string(i)));
  });
  int taken = 0;
  bool is_in_order = true;
  while (taken < kOperations) {
    (void)box.linger(10);
    for (const auto& name : take(box)) is_in_order = name == std::to_string(taken++) && is_in_order;
  }
  host.join();
  CHECK(is_in_order);
  CHECK(take(box).empty());
  CHECK(box.put(operation("next")));
}
