#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/attachments/setback.hpp"
#include "engine/attachments/transfer.hpp"
#include "engine/http/api_call.hpp"

namespace landfall::attachments {

// The way down (P-54, P-75; wire.md, "Files"), as decisions about one transfer. Pure: no table, no
// file. Pieces come by GET with Range; from the second on with If-Range, so that a file which
// changed meanwhile begins again instead of being sewn together from two. What can neither be held
// against a validator nor against a hash is not taken.

// Content in an answer that fits what was asked for.
struct Fetched {
  std::int64_t from = 0;   // its place in the file; zero for a whole one
  bool is_whole = false;   // the server answered with all of it
  std::int64_t total = 0;  // bytes of the whole file
  std::string etag;
  std::string content_type;
  std::optional<ContentHash> sha256;  // of the whole, where the server names it (Repr-Digest)
};

// The call of a transfer whose step is `fetch`.
[[nodiscard]] http::ApiCall download_call(const Transfer& transfer,
                                          const profile::AttachmentRules& rules);

// Nothing when the answer has no content to be stored; then on_download_answer decides.
[[nodiscard]] std::optional<Fetched> fetched_in(const Transfer& transfer,
                                                const http::Answer& answer);

// The content is in the sealed file and on the medium.
void on_download_stored(Transfer& transfer, const Fetched& fetched);

// An answer without content to be stored.
void on_download_answer(Transfer& transfer, const http::Answer& answer, const StepContext& context);

// All pieces were read again. Nothing: one of them is damaged or missing.
void on_download_checked(Transfer& transfer, const std::optional<ContentHash>& actual,
                         const StepContext& context);

}  // namespace landfall::attachments
