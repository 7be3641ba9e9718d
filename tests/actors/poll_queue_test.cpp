#include "actors/poll_queue.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"

using namespace landfall;
using actors::PollQueue;

namespace {

using Texts = std::vector<std::string>;

constexpr const char* kLost = R"({"data":{},"event":"events.lost"})";

Texts drain(PollQueue& queue) {
  Texts texts;
  while (auto text = queue.pop(Duration{0})) texts.push_back(std::move(*text));
  return texts;
}

void reply(PollQueue& queue, const std::string& text) {
  REQUIRE(queue.reserve_reply());
  queue.push_reply(text);
}

actors::PollMessages filled(const Texts& texts) {
  actors::PollMessages replies;
  for (const std::string& text : texts) {
    auto slot = actors::make_reply_slot();
    slot.front().text = text;
    replies.splice(replies.end(), slot);
  }
  return replies;
}

}  // namespace

TEST_CASE("messages come in the order in which they were pushed") {
  PollQueue queue({4, 4});
  reply(queue, "a");
  queue.push("b");
  queue.push_event("k", "c");
  reply(queue, "d");
  CHECK(drain(queue) == Texts{"a", "b", "c", "d"});
  CHECK(drain(queue).empty());
}

TEST_CASE("an event replaces the unread one with its key and keeps that one's place") {
  PollQueue queue({4, 4});
  queue.push_event("one", "1");
  queue.push_event("two", "2");
  queue.push_event("one", "3");
  CHECK(queue.size() == 2);
  CHECK(drain(queue) == Texts{"3", "2"});
  queue.push_event("one", "4");
  CHECK(drain(queue) == Texts{"4"});
}

TEST_CASE("replies that come together keep their order, and each frees its slot") {
  PollQueue queue({4, 3});
  for (int i = 0; i < 3; ++i) REQUIRE(queue.reserve_reply());
  queue.push("question");
  queue.push_replies(filled({"a", "b", "c"}));
  queue.push_replies({});
  CHECK_FALSE(queue.reserve_reply());
  CHECK(drain(queue) == Texts{"question", "a", "b", "c"});
  for (int i = 0; i < 3; ++i) CHECK(queue.reserve_reply());
  CHECK_FALSE(queue.reserve_reply());
}

TEST_CASE("replies that come together wake whoever waits") {
  PollQueue queue({2, 4});
  for (int i = 0; i < 2; ++i) REQUIRE(queue.reserve_reply());
  std::optional<std::string> heard;
  std::thread host([&] { heard = queue.pop(Duration{60'000}); });
  queue.push_replies(filled({"a", "b"}));
  host.join();
  CHECK(heard == "a");
}

TEST_CASE("a late text is written by the poll that takes it, and goes then") {
  struct Counted final : actors::LateText {
    std::string text() const override { return "text " + std::to_string(++written); }
    mutable int written = 0;
  };
  PollQueue queue({2, 4});
  for (int i = 0; i < 2; ++i) REQUIRE(queue.reserve_reply());
  const auto late = std::make_shared<Counted>();
  actors::PollMessages replies = filled({"early", ""});
  replies.back().late = late;
  queue.push_replies(std::move(replies));
  CHECK(queue.pop(Duration{0}) == "early");
  CHECK(late->written == 0);
  CHECK(late.use_count() == 2);
  CHECK(queue.pop(Duration{0}) == "text 1");
  CHECK(late.use_count() == 1);
}

// Each message here holds the queue, as a reply does.
TEST_CASE("a queue that nobody polls any more lets go of what it holds") {
  struct Holder final : actors::LateText {
    std::string text() const override { return {}; }
    std::shared_ptr<PollQueue> queue;
  };
  auto queue = std::make_shared<PollQueue>(PollQueue::Bounds{2, 4});
  const std::weak_ptr<PollQueue> watched = queue;
  REQUIRE(queue->reserve_reply());
  auto holder = std::make_shared<Holder>();
  holder->queue = queue;
  actors::PollMessages replies = filled({""});
  replies.front().late = std::move(holder);
  queue->push_replies(std::move(replies));
  queue->push_event("a", "a1");
  queue->clear();
  CHECK(queue->size() == 0);
  queue->push_event("a", "a2");
  CHECK(queue->pop(Duration{0}) == "a2");
  queue.reset();
  CHECK(watched.expired());
}

TEST_CASE("events that come together are kept as if each had come by itself") {
  PollQueue queue({2, 4});
  queue.push_event("two", "1");
  queue.push_events({{"one", "2"}, {"two", "3"}, {"one", "4"}});
  CHECK(drain(queue) == Texts{"3", "4"});
  queue.push_events({{"a", "a1"}, {"b", "b1"}, {"c", "c1"}, {"a", "a2"}, {"d", "d1"}});
  CHECK(drain(queue) == Texts{"a2", "b1", kLost});
}

TEST_CASE("events that come together wake whoever waits") {
  PollQueue queue({2, 4});
  std::optional<std::string> heard;
  std::thread host([&] { heard = queue.pop(Duration{60'000}); });
  queue.push_events({{"a", "a1"}, {"b", "b1"}});
  host.join();
  CHECK(heard == "a1");
}

TEST_CASE("beyond the bound one events.lost stands for every event that was dropped") {
  PollQueue queue({2, 4});
  queue.push_event("a", "a1");
  queue.push_event("b", "b1");
  queue.push_event("c", "c1");
  queue.push_event("d", "d1");
  queue.push_event("a", "a2");
  CHECK(drain(queue) == Texts{"a2", "b1", kLost});
  queue.push_event("c", "c2");
  CHECK(drain(queue) == Texts{"c2"});
}

TEST_CASE("a slow host finds at most one events.lost at a time, and the queue stays bounded") {
  constexpr std::size_t kEvents = 8;
  PollQueue queue({kEvents, 4});
  int key = 0;
  for (int round = 0; round < 1'000; ++round) {
    for (int i = 0; i < 5; ++i) queue.push_event(std::to_string(++key), "event");
    (void)queue.pop(Duration{0});
    REQUIRE(queue.size() <= kEvents + 1);
  }
  const Texts left = drain(queue);
  CHECK(std::count(left.begin(), left.end(), kLost) <= 1);
}

TEST_CASE("a loss after events.lost was polled is told anew") {
  PollQueue queue({1, 4});
  queue.push_event("a", "a");
  queue.push_event("b", "b");
  CHECK(queue.pop(Duration{0}) == "a");
  CHECK(queue.pop(Duration{0}) == kLost);
  queue.push_event("c", "c");
  queue.push_event("d", "d");
  CHECK(drain(queue) == Texts{"c", kLost});
}

TEST_CASE("replies and questions pass a flood of events") {
  PollQueue queue({1, 3});
  for (int i = 0; i < 100; ++i) queue.push_event(std::to_string(i), "event");
  for (const char* text : {"r1", "r2", "r3"}) reply(queue, text);
  queue.push("q");
  CHECK(drain(queue) == Texts{"event", kLost, "r1", "r2", "r3", "q"});
}

TEST_CASE("a reply holds its slot from the request until it was polled") {
  PollQueue queue({4, 2});
  CHECK(queue.reserve_reply());
  CHECK(queue.reserve_reply());
  CHECK_FALSE(queue.reserve_reply());
  queue.push_reply("one");
  CHECK_FALSE(queue.reserve_reply());
  CHECK(queue.pop(Duration{0}) == "one");
  CHECK(queue.reserve_reply());
  CHECK_FALSE(queue.reserve_reply());
}

TEST_CASE("close wakes whoever waits; what is queued stays readable") {
  PollQueue queue({4, 4});
  queue.push("left");
  std::atomic<bool> waits{false};
  Texts heard;
  std::thread host([&] {
    waits = true;
    while (auto text = queue.pop(Duration{600'000})) heard.push_back(std::move(*text));
  });
  while (!waits) std::this_thread::yield();
  queue.close();
  host.join();
  CHECK(heard == Texts{"left"});
  queue.push("late");
  CHECK(queue.pop(Duration{600'000}) == "late");
  CHECK_FALSE(queue.pop(Duration{600'000}).has_value());
}

TEST_CASE("who pushed a kept event hears that it arrived with the poll behind it, once") {
  PollQueue queue({1, 4});
  Texts received;
  const auto note = [&](const char* name) { return [&, name] { received.emplace_back(name); }; };
  queue.push_event("filler", "filler");
  queue.push_kept_event("a", "old", note("old"));
  queue.push_kept_event("a", "new", note("new"));
  queue.push_kept_event("b", "last", note("last"));
  CHECK(queue.pop(Duration{0}) == "filler");
  CHECK(queue.pop(Duration{0}) == "new");
  CHECK(received.empty());
  CHECK(queue.pop(Duration{0}) == "last");
  CHECK(received == Texts{"new"});
  CHECK_FALSE(queue.pop(Duration{0}).has_value());
  CHECK(received == Texts{"new", "last"});
  CHECK_FALSE(queue.pop(Duration{0}).has_value());
  CHECK(received.size() == 2);
}

TEST_CASE("under any sequence the host knows each key's last value, or was told of a loss") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random{seed};
    PollQueue queue({3, 8});
    std::map<std::string, std::string> truth;
    std::map<std::string, std::string> host;
    const auto poll = [&] {
      const auto text = queue.pop(Duration{0});
      if (!text) return false;
      if (*text == kLost) {
        host = truth;  // it reads everything anew
      } else {
        host[text->substr(0, 1)] = *text;
      }
      return true;
    };
    for (int step = 0; step < 300; ++step) {
      const std::string key(1, static_cast<char>('a' + random.below(6)));
      if (random.chance(0.6)) {
        truth[key] = key + std::to_string(step);
        queue.push_event(key, truth[key]);
      } else {
        (void)poll();
      }
    }
    while (poll()) {
    }
    INFO("seed " << seed);
    CHECK(host == truth);
  }
}

TEST_CASE("many threads push and nothing but events is lost") {
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  PollQueue queue({2, kThreads * kEach});
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        queue.push_event("e" + std::to_string(i), "event");
        if (queue.reserve_reply()) queue.push_reply(std::to_string(thread * kEach + i));
      }
    });
  }
  int replies = 0;
  while (replies < kThreads * kEach) {
    const auto text = queue.pop(Duration{60'000});
    REQUIRE(text.has_value());
    if (*text != "event" && *text != kLost) ++replies;
  }
  for (auto& thread : threads) thread.join();
  CHECK(replies == kThreads * kEach);
}
