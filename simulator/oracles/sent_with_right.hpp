#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/time.hpp"
#include "simulator/oracles/operation_book.hpp"

namespace landfall::oracles {

// once the engine has told its host that a right is gone, no operation that needs it
// leaves any more, until it tells that the right is back; what was under way by then may still
// leave. And when all has come to rest, whatever waits for its turn has the right that it needs:
// what lacks one is blocked and says so. Which action needs which right is the backend's to say.
// What the host is told of one instant it may hear behind the call that left in it: a call is
// judged when its instant is over.
class SentWithRight final : public world::Observer {
 public:
  // The book outlives the oracle and observes before it.
  explicit SentWithRight(const OperationBook& book) : book_(book) {}

  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  // The next process tells its own.
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_end(world::World& world) override;

 private:
  // It left without the right; forgiven if that is told to be back in the same instant.
  struct Early {
    std::string what;
    std::string right;
    Instant at;
  };
  struct Rights {
    std::vector<Early> early;
    bool is_known = false;
    std::set<std::string> held;
    std::map<std::string, Instant> lost_at;
  };

  static void judge_early(world::World& world, Rights& rights, Instant now);
  [[nodiscard]] std::string right_for(world::World& world, const BookedOperation& operation);

  const OperationBook& book_;
  std::map<const world::Phone*, Rights> phones_;
  std::map<std::string, std::string> needed_;  // by "entity_type/action"
  bool is_read_ = false;
};

}  // namespace landfall::oracles
