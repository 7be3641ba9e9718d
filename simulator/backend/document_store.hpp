#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/backend/database.hpp"
#include "simulator/backend/document.hpp"
#include "simulator/backend/ledger.hpp"

namespace landfall::backend {

// The documents and the sequence of their changes. Every change raises row_version by one and takes
// the next change_seq, which is what cursors count.
class DocumentStore final {
 public:
  DocumentStore(BackendDatabase& database, Ledger& ledger);

  [[nodiscard]] std::optional<Document> find(const EntityKey& key);

  // Writes the next version of `document` (version one when its key is new) and returns it as it
  // now stands.
  Document put(Document document, Instant now, std::optional<std::string> produced_by);
  // Writes a tombstone as the next version.
  Document remove(Document document, Instant now, std::optional<std::string> produced_by);

  // Changes of a user's Tier 1 after `seq`, in order of change. Up to `full_until` only what a full
  // pull names.
  [[nodiscard]] std::vector<Document> tier1_after(std::string_view user_id, std::int64_t seq,
                                                  std::int64_t full_until, std::int64_t limit);
  // Living documents of a type that are Tier 2 or the user's own, ordered by id.
  [[nodiscard]] std::vector<Document> by_type(std::string_view type, std::string_view user_id,
                                              std::string_view after_id, std::int64_t limit);
  // What the user's lists show: living, listed documents of a type, ordered by id.
  [[nodiscard]] std::vector<Document> listed(std::string_view type, std::string_view user_id);
  // Everything with tombstones, ordered by key.
  [[nodiscard]] std::vector<Document> all();

  [[nodiscard]] std::int64_t last_seq() const { return last_seq_; }
  // Cursors before this are too old: tombstones they need are gone.
  [[nodiscard]] std::int64_t purge_mark() const { return purge_mark_; }
  void purge_tombstones();

  // What was written since this was last asked, each document as it stood then.
  [[nodiscard]] std::vector<Document> take_written();

  // After a rollback the sequence goes back to what is stored.
  void reload();

 private:
  void write(Document& document, Instant now);

  BackendDatabase& database_;
  Ledger& ledger_;
  std::vector<Document> written_;
  std::int64_t last_seq_ = 0;
  std::int64_t purge_mark_ = 0;
};

}  // namespace landfall::backend
