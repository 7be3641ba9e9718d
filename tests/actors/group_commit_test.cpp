#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

TEST_CASE(
    "forty enqueues in the mailbox share one durable commit and are acknowledged one by one") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  rig.advance(Duration{1'000});

  const auto before = rig.partition_syncs();
  std::vector<std::int64_t> asked;
  std::vector<Json> params;
  for (int i = 0; i < 40; ++i) {
    params.push_back(rig.new_requisition());
    asked.push_back(rig.ask("operations.enqueue", params.back()));
  }
  rig.settle();
  // One sync of the log is one durable commit.
  CHECK(rig.partition_syncs() - before == 1);
  std::set<std::int64_t> commits;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Json reply = rig.reply(asked[i]);
    INFO(reply.dump());
    REQUIRE(reply.contains("result"));
    CHECK(reply["result"]["id"] == params[i]["id"]);
    const auto commit_seq = reply["result"]["commit_seq"].get<std::int64_t>();
    commits.insert(commit_seq);
    const Json view =
        rig.call("documents.query",
                 {{"type", "pr"}, {"id", params[i]["entity_id"]}, {"commit_seq", commit_seq}});
    REQUIRE(view.contains("result"));
    CHECK(view["result"]["documents"].at(0)["pending_sync"] == true);
  }
  CHECK(commits.size() == 1);
}

TEST_CASE("a refused enqueue in a group does not hold up the others and writes nothing") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);

  const auto before = rig.partition_syncs();
  const auto first = rig.ask("operations.enqueue", rig.new_requisition());
  Json wrong = rig.new_requisition();
  wrong["payload"] = {{"title", 7}};
  const auto refused = rig.ask("operations.enqueue", wrong);
  Json unknown = rig.new_requisition();
  unknown["action"] = "explode";
  const auto refused_too = rig.ask("operations.enqueue", unknown);
  const auto last = rig.ask("operations.enqueue", rig.new_requisition());
  rig.settle();
  CHECK(rig.partition_syncs() - before == 1);
  CHECK(rig.reply(first).contains("result"));
  CHECK(rig.reply(last).contains("result"));
  CHECK(rig.reply(refused)["error"]["code"] == "operation.invalid");
  CHECK(rig.reply(refused_too)["error"]["code"] == "operation.unknown_action");
  CHECK(rig.states() == std::map<std::string, int>{{"queued", 2}});
}

TEST_CASE("a lone enqueue is acknowledged without time passing, after its commit") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  rig.settle();
  const auto before = rig.partition_syncs();
  const Instant asked_at = rig.clock().now();
  const auto id = rig.ask("operations.enqueue", rig.new_requisition());
  while (rig.replies(id).empty() && rig.runtime().ready() > 0) {
    // The acknowledgement never stands before the sync.
    (void)rig.runtime().step(0);
    rig.read_messages();
    if (rig.partition_syncs() == before) CHECK(rig.replies(id).empty());
  }
  CHECK(rig.reply(id).contains("result"));
  CHECK(rig.partition_syncs() - before == 1);
  CHECK(rig.clock().now() == asked_at);
}

TEST_CASE("the same id in one group with the same bytes is one row, with other bytes is refused") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  const Json params = rig.new_requisition();
  Json other = params;
  other["payload"]["title"] = "Sand";
  const auto first = rig.ask("operations.enqueue", params);
  const auto same = rig.ask("operations.enqueue", params);
  const auto changed = rig.ask("operations.enqueue", other);
  rig.settle();
  CHECK(rig.reply(first)["result"]["repeated"] == false);
  CHECK(rig.reply(same)["result"]["repeated"] == true);
  CHECK(rig.reply(changed)["error"]["code"] == "operation.id_reused");
  CHECK(rig.states() == std::map<std::string, int>{{"queued", 1}});
}

TEST_CASE("an idle queue costs no sync: nothing to send, hints, an hour of timers") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{1'000});
  rig.set_online(false);
  rig.settle();
  const auto before = rig.partition_syncs();
  for (int i = 0; i < 20; ++i) rig.set_online(false);
  (void)rig.call("sync.now");
  rig.advance(Duration{3'600'000});
  CHECK(rig.partition_syncs() == before);
}

TEST_CASE("a repeated enqueue names a commit that a query accepts, although it made none itself") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  rig.advance(Duration{5'000});
  const Json params = rig.new_requisition();
  REQUIRE(rig.call("operations.enqueue", params).contains("result"));
  const auto before = rig.partition_syncs();
  const Json again = rig.call("operations.enqueue", params);
  REQUIRE(again["result"]["repeated"] == true);
  CHECK(rig.partition_syncs() == before);
  const Json view = rig.call(
      "documents.query",
      {{"type", "pr"}, {"id", params["entity_id"]}, {"commit_seq", again["result"]["commit_seq"]}});
  INFO(view.dump());
  CHECK(view["result"]["documents"].size() == 1);
}

}  // namespace
}  // namespace landfall::testing
