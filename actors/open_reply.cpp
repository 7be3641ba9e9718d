#include "actors/open_reply.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "actors/answer.hpp"
#include "engine/host/outgoing.hpp"

namespace landfall::actors {

OpenReply::OpenReply(std::shared_ptr<PollQueue> poll_queue, std::int64_t id, bool is_ticket)
    : poll_queue_(std::move(poll_queue)), id_(id), is_ticket_(is_ticket) {}

OpenReply::~OpenReply() {
  if (!sent_) send(failure(write_indeterminate()));
}

void OpenReply::send(Result<Json> result) {
  if (std::exchange(sent_, true)) return;
  if (is_ticket_) {
    poll_queue_->push_reply(host::ticket_text(id_, std::move(result)));
  } else {
    poll_queue_->push_reply(result ? host::reply_text(id_, std::move(*result))
                                   : host::reply_error_text(id_, result.error()));
  }
}

}  // namespace landfall::actors
