#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "actors/answer.hpp"
#include "actors/poll_queue.hpp"
#include "engine/host/outgoing.hpp"

namespace landfall::actors {

// The reply that one request of the host still owes, under its id or its ticket. Whoever answers
// holds it; it goes to the poll queue once, and the last holder to let go answers if nobody did.
class OpenReply final {
 public:
  OpenReply(std::shared_ptr<PollQueue> poll_queue, std::int64_t id, bool is_ticket)
      : poll_queue_(std::move(poll_queue)), id_(id), is_ticket_(is_ticket) {}
  OpenReply(const OpenReply&) = delete;
  OpenReply& operator=(const OpenReply&) = delete;
  ~OpenReply() {
    if (!sent_) send(failure(write_indeterminate()));
  }

  void send(Result<Json> result) {
    if (std::exchange(sent_, true)) return;
    if (is_ticket_) {
      poll_queue_->push_reply(host::ticket_text(id_, std::move(result)));
    } else {
      poll_queue_->push_reply(result ? host::reply_text(id_, std::move(*result))
                                     : host::reply_error_text(id_, result.error()));
    }
  }

 private:
  std::shared_ptr<PollQueue> poll_queue_;
  std::int64_t id_;
  bool is_ticket_;
  bool sent_ = false;
};
using Reply = std::shared_ptr<OpenReply>;

}  // namespace landfall::actors
