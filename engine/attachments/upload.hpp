#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/attachments/setback.hpp"
#include "engine/attachments/transfer.hpp"
#include "engine/http/api_call.hpp"

namespace landfall::attachments {

// The way up (wire.md, "Files"), as decisions about one transfer. Pure: no table, no file.
//
//   start   POST {id, operation_id, sha256, bytes, content_type}   -> {"offset": n}
//   send    PATCH with Content-Range and one piece                 -> {"offset": n}
//   offset  HEAD, behind every answer that was lost                -> Upload-Offset
//
// The server's offset is what counts: behind what was sent, the bytes from there go again; ahead of
// what is believed to be there (an answer was lost), they do not. It is done when the server has
// all bytes and has said so to a send or an offset; the server compares the hash before it does.

// Content to be sent: from `from` up to the end of the piece that this byte is in, or of the file.
struct Range {
  std::int64_t from = 0;
  std::int64_t to = 0;  // behind the last byte

  friend bool operator==(const Range&, const Range&) = default;
};

// Of a transfer whose step is `send`.
[[nodiscard]] Range next_range(const Transfer& transfer);

// The call of the transfer's step. A `send` gets its body from the sealed file, and its
// Content-Range from `next_range`.
[[nodiscard]] http::ApiCall upload_call(const Transfer& transfer,
                                        const profile::AttachmentRules& rules);

// It leaves now: what may have reached the server counts as sent before it is.
void on_upload_sent(Transfer& transfer, Instant now);

// The answer to the call of its step.
void on_upload_answer(Transfer& transfer, const http::Answer& answer, const StepContext& context);

// Nobody knows what became of the call that was under way: a process died, or the scope ended.
void on_upload_lost(Transfer& transfer);

// All bytes may have reached the server, though it never said so.
[[nodiscard]] bool may_be_complete(const Transfer& transfer);

}  // namespace landfall::attachments
