#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "actors/poll_queue.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

namespace landfall::actors {

// The reply that one request of the host still owes, under its id or its ticket. Whoever answers
// holds it; it goes to the poll queue once, and the last holder to let go answers if nobody did.
class OpenReply final {
 public:
  OpenReply(std::shared_ptr<PollQueue> poll_queue, std::int64_t id, bool is_ticket);
  ~OpenReply();
  OpenReply(const OpenReply&) = delete;
  OpenReply& operator=(const OpenReply&) = delete;

  // What the host hears if nobody sends a reply; before anybody else holds it. A write's outcome is
  // unknown then, which is what it hears by itself; a read was interrupted.
  void set_if_lost(Error error) { if_lost_ = std::move(error); }

  // Only the first counts.
  void send(const Result<Json>& result);
  // A result that is compact JSON already.
  void send_text(std::string_view result_json);

  // What `send` and `send_text` would push, for whoever pushes many at once
  // (PollQueue::push_replies) and has to do so now. Empty when one was sent before.
  [[nodiscard]] PollMessages take(const Result<Json>& result);
  [[nodiscard]] PollMessages take_text(std::string_view result_json);
  // The same of a text that is made when it is polled, by `message_text`.
  [[nodiscard]] PollMessages take_late(std::shared_ptr<const LateText> late);
  // The message that hands a result to the host. Any thread.
  [[nodiscard]] std::string message_text(std::string_view result_json) const;

 private:
  [[nodiscard]] PollMessages fill(std::string text);

  // Kept when a reply was sent: its count is of the thread that made the reply and lets go of it,
  // and another one that touched it for each reply would wait for that thread each time.
  std::shared_ptr<PollQueue> poll_queue_;
  bool is_sent_ = false;
  PollMessages slot_ = make_reply_slot();
  std::int64_t id_;
  bool is_ticket_;
  std::optional<Error> if_lost_;
};
using Reply = std::shared_ptr<OpenReply>;

}  // namespace landfall::actors
