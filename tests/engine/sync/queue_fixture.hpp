#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/attest/acceptance.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/database.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/sealer.hpp"
#include "engine/sync/sync_queue.hpp"
#include "tests/engine/store/store_fixture.hpp"

namespace landfall::test {

// ProKure's rules with a batch of at most eight and three actions of any payload: "comment" updates
// an approval, "update" a purchase order, and "count" changes a purchase order commutatively.
[[nodiscard]] Profile test_profile();

// Has the profile deliver that action another way, by an endpoint named after entity and action.
void deliver(Profile& profile, const std::string& entity, const std::string& action,
             profile::Delivery delivery);
[[nodiscard]] bool is_endpoint_call(const sync::PushCall& push);

// Small numbers stand for operation ids.
[[nodiscard]] OperationId op(int number);
[[nodiscard]] int number_of(const OperationId& id);

[[nodiscard]] http::Answer response(int status, std::string body = "", http::Headers headers = {});
[[nodiscard]] http::Answer lost(http::TransportFailure kind);

// One line of `results`.
[[nodiscard]] Json applied(int number, const EntityKey& entity, std::int64_t row_version);
[[nodiscard]] Json conflicting(int number, const EntityKey& entity, std::int64_t row_version);
[[nodiscard]] Json rejected(int number, const std::string& code);
[[nodiscard]] Json retry(int number, const std::string& reason,
                         std::optional<int> retry_after_s = std::nullopt);
[[nodiscard]] http::Answer results(const std::vector<Json>& items);
[[nodiscard]] http::Answer receipts(const std::vector<Json>& items);

inline const EntityKey kApproval{"approval", "A-1"};
inline const EntityKey kOtherApproval{"approval", "A-2"};
inline const EntityKey kPo{"po", "PO-1"};

// A sync queue over a database file, in virtual time. A step that fails fails the test.
class QueueWorld {
 public:
  explicit QueueWorld(Profile rules = test_profile());

  Profile profile;
  Instant now{1'800'000'000'000};
  sync::SyncEffects last;  // of the last step

  void pass(std::int64_t ms) { now = now + Duration{ms}; }
  // As if the process had died and another one opened the file.
  void reopen();
  // Reachable, with a session, and with the spread of the edge behind us.
  void go_online();
  void go_offline();
  void edge();

  [[nodiscard]] sync::EnqueueRequest request(int number, const EntityKey& entity,
                                             const std::string& action) const;
  [[nodiscard]] Result<sync::Accepted> try_enqueue(const sync::EnqueueRequest& request);
  // Whose attestations are taken; nothing: nobody's.
  std::optional<attest::Attestor> attestor;
  sync::Accepted enqueue(int number, const EntityKey& entity, const std::string& action);
  // The server's document as a pull would have stored it.
  void store_document(const EntityKey& entity, std::int64_t row_version);

  sync::SyncEffects plan();
  [[nodiscard]] sync::Outlook look_ahead();
  // Plans and expects exactly these operations to leave.
  sync::PushCall sends(const std::vector<int>& numbers);
  void sends_nothing();
  sync::SyncEffects answer(const sync::PushCall& push, const http::Answer& answer);
  // In one step with the plan behind it.
  struct Step {
    sync::SyncEffects effects;
    bool is_durable = false;
  };
  Step answer_and_plan(const sync::PushCall& push, const http::Answer& answer);
  sync::SyncEffects receipts_answer(const sync::ReceiptsCall& call, const http::Answer& answer);
  [[nodiscard]] Result<sync::SyncEffects> retry(int number);
  [[nodiscard]] Result<sync::SyncEffects> cancel(int number);
  [[nodiscard]] Result<sync::SyncEffects> discard(int number, bool accept_unknown = false);
  sync::SyncEffects connectivity(bool reachable, bool is_edge);
  sync::SyncEffects auth(bool authenticated);

  [[nodiscard]] sync::Operation get(int number);
  [[nodiscard]] std::string state(int number);  // "queued", "blocked(auth)"
  [[nodiscard]] sync::Explanation explain(int number);
  [[nodiscard]] std::int64_t counter(std::string_view name);
  [[nodiscard]] std::vector<sync::Operation> all();
  [[nodiscard]] std::vector<sync::Notice> notices();

  template <class F>
  auto write(F&& step) {
    return database->write("test", store::Durability::ordered, std::forward<F>(step));
  }

  TemporaryDirectory directory;
  SeededSecureRandom random;
  http::RepeatBudget repeats;  // of the device
  std::optional<sync::RepeatPace> pace;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::Sealer> key;
  std::unique_ptr<sync::SyncQueue> queue;

 private:
  void make_queue();
};

// An endpoint's answer that carries this line of `results`: 200, 409 or 422.
[[nodiscard]] http::Answer endpoint_answer(const Json& item);

// The items of a push body; of an endpoint's call, its one operation as it would stand in a push.
[[nodiscard]] std::vector<Json> items_of(const sync::PushCall& push);
// The bytes of one operation inside a push body.
[[nodiscard]] std::string bytes_of(const sync::PushCall& push, int number);

}  // namespace landfall::test
