#include "simulator/backend/files.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/random.hpp"
#include "simulator/backend/reply.hpp"

namespace landfall::backend {
namespace {

constexpr std::int64_t kUploadBytesMax = 10 * 1024 * 1024;
// Two pieces of ProKure's phones, the second one shorter.
constexpr std::int64_t kReportBytesMin = 300 * 1024;
constexpr std::int64_t kReportBytesMax = 400 * 1024;
constexpr std::size_t kBodyBytesMax = 16 * 1024;

using Hash = std::array<std::byte, crypto_hash_sha256_BYTES>;

Hash hash_of(const std::string& content) {
  Hash hash{};
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                     reinterpret_cast<const unsigned char*>(content.data()), content.size());
  return hash;
}

std::string hex_of(const Hash& hash) {
  std::string hex(2 * hash.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(hash.data()),
                 hash.size());
  hex.pop_back();
  return hex;
}

http::Response offset_reply(std::size_t offset) {
  return ok_reply("{\"offset\":" + std::to_string(offset) + "}");
}

http::Response not_found() { return error_reply(404, "NOT_FOUND", "There is no such file."); }

struct Range {
  long long first = 0;
  long long last = 0;
};

// "bytes 0-99/250" (prefix "bytes ") or "bytes=0-99" (prefix "bytes="); what follows is ignored.
std::optional<Range> range_in(const http::Request& request, const char* header,
                              std::string_view prefix) {
  const std::string text = http::header_text(request.headers, header);
  if (!text.starts_with(prefix)) return std::nullopt;
  Range range;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data() + prefix.size(), end, range.first);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') return std::nullopt;
  const auto last = std::from_chars(first.ptr + 1, end, range.last);
  const bool is_range = last.ec == std::errc{} && range.first >= 0 && range.last >= range.first;
  return is_range ? std::optional(range) : std::nullopt;
}

// The whole, or the range that was asked for when the validator still fits.
http::Response content_reply(const std::string& content, const std::string& content_type,
                             const http::Request& request) {
  const Hash hash = hash_of(content);
  const std::string etag = "\"" + hex_of(hash).substr(0, 32) + "\"";
  http::Response reply{200, {{"Content-Type", content_type}, {"ETag", etag}}, content};
  reply.headers.emplace_back("Accept-Ranges", "bytes");
  reply.headers.emplace_back("Repr-Digest", "sha-256=:" + to_base64(hash) + ":");
  const auto range = range_in(request, "Range", "bytes=");
  const std::string condition = http::header_text(request.headers, "If-Range");
  if (!range || (!condition.empty() && condition != etag)) return reply;
  const auto size = static_cast<long long>(content.size());
  const std::string whole = "/" + std::to_string(size);
  if (range->first >= size) {
    reply.headers.emplace_back("Content-Range", "bytes *" + whole);
    reply.status = 416;
    reply.body.clear();
    return reply;
  }
  const long long last = std::min(range->last, size - 1);
  reply.headers.emplace_back("Content-Range", "bytes " + std::to_string(range->first) + "-" +
                                                  std::to_string(last) + whole);
  reply.status = 206;
  reply.body = content.substr(static_cast<std::size_t>(range->first),
                              static_cast<std::size_t>(last - range->first + 1));
  return reply;
}

}  // namespace

std::optional<std::string> report_content(const std::string& id) {
  if (!id.starts_with("report-")) return std::nullopt;
  Random random = Random::stream(1, "backend.report/" + id);
  const auto bytes = static_cast<std::size_t>(random.between(kReportBytesMin, kReportBytesMax));
  std::string content = "%PDF-1.4\n";
  while (content.size() < bytes) content.push_back(static_cast<char>(random.below(256)));
  return content;
}

std::optional<Files::Upload> Files::find(const Caller& caller, const std::string& id) {
  Query row(database_,
            "SELECT operation_id, sha256, bytes, content_type, content, complete FROM uploads"
            " WHERE id = ? AND user_id = ?",
            id, caller.user_id);
  if (!row.step()) return std::nullopt;
  return Upload{id,          row.text(0), row.text(1),        row.integer(2),
                row.text(3), row.text(4), row.integer(5) != 0};
}

void Files::save(const Upload& upload) {
  Query(database_, "UPDATE uploads SET content = ?, complete = ? WHERE id = ?", upload.content,
        upload.complete, upload.id)
      .run();
}

http::Response Files::start(const Caller& caller, const std::string& body, Instant now) {
  const auto json = parse_json(body, {kBodyBytesMax});
  if (!json) return bad_request(json.error());
  Upload upload;
  const auto read = [&]() -> Status {
    LANDFALL_TRY_ASSIGN(upload.id, string_at(*json, "id"));
    LANDFALL_TRY_ASSIGN(upload.operation_id, string_at(*json, "operation_id"));
    LANDFALL_TRY_ASSIGN(upload.sha256, string_at(*json, "sha256"));
    LANDFALL_TRY_ASSIGN(upload.bytes, integer_at(*json, "bytes"));
    LANDFALL_TRY_ASSIGN(upload.content_type, string_at(*json, "content_type"));
    return {};
  }();
  if (!read) return bad_request(read.error());
  if (upload.bytes > kUploadBytesMax)
    return error_reply(413, "FILE_TOO_LARGE", "A file may have at most 10 MiB.");
  if (upload.bytes < 1 || upload.sha256.size() != 64 || !parse_id<AttachmentId>(upload.id))
    return error_reply(400, "BAD_REQUEST", "id, sha256 or bytes is no such thing.");
  if (const auto known = find(caller, upload.id)) {
    const bool is_same = known->sha256 == upload.sha256 && known->bytes == upload.bytes;
    return is_same ? offset_reply(known->content.size())
                   : error_reply(409, "ID_IN_USE", "The id names another file.");
  }
  const auto receipt = receipts_.find(upload.operation_id, now);
  if (!receipt || receipt->user_id != caller.user_id || receipt->status != "applied") {
    ledger_.add(Violation{"file_before_operation", upload.operation_id, upload.id, now});
    return error_reply(422, "OPERATION_UNKNOWN", "The operation was not applied.");
  }
  Query(database_, "INSERT OR REPLACE INTO uploads VALUES (?,?,?,?,?,?,'',0)", upload.id,
        caller.user_id, upload.operation_id, upload.sha256, upload.bytes, upload.content_type)
      .run();
  return offset_reply(0);
}

http::Response Files::send(const Caller& caller, const std::string& id,
                           const http::Request& request, Instant now) {
  auto upload = find(caller, id);
  if (!upload) return not_found();
  const auto range = range_in(request, "Content-Range", "bytes ");
  const auto length = static_cast<long long>(request.body.size());
  if (!range || range->last - range->first + 1 != length || range->last >= upload->bytes)
    return error_reply(400, "RANGE_INVALID", "Content-Range does not fit the body.");
  if (range->first > static_cast<long long>(upload->content.size()))
    return error_reply(409, "OFFSET", "The bytes before these are not here.");
  return take(caller, std::move(*upload), range->first, request.body, now);
}

// What is here already is passed over, so that a piece that comes twice changes nothing.
http::Response Files::take(const Caller& caller, Upload upload, std::int64_t from,
                           const std::string& piece, Instant now) {
  const FileFault fault = hook_ ? hook_(upload.id) : FileFault{};
  const auto known =
      static_cast<std::size_t>(static_cast<std::int64_t>(upload.content.size()) - from);
  if (known < piece.size()) upload.content += piece.substr(known);
  if (fault.keep_bytes) {
    const auto kept = static_cast<std::size_t>(from + *fault.keep_bytes);
    if (kept < upload.content.size()) upload.content.resize(kept);
    save(upload);
    return error_reply(500, "INTERNAL", "The piece broke off.");
  }
  const bool is_whole = static_cast<std::int64_t>(upload.content.size()) == upload.bytes;
  if (is_whole && !upload.complete)
    return complete(caller, std::move(upload), fault.find_mismatch, now);
  save(upload);
  if (fault.say_offset) return offset_reply(static_cast<std::size_t>(*fault.say_offset));
  return offset_reply(upload.content.size());
}

http::Response Files::complete(const Caller& caller, Upload upload, bool spoil, Instant now) {
  if (spoil || hex_of(hash_of(upload.content)) != upload.sha256) {
    upload.content.clear();
    save(upload);
    return error_reply(422, "HASH_MISMATCH", "The content has another hash.");
  }
  upload.complete = true;
  save(upload);
  ledger_.add(
      StoredFile{upload.id, upload.operation_id, caller.user_id, upload.sha256, upload.bytes, now});
  return offset_reply(upload.content.size());
}

http::Response Files::offset(const Caller& caller, const std::string& id) {
  const auto upload = find(caller, id);
  if (!upload) return not_found();
  auto reply = ok_reply("");
  reply.headers.emplace_back("Upload-Offset", std::to_string(upload->content.size()));
  return reply;
}

http::Response Files::read(const Caller& caller, const std::string& id,
                           const http::Request& request) {
  const auto upload = find(caller, id);
  if (!upload || !upload->complete) return not_found();
  return content_reply(upload->content, upload->content_type, request);
}

http::Response Files::read_report(const std::string& id, const http::Request& request) {
  const auto content = report_content(id);
  return content ? content_reply(*content, "application/pdf", request) : not_found();
}

}  // namespace landfall::backend
