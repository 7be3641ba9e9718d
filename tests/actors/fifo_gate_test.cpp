#include "actors/fifo_gate.hpp"

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace landfall;
using actors::FifoGate;
using store::WritePriority;

namespace {

// Lines threads up at a gate that is held, each only once the one before it stands in line, then
// opens it and tells who went through in which order.
class Queue final {
 public:
  Queue() { gate_.enter(WritePriority::ordinary); }

  void line_up(const std::string& name, WritePriority priority) {
    const std::size_t before = gate_.waiting();
    threads_.emplace_back([this, name, priority] {
      gate_.enter(priority);
      granted_.push_back(name);  // guarded by the gate itself
      gate_.leave();
    });
    while (gate_.waiting() == before) std::this_thread::yield();
  }

  std::vector<std::string> open() {
    gate_.leave();
    for (auto& thread : threads_) thread.join();
    CHECK(gate_.waiting() == 0);
    return granted_;
  }

 private:
  FifoGate gate_;
  std::vector<std::thread> threads_;
  std::vector<std::string> granted_;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("the write gate grants in the order of arrival") {
  for (int round = 0; round < 20; ++round) {
    Queue queue;
    Names expected;
    for (int i = 0; i < 12; ++i) {
      expected.push_back(std::to_string(i));
      queue.line_up(expected.back(), WritePriority::ordinary);
    }
    CHECK(queue.open() == expected);
  }
}

TEST_CASE("acknowledgements go before everything that waits, in their own order of arrival") {
  for (int round = 0; round < 20; ++round) {
    Queue queue;
    queue.line_up("pull 1", WritePriority::ordinary);
    queue.line_up("saved 1", WritePriority::acknowledgement);
    queue.line_up("pull 2", WritePriority::ordinary);
    queue.line_up("saved 2", WritePriority::acknowledgement);
    queue.line_up("pull 3", WritePriority::ordinary);
    CHECK(queue.open() == Names{"saved 1", "saved 2", "pull 1", "pull 2", "pull 3"});
  }
}

TEST_CASE("whoever leaves and comes back stands behind those who wait") {
  FifoGate gate;
  std::vector<std::string> granted;
  gate.enter(WritePriority::ordinary);
  std::thread waiter([&] {
    gate.enter(WritePriority::ordinary);
    granted.emplace_back("waiter");
    gate.leave();
  });
  while (gate.waiting() == 0) std::this_thread::yield();
  gate.leave();
  gate.enter(WritePriority::ordinary);
  granted.emplace_back("the one who came back");
  gate.leave();
  waiter.join();
  CHECK(granted == Names{"waiter", "the one who came back"});
}

TEST_CASE("one at a time is inside, whatever the priorities") {
  FifoGate gate;
  int inside = 0;
  int entered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const auto priority = i % 2 == 0 ? WritePriority::ordinary : WritePriority::acknowledgement;
      for (int round = 0; round < 500; ++round) {
        gate.enter(priority);
        entered += ++inside;  // more than one inside adds more than one
        --inside;
        gate.leave();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(entered == 8 * 500);
}
