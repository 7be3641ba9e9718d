#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/json_text.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/sync/document.hpp"

namespace landfall::sync {

// The bodies of POST pull and of its answers, as wire.md "Pull and read" has them. Pure. An answer
// is understood whole or not at all: one bad item refuses it, with pull.answer_invalid (transient)
// and the field that was wrong.

// A document as far as we know it, to be asked for again.
struct KnownDocument {
  EntityKey entity;
  std::optional<std::int64_t> row_version;  // nothing: not here yet
  bool for_conflict = false;                // one waits for what the server says of it
};

// One page of a scope.
struct PullPage {
  std::string cursor;
  bool has_more = false;
  std::vector<Document> changes;
  std::optional<Instant> server_time;  // nothing: it says none that is one
};

// What a refresh brought.
struct RefreshAnswer {
  std::vector<Document> changes;     // newer or deleted, all of them asked for
  std::vector<EntityKey> unchanged;  // ours are as new as the server's
  std::vector<EntityKey> unnamed;    // asked for, and the server says nothing of them
  std::optional<Instant> server_time;
};

// What the answers of all forms have in common. A body is an object; a list of documents has at
// most limits::kPullPageMax, and errors name the item below `path`.
[[nodiscard]] Result<Json> parse_answer(std::string_view body);
[[nodiscard]] Result<std::vector<Document>> parse_documents(
    const Json& items, std::string_view path, VersionZero zero = VersionZero::refused);
// Whatever is wrong with an answer is the server's fault and may pass; ours would be `invalid`.
[[nodiscard]] Error answer_invalid(Error error);

[[nodiscard]] std::string page_body(std::string_view device_id, std::string_view scope,
                                    const std::optional<std::string>& cursor, std::size_t limit);
[[nodiscard]] std::string refresh_body(std::string_view device_id,
                                       const std::vector<KnownDocument>& documents);

// `memory`: of the pages before, and for those that follow; null when it is one by itself.
[[nodiscard]] Result<PullPage> parse_page(std::string_view body, std::string_view scope,
                                          JsonText::Memory* memory = nullptr);
[[nodiscard]] Result<RefreshAnswer> parse_refresh(std::string_view body,
                                                  const std::vector<KnownDocument>& asked);

}  // namespace landfall::sync
