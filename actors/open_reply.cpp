#include "actors/open_reply.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "actors/answer.hpp"
#include "engine/host/outgoing.hpp"

namespace landfall::actors {

OpenReply::OpenReply(std::shared_ptr<PollQueue> poll_queue, std::int64_t id, bool is_ticket)
    : poll_queue_(std::move(poll_queue)), id_(id), is_ticket_(is_ticket) {}

OpenReply::~OpenReply() {
  if (poll_queue_) send(failure(if_lost_.value_or(write_indeterminate())));
}

void OpenReply::send(const Result<Json>& result) {
  const auto poll_queue = poll_queue_;
  if (poll_queue) poll_queue->push_replies(take(result));
}

void OpenReply::send_text(std::string_view result_json) {
  const auto poll_queue = poll_queue_;
  if (poll_queue) poll_queue->push_replies(take_text(result_json));
}

PollMessages OpenReply::take(const Result<Json>& result) {
  if (result) return take_text(dump_json(*result));
  if (!poll_queue_) return {};
  return fill(is_ticket_ ? host::ticket_text(id_, result)
                         : host::reply_error_text(id_, result.error()));
}

PollMessages OpenReply::take_text(std::string_view result_json) {
  if (!poll_queue_) return {};
  return fill(is_ticket_ ? host::ticket_around(id_, result_json)
                         : host::reply_around(id_, result_json));
}

PollMessages OpenReply::fill(std::string_view text) {
  slot_.front().text = text;
  poll_queue_.reset();  // what is kept with a reply in that queue may hold this one
  return std::move(slot_);
}

}  // namespace landfall::actors
