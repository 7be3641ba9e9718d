#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/actors/pool_rig.hpp"

namespace landfall::testing {
namespace {

using actors::Submitted;
using Numbers = std::vector<std::int64_t>;

void join_all(std::vector<std::thread>& threads) {
  for (auto& thread : threads) thread.join();
}

std::string query_text(std::int64_t id) {
  return dump_json(
      Json{{"id", id}, {"request", "documents.query"}, {"params", {{"type", "pr"}, {"limit", 5}}}});
}

// Sends queries under numbers of its own until the engine is closed; returns those that were taken.
Numbers query_until_closed(actors::Runtime& runtime, std::int64_t first,
                           std::atomic<int>& taken_by_all) {
  Numbers taken;
  for (std::int64_t id = first;; ++id) {
    const Submitted answer = runtime.submit(query_text(id));
    if (answer == Submitted::closed) return taken;
    if (answer == Submitted::busy) {
      std::this_thread::yield();
      continue;
    }
    taken.push_back(id);
    ++taken_by_all;
  }
}

// The same with operations; returns their tickets.
Numbers enqueue_until_closed(actors::Runtime& runtime, const actors::Clock& clock,
                             std::atomic<int>& taken_by_all) {
  Numbers taken;
  while (true) {
    const std::int64_t ticket = runtime.enqueue(dump_json(new_requisition(clock)));
    if (ticket < 0) return taken;
    if (ticket == 0) {
      std::this_thread::yield();
      continue;
    }
    taken.push_back(ticket);
    ++taken_by_all;
  }
}

bool is_each_answered_once(const std::map<std::int64_t, std::vector<Json>>& answers,
                           const Numbers& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [&](std::int64_t number) {
    const auto found = answers.find(number);
    return found != answers.end() && found->second.size() == 1;
  });
}

}  // namespace

TEST_CASE(
    "pool: a thousand enqueues from four threads on a real directory are each acknowledged "
    "once, and are there after a close") {
  constexpr int kThreads = 4;
  constexpr int kEach = 250;
  PoolRig rig;
  rig.open();
  rig.log_in();
  auto& runtime = rig.runtime();
  std::vector<Numbers> tickets(kThreads);
  std::vector<std::thread> threads;
  for (auto& own : tickets) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        const std::string params = dump_json(new_requisition(rig.clock()));
        std::int64_t ticket = 0;
        // Busy: so many replies wait to be polled.
        while ((ticket = runtime.enqueue(params)) == 0) std::this_thread::yield();
        own.push_back(ticket);
      }
    });
  }
  rig.poll_until([&] { return rig.tickets.size() == kThreads * kEach; });
  join_all(threads);
  std::set<std::int64_t> commits;
  for (const auto& own : tickets) {
    REQUIRE(is_each_answered_once(rig.tickets, own));
    for (const auto ticket : own) {
      const Json& reply = rig.tickets[ticket].front();
      REQUIRE(reply.contains("result"));
      commits.insert(reply["result"]["commit_seq"].get<std::int64_t>());
    }
  }
  CHECK(commits.size() <= kThreads * kEach);

  // Once more with requests open at the close: each is answered, before or by it.
  Numbers open;
  for (std::int64_t id = 100; id < 150; ++id) {
    REQUIRE(runtime.submit(query_text(id)) == Submitted::accepted);
    open.push_back(id);
  }
  runtime.close();
  rig.poll_to_the_end();
  CHECK(is_each_answered_once(rig.replies, open));
  CHECK(runtime.enqueue(dump_json(new_requisition(rig.clock()))) < 0);
  CHECK_FALSE(runtime.poll(Duration{1'000}).has_value());

  // The directory is free again, and its files open.
  rig.open();
  rig.runtime().close();
}

TEST_CASE(
    "pool: while some threads send and enqueue, one polls and two close: what was taken is "
    "answered once, and nothing else") {
  constexpr std::size_t kSenders = 2;
  constexpr int kEnoughTaken = 300;
  for (int round = 0; round < 3; ++round) {
    PoolRig rig;
    rig.open();
    rig.log_in();
    rig.replies.clear();
    std::atomic<int> taken{0};
    std::vector<Numbers> queries(kSenders);
    std::vector<Numbers> tickets(kSenders);
    std::vector<std::thread> threads;
    for (std::size_t sender = 0; sender < kSenders; ++sender) {
      threads.emplace_back([&, sender] {
        queries[sender] =
            query_until_closed(rig.runtime(), sender == 0 ? 10'000 : 1'000'000, taken);
      });
      threads.emplace_back([&, sender] {
        tickets[sender] = enqueue_until_closed(rig.runtime(), rig.clock(), taken);
      });
      threads.emplace_back([&] {
        while (taken < kEnoughTaken) std::this_thread::yield();
        rig.runtime().close();
      });
    }
    rig.poll_to_the_end();
    join_all(threads);
    std::size_t expected_replies = 0;
    std::size_t expected_tickets = 0;
    for (std::size_t sender = 0; sender < kSenders; ++sender) {
      CHECK(is_each_answered_once(rig.replies, queries[sender]));
      CHECK(is_each_answered_once(rig.tickets, tickets[sender]));
      expected_replies += queries[sender].size();
      expected_tickets += tickets[sender].size();
    }
    CHECK(rig.replies.size() == expected_replies);
    CHECK(rig.tickets.size() == expected_tickets);
  }
}

TEST_CASE(
    "pool: pulls beside enqueues while somebody else edits: every operation is applied once, and "
    "the last version is what is read") {
  constexpr int kOperations = 60;
  constexpr int kEdits = 40;
  PoolRig rig;
  rig.open();
  rig.log_in();
  Json approvals;
  rig.ask_until([&] {
    approvals = rig.call("documents.query", {{"type", "approval"}, {"limit", 1}});
    return !approvals["result"]["documents"].empty();
  });
  const auto approval = approvals["result"]["documents"][0]["entity_id"].get<std::string>();
  std::vector<Json> operations;
  for (int i = 0; i < kOperations; ++i) operations.push_back(new_requisition(rig.clock()));
  std::int64_t last_version = 0;
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (const Json& params : operations)
      while (rig.runtime().enqueue(dump_json(params)) == 0) std::this_thread::yield();
  });
  threads.emplace_back([&] {
    const std::string pull = R"({"id":5,"request":"sync.now"})";
    for (int i = 0; i < kEdits; ++i)
      while (rig.runtime().submit(pull) == Submitted::busy) std::this_thread::yield();
  });
  threads.emplace_back([&] {
    for (int i = 0; i < kEdits; ++i) {
      rig.backend().with_backend([&](backend::Backend& backend, Instant now) {
        last_version = backend.edit_as_other({"approval", approval}, {{"remark", i}}, now)
                           .value_or(last_version);
      });
    }
  });
  rig.poll_until(
      [&] { return rig.tickets.size() == kOperations && rig.replies[5].size() == kEdits; });
  join_all(threads);
  CHECK(last_version > kEdits);
  const Json of_approval{{"type", "approval"}, {"id", approval}};
  rig.ask_until([&] {
    const bool owes = !rig.call("operations.list")["result"]["operations"].empty();
    const Json read = rig.call("documents.query", of_approval)["result"]["documents"];
    const bool is_last = !read.empty() && read[0]["row_version"] == last_version;
    if (!owes && !is_last) (void)rig.call("sync.now");
    return !owes && is_last;
  });
  rig.runtime().close();
  rig.backend().with_backend([&](backend::Backend& backend, Instant) {
    for (const Json& params : operations)
      CHECK(backend.ledger().effect_count(params["id"].get<std::string>()) == 1);
  });
}

TEST_CASE("pool: a close in the middle of a login answers it once, and the next open logs in") {
  PoolRig rig;
  for (int messages = 0; messages < 24; ++messages) {
    rig.open();
    rig.poll_until([&] { return !rig.engine_states.empty(); });
    REQUIRE(rig.runtime().submit(PoolRig::login_request(1)) == Submitted::accepted);
    for (int i = 0; i < messages % 12; ++i) (void)rig.poll_once(Duration{100});
    std::thread closer([&] { rig.runtime().close(); });
    rig.poll_to_the_end();
    closer.join();
    INFO("after " << messages % 12 << " messages");
    CHECK(rig.replies[1].size() == 1);
  }
  rig.open();
  rig.ask_until([&] {
    const Json status = rig.call("session.status")["result"]["status"];
    return status == "authenticated" || status == "unauthenticated";
  });
  if (rig.call("session.status")["result"]["status"] == "unauthenticated") rig.log_in();
  CHECK(rig.call("operations.enqueue", new_requisition(rig.clock())).contains("result"));
}

}  // namespace landfall::testing
