#include "actors/open_reply.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "actors/answer.hpp"
#include "engine/host/outgoing.hpp"

namespace landfall::actors {

OpenReply::OpenReply(std::shared_ptr<PollQueue> poll_queue, std::int64_t id, bool is_ticket)
    : poll_queue_(std::move(poll_queue)), id_(id), is_ticket_(is_ticket) {}

OpenReply::~OpenReply() {
  if (!sent_) send(failure(if_lost_.value_or(write_indeterminate())));
}

void OpenReply::send(const Result<Json>& result) {
  if (auto text = take(result)) poll_queue_->push_reply(std::move(*text));
}

void OpenReply::send_text(std::string_view result_json) {
  if (auto text = take_text(result_json)) poll_queue_->push_reply(std::move(*text));
}

std::optional<std::string> OpenReply::take(const Result<Json>& result) {
  if (result) return take_text(dump_json(*result));
  if (std::exchange(sent_, true)) return std::nullopt;
  return is_ticket_ ? host::ticket_text(id_, result) : host::reply_error_text(id_, result.error());
}

std::optional<std::string> OpenReply::take_text(std::string_view result_json) {
  if (std::exchange(sent_, true)) return std::nullopt;
  return is_ticket_ ? host::ticket_around(id_, result_json) : host::reply_around(id_, result_json);
}

}  // namespace landfall::actors
