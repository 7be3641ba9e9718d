#include "actors/open_reply.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "actors/answer.hpp"
#include "engine/host/outgoing.hpp"

namespace landfall::actors {

OpenReply::OpenReply(std::shared_ptr<PollQueue> poll_queue, std::int64_t id, bool is_ticket)
    : poll_queue_(std::move(poll_queue)), id_(id), is_ticket_(is_ticket) {}

OpenReply::~OpenReply() {
  if (!is_sent_) send(failure(if_lost_.value_or(write_indeterminate())));
}

void OpenReply::send(const Result<Json>& result) { poll_queue_->push_replies(take(result)); }

void OpenReply::send_text(std::string_view result_json) {
  poll_queue_->push_replies(take_text(result_json));
}

PollMessages OpenReply::take(const Result<Json>& result) {
  if (result) return take_text(dump_json(*result));
  if (is_sent_) return {};
  return fill(is_ticket_ ? host::ticket_text(id_, result)
                         : host::reply_error_text(id_, result.error()));
}

PollMessages OpenReply::take_text(std::string_view result_json) {
  if (is_sent_) return {};
  return fill(message_text(result_json));
}

PollMessages OpenReply::take_late(std::shared_ptr<const LateText> late) {
  if (is_sent_) return {};
  slot_.front().late = std::move(late);
  return fill({});
}

std::string OpenReply::message_text(std::string_view result_json) const {
  return is_ticket_ ? host::ticket_around(id_, result_json) : host::reply_around(id_, result_json);
}

PollMessages OpenReply::fill(std::string text) {
  is_sent_ = true;
  slot_.front().text = std::move(text);
  return std::move(slot_);
}

}  // namespace landfall::actors
