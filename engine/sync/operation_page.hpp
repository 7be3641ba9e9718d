#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/sync/operation.hpp"

namespace landfall::store {
class Reader;
class Sealer;
}  // namespace landfall::store

namespace landfall::sync {

// What of the outbox its host asks to see.
struct OperationQuery {
  bool settled = false;        // those that are settled as well
  std::int64_t after_seq = 0;  // those that were accepted behind it
  std::size_t limit = 0;
  bool with_payload = false;  // and what was handed in, as it stands in the outbox now
};

struct OperationPage {
  std::vector<Operation> operations;  // in order of acceptance
  // Of each of them, compact JSON; empty where they were not asked for. What the user wrote: for
  // the host alone.
  std::vector<std::string> payloads;
  bool has_more = false;
};

// At most `limit` operations, and no more than payloads of kListPayloadBytesMax together, but one
// operation in any case. What waits can be read page by page whatever the server says, also of this
// version of the app (wire.md, 426: it stays exportable). seal.broken when a payload cannot be
// trusted.
[[nodiscard]] Result<OperationPage> read_page(const store::Reader& reader,
                                              const store::Sealer& outbox_key,
                                              const OperationQuery& query);

}  // namespace landfall::sync
