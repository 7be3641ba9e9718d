#include "engine/attachments/download.hpp"

#include <algorithm>
#include <charconv>

#include "engine/base/base64.hpp"
#include "schema/limits.hpp"

namespace landfall::attachments {
namespace {

constexpr std::int64_t kBytesMax = limits::kDownloadBytesMax;

struct ContentRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t total = 0;
};

bool take_text(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

bool take_number(std::string_view& text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// "bytes 0-1023/4096"; nothing for anything else, an unknown total included.
std::optional<ContentRange> parse_content_range(std::string_view text) {
  ContentRange range;
  const bool is_range = take_text(text, "bytes ") && take_number(text, range.first) &&
                        take_text(text, "-") && take_number(text, range.last) &&
                        take_text(text, "/") && take_number(text, range.total) && text.empty();
  if (!is_range || range.last < range.first || range.last >= range.total) return std::nullopt;
  return range;
}

// "sha-256=:…:" among others (RFC 9530).
std::optional<ContentHash> digest_in(const http::Headers& headers) {
  constexpr std::string_view kName = "sha-256=:";
  const std::string text = http::header_text(headers, "Repr-Digest");
  const std::size_t at = text.find(kName);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + kName.size();
  const std::size_t end = text.find(':', begin);
  if (end == std::string::npos) return std::nullopt;
  const auto bytes = from_base64(std::string_view(text).substr(begin, end - begin));
  ContentHash hash{};
  if (!bytes || bytes->size() != hash.size()) return std::nullopt;
  std::ranges::copy(*bytes, hash.begin());
  return hash;
}

// A weak validator says nothing about bytes.
std::string strong_etag_in(const http::Headers& headers) {
  std::string etag = http::header_text(headers, "ETag");
  const bool is_strong = etag.size() >= 2 && etag.front() == '"' && etag.back() == '"' &&
                         etag.size() <= limits::kEtagBytesMax;
  return is_strong ? etag : std::string{};
}

Fetched fetched_from(const http::Response& response) {
  Fetched fetched;
  fetched.etag = strong_etag_in(response.headers);
  fetched.content_type = http::header_text(response.headers, "Content-Type");
  if (fetched.content_type.size() > limits::kContentTypeBytesMax) fetched.content_type.clear();
  fetched.sha256 = digest_in(response.headers);
  return fetched;
}

std::int64_t size_of(const http::Response& response) {
  return static_cast<std::int64_t>(response.body.size());
}

std::int64_t end_of_piece(const Transfer& transfer) {
  return (transfer.confirmed / transfer.piece_bytes + 1) * transfer.piece_bytes;
}

bool is_other_version(const Transfer& transfer, const Fetched& fetched) {
  return transfer.confirmed > 0 &&
         (fetched.etag != transfer.etag || fetched.total != transfer.bytes);
}

void start_over(Transfer& transfer, std::string_view cause, const StepContext& context) {
  transfer.etag.clear();
  if (!transfer.hash_given) transfer.sha256.reset();
  transfer.bytes = 0;
  begin_again(transfer, Step::fetch, cause, context);
}

// 416: the file ends before what was asked for.
void on_unsatisfiable(Transfer& transfer, const http::Response& response,
                      const StepContext& context) {
  if (transfer.confirmed > 0) return start_over(transfer, "attachment.changed", context);
  if (http::header_text(response.headers, "Content-Range") == "bytes */0")
    return reject(transfer, "attachment.empty");
  note_failure(transfer, "answer.unexpected", context);
}

}  // namespace

http::ApiCall download_call(const Transfer& transfer, const profile::AttachmentRules& rules) {
  const auto endpoint = rules.downloads.find(transfer.source);
  std::int64_t end = end_of_piece(transfer);
  if (transfer.bytes > 0) end = std::min(end, transfer.bytes);
  http::ApiCall call{
      endpoint == rules.downloads.end() ? std::string{} : endpoint->second,
      {{"id", transfer.source_id}},
      {{"Range", "bytes=" + std::to_string(transfer.confirmed) + "-" + std::to_string(end - 1)}},
      {}};
  if (transfer.confirmed > 0 && !transfer.etag.empty())
    call.headers.emplace_back("If-Range", transfer.etag);
  return call;
}

std::optional<Fetched> fetched_in(const Transfer& transfer, const http::Answer& answer) {
  if (!answer.response || answer.response->body.empty()) return std::nullopt;
  const http::Response& response = *answer.response;
  Fetched fetched = fetched_from(response);
  if (fetched.etag.empty() && !fetched.sha256 && !transfer.hash_given) return std::nullopt;
  if (response.status == 200) {
    fetched.is_whole = true;
    fetched.total = size_of(response);
    return fetched;
  }
  const auto range = parse_content_range(http::header_text(response.headers, "Content-Range"));
  if (response.status != 206 || !range || range->total > kBytesMax) return std::nullopt;
  fetched.from = range->first;
  fetched.total = range->total;
  const std::int64_t end = std::min(end_of_piece(transfer), range->total);
  const bool is_what_was_asked = range->first == transfer.confirmed && range->last == end - 1 &&
                                 size_of(response) == end - range->first;
  if (!is_what_was_asked || is_other_version(transfer, fetched)) return std::nullopt;
  return fetched;
}

void on_download_stored(Transfer& transfer, const Fetched& fetched) {
  const std::int64_t end =
      fetched.is_whole ? fetched.total : std::min(end_of_piece(transfer), fetched.total);
  transfer.bytes = fetched.total;
  transfer.etag = fetched.etag;
  transfer.content_type = fetched.content_type;
  if (!transfer.hash_given && (fetched.from == 0 || !transfer.sha256))
    transfer.sha256 = fetched.sha256;
  transfer.confirmed = end;
  transfer.has_file = true;
  note_progress(transfer);
  if (end == transfer.bytes) transfer.step = Step::check;
}

void on_download_answer(Transfer& transfer, const http::Answer& answer,
                        const StepContext& context) {
  const bool is_too_large = answer.failure == http::TransportFailure::too_large;
  if (is_too_large && transfer.confirmed > 0)
    return start_over(transfer, "attachment.changed", context);
  if (is_too_large) return note_failure(transfer, "attachment.no_ranges", context);
  if (answer.response && answer.response->status == 416)
    return on_unsatisfiable(transfer, *answer.response, context);
  const http::Outcome outcome = outcome_of(answer, context);
  if (outcome.fate != http::Fate::by_result) return note_outcome(transfer, outcome, context);
  const auto range =
      parse_content_range(http::header_text(answer.response->headers, "Content-Range"));
  if (range && range->total > kBytesMax) return reject(transfer, "attachment.too_large");
  const Fetched fetched = fetched_from(*answer.response);
  if (range && fetched.etag != transfer.etag && transfer.confirmed > 0)
    return start_over(transfer, "attachment.changed", context);
  note_failure(transfer, http::makes_no_sense().cause, context);
}

void on_download_checked(Transfer& transfer, const std::optional<ContentHash>& actual,
                         const StepContext& context) {
  if (!actual) return start_over(transfer, "attachment.damaged", context);
  if (transfer.sha256 && *transfer.sha256 != *actual)
    return start_over(transfer, "attachment.hash_mismatch", context);
  transfer.sha256 = actual;
  settle(transfer, State::done, context.now);
  transfer.cause.clear();
}

}  // namespace landfall::attachments
