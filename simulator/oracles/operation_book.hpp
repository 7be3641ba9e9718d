#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// What is known from outside about one operation.
struct BookedOperation {
  struct Told {
    Instant at;
    std::string state;
    std::string block_reason;
  };

  std::string id;
  const world::Phone* phone = nullptr;
  EntityKey entity;
  std::string action;
  std::string organisation;                // in which it was made; empty: none
  Instant handed_in_at;                    // for the first time
  bool handed_in_again = false;            // before anybody acknowledged it
  std::optional<std::int64_t> seq;         // order of acceptance; nothing until acknowledged
  std::optional<std::int64_t> commit_seq;  // of the first acknowledgement
  std::vector<Told> told;                  // operation.changed, in order
  std::set<std::string> verdicts;          // that answers which reached the phone gave
  std::optional<Instant> verdict_at;       // the first of them
  std::optional<std::int64_t> applied_version;
  bool retried = false;    // its user asked for a retry, once at least
  bool discarded = false;  // its user gave it up

  [[nodiscard]] std::string state() const { return told.empty() ? "" : told.back().state; }
};

// Keeps the books for the oracles: who handed what in, in which order it was accepted, what the
// engine told about it and which verdicts reached the phone. It promises nothing itself. It must
// observe a world before every oracle that reads it.
class OperationBook final : public world::Observer {
 public:
  using Lane = std::pair<const world::Phone*, EntityKey>;

  // nullptr when nobody handed it in.
  [[nodiscard]] const BookedOperation* find(const std::string& id) const;
  // All of one lane, in the order in which they were handed in.
  [[nodiscard]] const std::vector<std::string>& lane(const Lane& lane) const;
  [[nodiscard]] const std::map<std::string, BookedOperation>& operations() const {
    return operations_;
  }

  // Whether it belongs to another organisation than the one that the phone's user works in: then
  // nobody is told of it, and no list shows it, until they are back there.
  [[nodiscard]] bool is_elsewhere(const BookedOperation& operation) const;

  // Whether the phone's host was told that the engine is locked: what is sent then, with the outbox
  // key alone, it hears nothing of, and lists anew when the engine is ready.
  [[nodiscard]] bool is_out_of_sight(const world::Phone& phone) const;

  // Whether the phone had heard of its end, or had told its user that it failed or is blocked, at
  // that instant or before and not since: then others of the lane may go first. Everything within
  // one instant counts as simultaneous; what was told may be seen by `lag` after it was.
  [[nodiscard]] static bool is_out_of_the_way(const BookedOperation& operation, Instant at,
                                              Duration lag = Duration{0});
  // When it was decided that it leaves, in a call that leaves at that instant: the call may have
  // waited for a token, or be the replay behind a refresh.
  [[nodiscard]] static Instant decided_to_leave_at(const BookedOperation& operation, Instant at);
  // Whether it ever failed or was blocked, up to that instant.
  [[nodiscard]] static bool was_held(const BookedOperation& operation, Instant until);

  void on_intent(world::World& world, world::Phone& phone, const world::Intent& intent) override;
  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;
  void on_discarded(world::World& world, world::Phone& phone,
                    const std::string& operation) override;
  void on_retried(world::World& world, world::Phone& phone, const std::string& operation) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;

 private:
  [[nodiscard]] BookedOperation* find_mutable(const std::string& id);
  void note_verdict(Instant now, const std::string& id, const std::string& status,
                    std::optional<std::int64_t> row_version);

  std::map<std::string, BookedOperation> operations_;
  std::map<const world::Phone*, std::string> engines_;  // states, as they were told
  std::map<Lane, std::vector<std::string>> lanes_;
  std::map<const world::Phone*, std::string> organisations_;  // the active one, as the engine told
};

// "phone1's operation 0198… (approval approve)", for the text of a violation.
[[nodiscard]] std::string describe(const world::Phone& phone, const BookedOperation& operation);

}  // namespace landfall::oracles
