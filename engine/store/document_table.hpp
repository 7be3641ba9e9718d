#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/sync/document.hpp"

namespace landfall::store {

class Reader;
class Sealer;
class Transaction;

// The table `documents`: the server's last known state of entities, tombstones among them. The body
// is sealed under the documents key and bound to its entity, so that a body moved to another row
// does not open. Written by the pull machine only.

// Where a document belongs: the scope whose pulls carry it (empty: none, it was fetched on demand)
// and the full pull that named it last. What a scope no longer names goes at the end of its next
// full pull.
struct Naming {
  std::string_view scope;
  std::int64_t round = 0;
  bool by_page = false;  // a page of the scope names it now; else it only came while `round` was on
  bool pinned = false;   // it belongs to tier 1 of the cache; once pinned stays pinned
  // It came with a verdict, which may be an old receipt: the server had this version once, and what
  // became of it since may lie behind the scope's cursor. A new row is unconfirmed then, until a
  // page names it or the server is asked (find_unconfirmed).
  bool by_verdict = false;
};

// Stores `document` when it is new or newer than what is here; true then. An equal row_version
// confirms what is here, an older one changes nothing of the document. The sums of its tier change
// with it (document_tiers). `naming` is noted of a new row, and of a known one when a page says it:
// what came in another way must still be named by the full pull under way. (INV-Q11, INV-Q12.)
[[nodiscard]] Result<bool> put_document(Transaction& tx, Sealer& documents_key,
                                        const sync::Document& document, const Naming& naming,
                                        Instant now);

// The stored document, also when it is a tombstone. seal.broken when its body does not open.
[[nodiscard]] Result<std::optional<sync::Document>> find_document(const Reader& reader,
                                                                  const Sealer& documents_key,
                                                                  const EntityKey& entity);

// The row_version that is stored, tombstones included; nothing is opened.
[[nodiscard]] Result<std::optional<std::int64_t>> find_row_version(const Reader& reader,
                                                                   const EntityKey& entity);

// When the server last said that this version is its own: it sent it, or answered that it has no
// newer one (column stored_ms). Tombstones included.
struct Confirmation {
  std::int64_t rowid = 0;
  Instant at;
  std::string scope;  // see Naming
};
[[nodiscard]] Result<std::optional<Confirmation>> find_confirmation(const Reader& reader,
                                                                    const EntityKey& entity);
// The server has no newer version; true when there is one here to say it of. It is unconfirmed no
// more.
[[nodiscard]] Result<bool> confirm_document(Transaction& tx, const EntityKey& entity, Instant now);

// The documents of `scope` that came with verdicts to a cache which did not have them, and that no
// page and no answer about them has confirmed since: no pull may ever name them again (INV-Q13). At
// most `limit`, oldest rows first.
[[nodiscard]] Result<std::vector<EntityKey>> find_unconfirmed(const Reader& reader,
                                                              std::string_view scope,
                                                              std::size_t limit);
// The server was asked about this document and has said all that it will.
[[nodiscard]] Status end_unconfirmed(Transaction& tx, const EntityKey& entity);

// Removes the documents of `scope` that a full pull of `round` did not name; returns which they
// were. What came with a verdict while `round` was on stays.
[[nodiscard]] Result<std::vector<EntityKey>> remove_unnamed_documents(Transaction& tx,
                                                                      const Naming& naming);

}  // namespace landfall::store
