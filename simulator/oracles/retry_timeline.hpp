#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/time.hpp"
#include "simulator/oracles/push_answer.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q8: the timeline of sends against the world's clock. An operation leaves again
//   - not before 5, 30, 120 s after its last counted failure, unless its user asked for a retry or
//     the edge offline -> online came since;
//   - never before a Retry-After of the server is over, nobody's operation of that phone;
//   - never within 5 s of its own last send, except as the replay behind a refresh of the token, in
//     a half of a batch that was refused whole, or when the server itself named a shorter wait;
//   - never after a verdict, nor after its last retry failed while it was alone.
// INV-Q7: what the phone tells of an operation's attempts is what the answers made of them: a
// failure that the server answered with, or silence after the call had left, costs one; being
// offline, a 401, a 429 and a wait that the server named cost none, and none fails with retries
// left.
//
// What a full disk kept the phone from writing down it may act on or not.
//
// What a crash may have taken back (answers of this very instant, and whatever a power cut lost of
// what was not synced) counts as if the phone had never heard it; what it sent it remembers.
class RetryTimeline final : public world::Observer {
 public:
  void on_retried(world::World& world, world::Phone& phone, const std::string& operation) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_boot(world::World& world, world::Phone& phone) override;
  void on_suspended(world::World& world, world::Phone& phone) override {
    on_crash(world, phone, false);
  }
  void on_resume(world::World& world, world::Phone& phone) override { on_boot(world, phone); }
  void on_end(world::World& world) override;

 private:
  // `refused`: as a call, which says nothing of an earlier one that may have been heard; its user
  // may ask for it again.
  enum class Over { no, failed, refused, verdict };

  // What is known of one operation's turn.
  struct Turn {
    std::optional<Instant> sent_at;
    std::optional<Instant> marked_at;  // when the phone said that it is being sent
    int failures = 0;     // counted ones since the user's last word; the open send counts as one
    Instant due;          // by the ladder or by a wait that the server named
    Instant set_at;       // when `due` or `over` came to be
    Instant due_as_sent;  // what stood on the disk when it left, should the answer be forgotten
    bool ladder = false;  // `due` bends at an edge
    bool gap_exempt = false;
    Over over = Over::no;
    // Nothing has come between since the phone told as many failures as are counted here.
    bool is_counted = true;
    // An answer came that a full disk may have kept the phone from writing down: whether it did is
    // seen by what it tells next.
    bool is_in_doubt = false;
    bool doubt_refuses = false;  // that answer refuses the call, which ends it as `refused` does
  };

  // A call that carries operations.
  struct Push {
    std::string body;
    bool is_replay = false;
    bool is_gzip = false;
    std::vector<std::pair<std::string, Turn>> before;
  };

  // Sent before its ladder said so: forgiven if an edge is told of in the same instant.
  struct Early {
    std::string id;
    Instant at;
    Instant set_at;
    Instant due;
  };

  struct PhoneTimeline {
    std::map<std::string, Turn> turns;
    std::map<std::string, Push> open;  // by the request's id
    std::vector<Push> replayable;      // that go again at once: a 401, a 415 to a coding
    Instant held_until;
    Instant held_set_at;
    std::optional<Instant> refreshed_at;  // the last answer to a refresh
    std::string connectivity = "offline";
    std::string engine;                // its state, as it was told last
    std::optional<Instant> locked_at;  // when it was told behind `opening`
    std::optional<Instant> probed_at;
    std::optional<Instant> edge_at;
    std::vector<Early> early;
  };

  void judge_early(world::World& world, const world::Phone& phone, PhoneTimeline& timeline);
  void judge_quiet(world::World& world, const world::Phone& phone, PhoneTimeline& timeline,
                   const std::vector<world::SentOperation>& operations);
  [[nodiscard]] static std::vector<Push>::iterator find_replayable(
      PhoneTimeline& timeline, const std::string& body,
      const std::vector<world::SentOperation>& operations);
  void judge_send(world::World& world, const world::Phone& phone, PhoneTimeline& timeline,
                  const std::string& id);
  void note_send(PhoneTimeline& timeline, const std::string& id, Instant now);
  static void doubt_call(PhoneTimeline& timeline, const Push& push, const http::Answer& answer,
                         const std::optional<std::vector<OperationAnswer>>& answers);
  static void doubt_receipts(PhoneTimeline& timeline, const std::vector<OperationAnswer>& receipts);
  static void note_receipts(PhoneTimeline& timeline, const std::vector<OperationAnswer>& receipts,
                            Instant now);
  static void note_told(PhoneTimeline& timeline, const nlohmann::json& data, Instant now);
  [[nodiscard]] static bool is_in_flight(const PhoneTimeline& timeline, const std::string& id);
  static void judge_attempts(world::World& world, const world::Phone& phone, Turn& turn,
                             const nlohmann::json& data);
  void note_results(PhoneTimeline& timeline, const Push& push,
                    const std::vector<OperationAnswer>& answers, Instant now);
  void note_result(Turn& turn, const Turn& before, const OperationAnswer& answer, Instant now);
  void note_whole(PhoneTimeline& timeline, const Push& push, const http::Answer& answer,
                  Instant now);
  static void count_failure(Turn& turn, const Turn& before, bool alone, Instant now);
  static void note_engine(PhoneTimeline& timeline, const std::string& state, Instant now);
  static void note_probe(PhoneTimeline& timeline, Instant now);
  static void note_anew(PhoneTimeline& timeline);
  void forget(PhoneTimeline& timeline, Instant now, bool all);

  std::map<const world::Phone*, PhoneTimeline> timelines_;
};

}  // namespace landfall::oracles
