#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace landfall::backend {

// How far a device has pulled in one scope. `full_until` is where the change sequence stood when
// the pull began without a cursor: up to there only living documents are named, behind it
// everything that changed.
struct Cursor {
  std::string scope;
  std::string user_id;
  std::int64_t seq = 0;
  std::int64_t full_until = 0;
};

// Opaque text with a check, so that a cursor that is cut, altered or of another user or scope is
// garbage.
[[nodiscard]] std::string encode_cursor(const Cursor& cursor, std::string_view secret);
[[nodiscard]] std::optional<Cursor> decode_cursor(std::string_view text, std::string_view scope,
                                                  std::string_view user_id,
                                                  std::string_view secret);

}  // namespace landfall::backend
