#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "engine/store/counter_table.hpp"
#include "tests/engine/sync/queue_fixture.hpp"
#include "tests/engine/sync/reference_server.hpp"

using namespace landfall;
using namespace landfall::test;
using sync::BlockReason;
using sync::Operation;
using sync::OperationEffect;
using sync::OperationState;

namespace {

bool is_waiting(const Operation& operation) {
  return operation.state == OperationState::queued || operation.state == OperationState::unknown;
}

// A device and its server under a seeded storm of events, with what must always hold checked after
// each.
class Storm final {
 public:
  explicit Storm(std::uint64_t seed) : random_(seed), world_(profile_for(seed)) {
    for (const EntityKey& entity : kLanes) {
      for (int i = 0; i < 3; ++i) server_.change(entity.id);
      world_.store_document(entity, server_.version(entity.id));
    }
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      act();
      plan();
      check();
    }
  }

  // The network heals, the user stays away: whatever is left is settled, or visibly waits for the
  // user.
  void heal() {
    healed_ = true;
    world_.connectivity(true, true);
    world_.auth(true);
    for (int i = 0; i < 400; ++i) {
      plan();
      check();
      if (!pushes_.empty()) {
        answer();
      } else if (receipts_) {
        answer_receipts();
      } else if (world_.last.wake_at) {
        world_.now = std::max(world_.now, *world_.last.wake_at);
      } else {
        break;
      }
    }
    for (const Operation& operation : world_.all()) {
      INFO(to_text(operation.id) << " is " << to_string(operation.state) << " " << operation.cause);
      CHECK_FALSE(operation.state <= OperationState::unknown);
      const bool effect = server_.has_effect(to_text(operation.id));
      if (operation.state == OperationState::applied) CHECK(effect);
      if (effect) {
        CHECK((operation.state == OperationState::applied ||
               operation.state == OperationState::discarded ||
               operation.state == OperationState::blocked));
      }
    }
    CHECK(world_.all().size() == accepted_.size());
  }

  [[nodiscard]] std::size_t sends() const { return sends_; }
  [[nodiscard]] std::size_t sends_ahead() const { return sends_ahead_; }

 private:
  static inline const std::vector<EntityKey> kLanes{{"approval", "A-1"}, {"approval", "A-2"},
                                                    {"po", "PO-1"},      {"po", "PO-2"},
                                                    {"po", "PO-3"},      {"approval", "A-3"}};

  // A third of the storms knows batches alone, a third an endpoint beside them, and a third all
  // three deliveries, two of them in one lane.
  static Profile profile_for(std::uint64_t seed) {
    Profile profile = test_profile();
    // With calls of one operation others stand ready behind the one in flight.
    profile.sync.batch_operations_max = seed % 2 == 0 ? 1 : 1 + seed % 6;
    if (seed % 3 == 1) deliver(profile, "approval", "comment", profile::Delivery::endpoint);
    if (seed % 3 == 2) {
      deliver(profile, "approval", "comment", profile::Delivery::group);
      deliver(profile, "po", "update", profile::Delivery::endpoint);
    }
    return profile;
  }

  void act() {
    switch (random_.below(16)) {
      case 0:
      case 1:
      case 2:
        enqueue();
        break;
      case 3:
        world_.pass(random_.between(0, 3'000));
        break;
      case 4:
        world_.pass(random_.between(0, 150'000));
        break;
      case 5:
        world_.connectivity(random_.chance(0.7), random_.chance(0.5));
        break;
      case 6:
        world_.auth(random_.chance(0.8));
        break;
      case 7:
        crash();
        break;
      case 8:
        user_word();
        break;
      case 9:
        foreign_change();
        break;
      case 10:
        answer_receipts();
        break;
      default:
        answer();
        break;
    }
  }

  void enqueue() {
    const EntityKey& entity = kLanes[random_.below(kLanes.size())];
    const bool commutative = entity.type == "po" && random_.chance(0.4);
    const char* action = entity.type == "po" ? (commutative ? "count" : "update") : "comment";
    auto request = world_.request(++number_, entity, action);
    if (random_.chance(0.2))
      request.supersedes =
          op(static_cast<int>(1 + random_.below(static_cast<std::uint64_t>(number_))));
    if (random_.chance(0.3)) {
      request.base_version =
          std::max<std::int64_t>(1, server_.version(entity.id) - random_.between(0, 2));
    }
    if (random_.chance(0.6)) request.group_id = random_.chance(0.5) ? "one" : "two";
    const auto result = world_.try_enqueue(request);
    if (result) accepted_.insert(number_);
    if (!result)
      CHECK((result.error().kind == ErrorClass::invalid ||
             result.error().kind == ErrorClass::refused));
  }

  void plan() {
    const auto effects = world_.plan();
    if (effects.receipts) {
      REQUIRE_FALSE(receipts_.has_value());
      receipts_ = effects.receipts;
    }
    for (const auto& push : effects.pushes) let_go(push);
    check_slots();
  }

  // INV-Q5: one push or group call, four calls of endpoints, one call a lane.
  void check_slots() {
    std::map<EntityKey, BatchId> lanes;
    std::size_t together = 0;
    for (const auto& push : pushes_) {
      if (!is_endpoint_call(push)) ++together;
      for (const OperationId& id : push.operations) {
        const auto [lane, is_new] = lanes.emplace(world_.get(number_of(id)).entity, push.batch);
        REQUIRE(lane->second == push.batch);
      }
    }
    REQUIRE(together <= 1);
    REQUIRE(pushes_.size() - together <= 4);
  }

  // INV-Q4: within the batch in order, and nothing that waits in a lane is overtaken.
  void check_order(const sync::PushCall& push) {
    const auto rows = world_.all();
    std::map<EntityKey, std::int64_t> newest;
    for (const OperationId& id : push.operations) {
      const auto sent = std::find_if(rows.begin(), rows.end(),
                                     [&](const Operation& row) { return row.id == id; });
      CHECK(sent->seq > newest[sent->entity]);
      newest[sent->entity] = sent->seq;
    }
    for (const Operation& row : rows) {
      const auto found = newest.find(row.entity);
      if (found != newest.end() && is_waiting(row)) CHECK(row.seq > found->second);
    }
  }

  // What the network and the server make of a call in flight.
  void answer() {
    if (pushes_.empty()) return;
    const auto which = pushes_.begin() + static_cast<std::ptrdiff_t>(random_.below(pushes_.size()));
    const auto push = *which;
    pushes_.erase(which);
    world_.pass(random_.between(1, 20'000));
    const bool arrives = healed_ || random_.chance(0.8);
    std::vector<Json> items;
    const auto fault = healed_ ? 20 : random_.below(20);
    if (arrives && fault >= 8) items = server_.push(push, fault == 12);
    settle(push, is_endpoint_call(push) ? endpoint_answer_for(fault, arrives, items)
                                        : answer_for(fault, arrives, std::move(items)));
    adopt();
  }

  // As the queue's owner does, who lets go what stands ready and plans in the same step; or as one
  // that was told to send nothing more.
  void settle(const sync::PushCall& push, const http::Answer& http_answer) {
    if (!healed_ && random_.chance(0.3)) return (void)world_.answer(push, http_answer);
    auto ready = world_.queue->take_ready(push.batch, http_answer, world_.now);
    const auto effects = world_.answer_and_plan(push, http_answer).effects;
    if (ready) ++sends_ahead_;
    if (ready) let_go(*std::move(ready));
    for (const auto& next : effects.pushes) let_go(next);
    if (effects.receipts) receipts_ = effects.receipts;
  }

  void let_go(sync::PushCall push) {
    ++sends_;
    check_order(push);
    pushes_.push_back(std::move(push));
  }

  http::Answer endpoint_answer_for(std::uint64_t fault, bool arrives,
                                   const std::vector<Json>& items) {
    const bool is_decided = arrives && !items.empty() && (fault == 11 || fault > 12);
    if (is_decided) return endpoint_answer(items.front());
    if (fault == 12) return response(random_.chance(0.5) ? 503 : 412);
    return answer_for(fault == 11 ? 10 : fault, arrives, {});
  }

  http::Answer answer_for(std::uint64_t fault, bool arrives, std::vector<Json> items) {
    switch (fault) {
      case 0:
        return lost(http::TransportFailure::not_sent);
      case 1:
        return response(401);
      case 2:
        return response(429, "", {{"Retry-After", "7"}});
      case 3:
        return response(503, "", {{"Retry-After", "20"}});
      case 4:
        return response(random_.chance(0.5) ? 413 : 400);
      case 5:
        return lost(http::TransportFailure::no_session);
      case 6:
        return response(408);
      case 7:
        return response(random_.chance(0.5) ? 403 : 404);
      case 8:
        return response(500);
      case 9:
        return response(200, "<html>");
      case 10:
        return lost(http::TransportFailure::cut);
      case 11:
        if (!items.empty()) items.pop_back();
        break;
      default:
        break;
    }
    return arrives ? results(items) : lost(http::TransportFailure::silent);
  }

  void answer_receipts() {
    if (!receipts_) return;
    const auto call = *std::exchange(receipts_, std::nullopt);
    if (healed_ || random_.chance(0.6)) {
      world_.receipts_answer(call,
                             receipts(server_.receipts(Json::parse(call.call.body).at("ids"))));
      adopt();
    } else {
      world_.receipts_answer(call, lost(http::TransportFailure::silent));
    }
  }

  void adopt() {
    if (random_.chance(0.3)) return;
    const auto entities = world_.last.entities;
    for (const auto& entity : entities) {
      if (entity.document.empty()) {
        tell_theirs(entity.operation);
        continue;
      }
      const Json document = Json::parse(entity.document);
      const EntityKey key{document.at("entity_type"), document.at("entity_id")};
      pull(key, document.at("row_version"));
      REQUIRE(world_.write([&](store::Transaction& tx) {
        return world_.queue->on_adopted(tx, {entity.operation});
      }));
    }
  }

  // The server was asked what a conflict met.
  void tell_theirs(const OperationId& operation) {
    const auto asked = world_.write(
        [&](store::Transaction& tx) { return store::OperationTable::find(tx, operation); });
    REQUIRE((asked && *asked));
    const EntityKey entity = (*asked)->entity;
    const sync::Document theirs{entity, server_.version(entity.id), world_.now, false, "{}"};
    REQUIRE(world_.write([&](store::Transaction& tx) {
      return world_.queue->on_documents_of_conflicts(tx, {{operation, theirs}}, world_.now);
    }));
  }

  void pull(const EntityKey& entity, std::int64_t version) {
    pulled_[entity] = std::max(pulled_[entity], version);
    world_.store_document(entity, pulled_[entity]);
  }

  void foreign_change() {
    const EntityKey& entity = kLanes[random_.below(kLanes.size())];
    if (random_.chance(0.5)) server_.change(entity.id);
    if (random_.chance(0.5)) pull(entity, server_.version(entity.id));
  }

  void crash() {
    for (const auto& push : pushes_) {
      if (random_.chance(0.5)) (void)server_.push(push);
    }
    pushes_.clear();
    receipts_.reset();
    world_.reopen();
    world_.connectivity(random_.chance(0.7), false);
    world_.auth(random_.chance(0.8));
  }

  void user_word() {
    if (number_ == 0) return;
    const int number = static_cast<int>(1 + random_.below(static_cast<std::uint64_t>(number_)));
    if (!accepted_.contains(number)) return;
    const Operation before = world_.get(number);
    const auto word = random_.below(3);
    const auto result = word == 0   ? world_.retry(number)
                        : word == 1 ? world_.cancel(number)
                                    : world_.discard(number, random_.chance(0.3));
    if (!result) {
      CHECK(result.error().kind == ErrorClass::refused);
      return;
    }
    // From here on the user knows less than the server about this entity, by their own word.
    if (word == 0 || before.effect != OperationEffect::none)
      server_.forgiven.insert(before.entity.id);
  }

  void check() {
    const auto rows = world_.all();
    std::map<OperationId, const Operation*> by_id;
    std::int64_t open = 0;
    std::int64_t bytes = 0;
    for (const Operation& row : rows) {
      by_id[row.id] = &row;
      if (!is_settled(row.state)) open += 1;
      if (!is_settled(row.state)) bytes += row.bytes;
    }
    REQUIRE(rows.size() == accepted_.size());
    REQUIRE(world_.counter(store::kOutboxOperations) == open);
    REQUIRE(world_.counter(store::kOutboxBytes) == bytes);
    bool someone_waits = false;
    for (const Operation& row : rows) {
      check_row(row, by_id);
      someone_waits = someone_waits || is_waiting(row);
    }
    // Liveness (INV-Q10).
    const bool can_send = reachable() && someone_waits && pushes_.empty();
    if (can_send) REQUIRE((world_.last.wake_at.has_value() || receipts_.has_value()));
    REQUIRE(server_.violations == std::vector<std::string>{});
  }

  bool reachable() {
    const auto effects = world_.plan();
    if (effects.receipts) receipts_ = effects.receipts;
    REQUIRE(effects.pushes.empty());  // planned a moment ago
    const auto why = number_ == 0 ? std::string() : first_help();
    return why != "network" && why != "login";
  }

  std::string first_help() {
    for (const Operation& row : world_.all()) {
      if (is_waiting(row)) return world_.explain(number_of(row.id)).would_help;
    }
    return "";
  }

  [[nodiscard]] bool is_in_flight(const OperationId& id) const {
    return std::any_of(pushes_.begin(), pushes_.end(), [&](const auto& push) {
      return std::find(push.operations.begin(), push.operations.end(), id) != push.operations.end();
    });
  }

  void check_row(const Operation& row, const std::map<OperationId, const Operation*>& by_id) {
    INFO(to_text(row.id) << " is " << to_string(row.state) << " " << row.cause);
    REQUIRE((row.state == OperationState::blocked) == (row.block_reason != BlockReason::none));
    REQUIRE((row.state == OperationState::sending) == row.batch.has_value());
    if (row.state == OperationState::sending && !is_in_flight(row.id)) {
      // It stands ready behind another.
      REQUIRE(row.attempts == 0);
      REQUIRE_FALSE(pushes_.empty());
    }
    if (row.state == OperationState::queued) REQUIRE(row.effect == OperationEffect::none);
    if (row.state == OperationState::unknown) REQUIRE(row.effect == OperationEffect::possible);
    REQUIRE_FALSE((row.after.has_value() && row.base_version.has_value()));
    const bool open = row.state <= OperationState::blocked;
    if (open && row.after) {
      const OperationState below = by_id.at(*row.after)->state;
      const bool lives = below <= OperationState::unknown || below == OperationState::applied;
      const bool held = row.block_reason == BlockReason::dependency;
      REQUIRE(held == !lives);
    }
    if (server_.has_effect(to_text(row.id))) {
      REQUIRE(row.state != OperationState::rejected);
      REQUIRE(row.state != OperationState::conflict);
      REQUIRE(row.state != OperationState::cancelled);
      REQUIRE(row.state != OperationState::superseded);
      REQUIRE((row.effect != OperationEffect::none || row.state == OperationState::discarded));
    }
    if (row.state == OperationState::applied) REQUIRE(server_.has_effect(to_text(row.id)));
  }

  Random random_;
  QueueWorld world_;
  ReferenceServer server_;
  std::vector<sync::PushCall> pushes_;
  std::optional<sync::ReceiptsCall> receipts_;
  std::map<EntityKey, std::int64_t> pulled_;
  std::set<int> accepted_;
  int number_ = 0;
  std::size_t sends_ = 0;
  std::size_t sends_ahead_ = 0;  // of them, those that stood ready behind the one before
  bool healed_ = false;
};

constexpr std::size_t kSeeds = 24;

}  // namespace

TEST_CASE(
    "INV-Q1 INV-Q2 INV-Q4 INV-Q5 INV-Q6 INV-Q10 INV-Q16 hold under seeded storms, and all is "
    "settled after them") {
  std::size_t sends = 0;
  std::size_t sends_ahead = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    Storm storm(seed);
    storm.run(250);
    storm.heal();
    sends += storm.sends();
    sends_ahead += storm.sends_ahead();
  }
  CHECK(sends_ahead > kSeeds / 2);
  CHECK(sends > kSeeds * 15);
}
