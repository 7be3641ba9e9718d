#include "engine/attachments/upload.hpp"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "engine/base/mutant.hpp"
#include "schema/limits.hpp"

namespace landfall::attachments {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 * limits::kKiB;

// The server's word for the hash of what it received not being the one announced.
constexpr int kUnprocessable = 422;

std::optional<std::int64_t> parse_offset(std::string_view text) {
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc{} || end != text.data() + text.size() || offset < 0) return std::nullopt;
  return offset;
}

std::optional<std::int64_t> offset_in_body(const http::Response& response) {
  const auto body = parse_json(response.body, {kAnswerBytesMax});
  if (!body) return std::nullopt;
  const auto offset = integer_at(*body, "offset");
  if (!offset || *offset < 0) return std::nullopt;
  return *offset;
}

std::optional<std::int64_t> offset_in(const http::Response& response, Step step) {
  if (step != Step::offset) return offset_in_body(response);
  const auto header = http::find_header(response.headers, "Upload-Offset");
  return header ? parse_offset(*header) : std::nullopt;
}

// The server says how much it has.
void on_offset(Transfer& transfer, std::int64_t offset, const StepContext& context) {
  const bool is_progress = offset > transfer.confirmed || transfer.step == Step::start;
  if (offset > transfer.bytes) {
    on_upload_lost(transfer);
    return note_failure(transfer, "attachment.offset_invalid", context);
  }
  const bool is_complete =
      offset == transfer.bytes || mutant::is(mutant::Mutant::believe_any_offset);
  const bool fell_back = offset < transfer.confirmed;
  const Step asked = transfer.step;
  transfer.confirmed = offset;
  transfer.step = Step::send;
  if (is_complete) {
    note_progress(transfer);
    transfer.confirmed = transfer.bytes;
    return settle(transfer, State::done, context.now);
  }
  if (is_progress) return note_progress(transfer);
  // Behind what it had, or not one byte further though a piece was sent: it goes on, as often as a
  // failure may be repeated. A question alone moves nothing and is no failure.
  if (fell_back) return fall_back(transfer, "attachment.offset_behind", context);
  if (asked == Step::send) return note_failure(transfer, "attachment.offset_behind", context);
  transfer.state = State::waiting;
  transfer.due_at = kNever;
  transfer.wait = Wait::none;
}

// The server does not know it (any more): announced anew, it begins with its first byte.
void on_unknown_to_server(Transfer& transfer, std::string_view cause, const StepContext& context) {
  begin_again(transfer, Step::start, cause, context);
}

void on_refusal(Transfer& transfer, int status, const http::Outcome& outcome,
                const StepContext& context) {
  const bool is_announced = transfer.step != Step::start;
  if (is_announced && (status == 404 || status == 410))
    return on_unknown_to_server(transfer, outcome.cause, context);
  if (is_announced && status == kUnprocessable)
    return on_unknown_to_server(transfer, "attachment.hash_mismatch", context);
  // 409 and 412: the server stands elsewhere than this piece begins.
  if (outcome.fate == http::Fate::conflict) {
    if (is_announced) transfer.step = Step::offset;
    return is_announced ? note_failure(transfer, "attachment.offset_behind", context)
                        : reject(transfer, "attachment.id_in_use");
  }
  note_outcome(transfer, outcome, context);
}

}  // namespace

Range next_range(const Transfer& transfer) {
  LANDFALL_ASSERT(transfer.piece_bytes > 0 && transfer.confirmed < transfer.bytes);
  const std::int64_t piece = transfer.confirmed / transfer.piece_bytes;
  return {transfer.confirmed, std::min(transfer.bytes, (piece + 1) * transfer.piece_bytes)};
}

http::ApiCall upload_call(const Transfer& transfer, const profile::AttachmentRules& rules) {
  const std::string id = to_text(transfer.id);
  switch (transfer.step) {
    case Step::start: {
      const Json body{{"id", id},
                      {"operation_id", to_text(transfer.operation.value_or(OperationId{}))},
                      {"sha256", to_hex(transfer.sha256.value_or(ContentHash{}))},
                      {"bytes", transfer.bytes},
                      {"content_type", transfer.content_type}};
      return {rules.start, {}, {}, dump_json(body)};
    }
    case Step::send: {
      const Range range = next_range(transfer);
      const std::string text = "bytes " + std::to_string(range.from) + "-" +
                               std::to_string(range.to - 1) + "/" + std::to_string(transfer.bytes);
      return {rules.send,
              {{"id", id}},
              {{"Content-Range", text}, {"Content-Type", "application/octet-stream"}},
              {}};
    }
    case Step::offset:
    case Step::fetch:
    case Step::check:
      break;
  }
  return {rules.offset, {{"id", id}}, {}, {}};
}

void on_upload_sent(Transfer& transfer, Instant now) {
  if (transfer.first_sent_at == kNever) transfer.first_sent_at = now;
  if (transfer.step == Step::send)
    transfer.sent_to = std::max(transfer.sent_to, next_range(transfer).to);
}

void on_upload_answer(Transfer& transfer, const http::Answer& answer, const StepContext& context) {
  const http::Outcome outcome = outcome_of(answer, context);
  if (outcome.fate == http::Fate::by_result) {
    if (const auto offset = offset_in(*answer.response, transfer.step))
      return on_offset(transfer, *offset, context);
    on_upload_lost(transfer);
    return note_failure(transfer, http::makes_no_sense().cause, context);
  }
  // A server that refused a piece may have kept some of it.
  const bool has_left = answer.failure != http::TransportFailure::not_sent &&
                        answer.failure != http::TransportFailure::no_session;
  if (has_left) on_upload_lost(transfer);
  on_refusal(transfer, answer.response ? answer.response->status : 0, outcome, context);
}

void on_upload_lost(Transfer& transfer) {
  if (transfer.step == Step::send) transfer.step = Step::offset;
}

bool may_be_complete(const Transfer& transfer) {
  return transfer.direction == Direction::up && !is_settled(transfer.state) && transfer.bytes > 0 &&
         transfer.sent_to >= transfer.bytes;
}

}  // namespace landfall::attachments
