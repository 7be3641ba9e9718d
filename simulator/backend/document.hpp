#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace landfall::backend {

// One entity as the server knows it. `data` is JSON text with sorted keys (dump_json), because
// documents are stored, hashed and sent far more often than they are read.
struct Document {
  EntityKey key;
  std::int64_t row_version = 0;
  Instant updated_at;
  bool deleted = false;
  std::string data = "{}";
  std::optional<std::string> owner =
      std::nullopt;    // user id, kEverybody, or nothing: Tier 2, on demand
  bool listed = true;  // named by a full pull of its scope (an approval only while it is pending)
  std::int64_t change_seq = 0;
  std::optional<std::string> produced_by =
      std::nullopt;  // the operation that made this version, if one did
};

// The owner of documents that are in everybody's Tier 1.
inline constexpr std::string_view kEverybody = "*";

// Whether a user may see it at all.
[[nodiscard]] bool is_visible(const Document& document, std::string_view user_id);

// The wire form: {"entity_type","entity_id","row_version","updated_at","deleted","data"}, without
// `data` when deleted.
[[nodiscard]] std::string to_wire(const Document& document);

// Lower-case hex of SHA-256.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

// What oracles compare between a phone and the server: the hash of the data's JSON text with sorted
// keys, or of "null" for a tombstone.
[[nodiscard]] std::string document_hash(const Document& document);

// `text` as a JSON string with its quotes.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace landfall::backend
