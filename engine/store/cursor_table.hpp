#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace landfall::store {

class Reader;
class Transaction;

// The table `cursors`: how far this device has pulled in each scope. Written by the pull machine
// only, always in the transaction that stores the page which the cursor came with (INV-Q11).
struct PullCursor {
  std::optional<std::string>
      cursor;              // the server's, opaque; nothing starts the scope from its beginning
  std::int64_t round = 1;  // of full pulls; raised by each reset
  bool complete = false;   // the pull of this round has reached its end once
};

// Nothing when the scope was never pulled.
[[nodiscard]] Result<std::optional<PullCursor>> find_cursor(const Reader& reader,
                                                            std::string_view scope);

// One that says what is stored writes nothing: most pulls bring no change.
[[nodiscard]] Status save_cursor(Transaction& tx, std::string_view scope, const PullCursor& cursor,
                                 Instant now);

// When a pull of the scope last reached its end; nothing when none did since the file was made or
// the cache was cleared, and of the scope without a name.
[[nodiscard]] Result<std::optional<Instant>> completed_at(const Reader& reader,
                                                          std::string_view scope);
// Known at once, and written with the next transaction that writes anyway: most pulls bring
// nothing, and a phone that idles writes nothing (benchmarks.md, idle). A crash before that makes
// what is here look a little older than it is.
void note_completed(Transaction& tx, std::string_view scope, Instant now);

}  // namespace landfall::store
