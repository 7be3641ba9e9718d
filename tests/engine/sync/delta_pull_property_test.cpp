#include "engine/base/random.hpp"
#include "tests/engine/sync/model_server.hpp"
#include "tests/engine/sync/pull_rig.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <deque>
#include <map>

namespace landfall::pull_test {
namespace {

using namespace std::chrono_literals;
using http::TransportFailure;

// One device against the model server, with everything in between that can go wrong. After every
// step the documents that the stored cursor covers are the server's, and nothing is stored that the
// server never had (INV-Q11).
class World final {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {
    rig_.profile.sync.scopes[0].page_limit = static_cast<std::size_t>(random_.between(1, 5));
    rig_.start();
  }

  void step() {
    switch (random_.below(10)) {
      case 0:
      case 1:
        server_.change(random_);
        break;
      case 2:
        restart();
        break;
      case 3:
        rig_.wake_after(std::chrono::milliseconds{random_.between(0, 60'000)});
        break;
      case 4:
        rig_.request();
        break;
      case 5:
        adopt();
        break;
      case 6:
        replay_old_answer();
        break;
      default:
        answer_call();
        break;
    }
    check();
  }

  // The network heals: nothing changes any more, and the device ends with what the server has.
  void converge() {
    rig_.ready(false, true);
    rig_.now = rig_.now + 2h;
    rig_.ready(true, true);
    for (int i = 0; i < 300 && !settled_; ++i) {
      if (is_answered()) rig_.wake_after(10min);
      if (is_answered()) continue;
      const auto effects = deliver(server_.pull(rig_.call->call.body));
      settled_ =
          !effects.scopes_completed.empty() && server_.is_at_end(*rig_.cursor("tier1")->cursor);
    }
    REQUIRE(settled_);
    REQUIRE(documents() == server_.live());
  }

 private:
  bool is_answered() const { return !rig_.call || answered_ == rig_.call->number; }

  void answer_call() {
    if (is_answered()) return;
    const std::string& body = rig_.call->call.body;
    switch (random_.below(12)) {
      case 0:
        deliver(failed(TransportFailure::silent));
        break;
      case 1:
        deliver(failed(TransportFailure::not_sent));
        break;
      case 2:
        deliver(answered(500));
        break;
      case 3:
        deliver(answered(429, {{"Retry-After", "7"}}));
        break;
      case 4:
        deliver(cut(server_.pull(body)));
        break;
      case 5:
        deliver(spoiled(server_.pull(body)));
        break;
      case 6:
        server_.forget_cursors();
        deliver(server_.pull(body));
        break;
      case 7:
        die_with(server_.pull(body));
        break;
      case 8:
        decided_ = {rig_.call->number, server_.pull(body)};
        break;
      default:
        deliver(decided_.first == rig_.call->number ? decided_.second : server_.pull(body));
        break;
    }
  }

  sync::PullEffects deliver(const http::Answer& answer) {
    answered_ = rig_.call->number;
    old_answers_.push_back({answered_, answer});
    if (old_answers_.size() > 20) old_answers_.pop_front();
    return rig_.answer(answered_, answer);
  }

  http::Answer cut(http::Answer answer) {
    auto& body = answer.response->body;
    if (!body.empty()) body.resize(random_.below(body.size()));
    return answer;
  }

  // One item of the page is wrong, so the whole page is.
  http::Answer spoiled(http::Answer answer) {
    if (answer.response->status != 200) return answer;
    Json page = Json::parse(answer.response->body);
    auto& changes = page["changes"];
    if (changes.empty()) return cut(std::move(answer));
    // To a refresh 0 would say that there never was such a document.
    changes[random_.below(changes.size())]["row_version"] = page.contains("cursor") ? 0 : -1;
    answer.response->body = page.dump();
    return answer;
  }

  // The process dies in the transaction of the answer: neither rows nor cursor may stay.
  void die_with(const http::Answer& answer) {
    const auto rolled_back = rig_.database->write(
        "test.die", store::Durability::ordered, [&](store::Transaction& tx) -> Status {
          (void)rig_.machine->on_answer(tx, rig_.call->number, answer, rig_.now);
          return failure(ErrorClass::internal, "test.died", "");
        });
    REQUIRE_FALSE(rolled_back);
    restart();
  }

  void restart() {
    if (random_.chance(0.3)) rig_.reopen();
    answered_ = 0;
    decided_.first = 0;
    old_answers_.clear();  // the session epoch keeps answers of an old machine away
    rig_.now = rig_.now + std::chrono::milliseconds{random_.between(0, 200'000)};
    rig_.start();
  }

  // An old answer once more: its call is over, so it changes nothing.
  void replay_old_answer() {
    if (old_answers_.empty()) return;
    const auto& old = old_answers_[random_.below(old_answers_.size())];
    CHECK(rig_.answer(old.first, old.second).changed.empty());
  }

  // A verdict brings a document, as it is or as it once was. Before the first page of a full pull
  // the server must not delete it and forget that it did, which takes days; so it brings none then.
  void adopt() {
    const auto cursor = rig_.cursor("tier1");
    const auto document = server_.any_version(random_);
    if (document && cursor && cursor->cursor) rig_.entities({{OperationId{{1}}, document->dump()}});
  }

  std::map<EntityKey, std::int64_t> documents() {
    std::map<EntityKey, std::int64_t> result;
    for (const EntityKey& key : rig_.stored()) {
      const auto document = rig_.document(key);
      if (!document->deleted) result[key] = document->row_version;
    }
    return result;
  }

  void check() {
    const auto cursor = rig_.cursor("tier1");
    if (!cursor || !cursor->cursor) return;
    INFO("cursor " << *cursor->cursor);
    for (const auto& [key, row_version] : server_.covered_by(*cursor->cursor)) {
      INFO("document " << key.type << " " << key.id);
      const auto document = rig_.document(key);
      REQUIRE(document);
      REQUIRE(document->row_version == row_version);
    }
    for (const EntityKey& key : rig_.stored()) REQUIRE(server_.ever_was(key, *rig_.document(key)));
    if (!cursor->complete) return;
    for (const EntityKey& key : server_.gone_before(*cursor->cursor)) {
      const auto document = rig_.document(key);
      REQUIRE((!document || document->deleted));
    }
  }

  Random random_;
  PullRig rig_;
  ModelServer server_;
  std::uint64_t answered_ = 0;
  std::deque<std::pair<std::uint64_t, http::Answer>> old_answers_;
  std::pair<std::uint64_t, http::Answer>
      decided_;  // an answer that is slow: the server has moved on meanwhile
  bool settled_ = false;
};

}  // namespace

TEST_CASE(
    "Whatever happens, the documents are the server's at the cursor, and they converge (INV-Q11, "
    "INV-Q13)") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    World world(seed);
    for (int i = 0; i < 120; ++i) {
      INFO("step " << i);
      world.step();
    }
    world.converge();
  }
}

}  // namespace landfall::pull_test
