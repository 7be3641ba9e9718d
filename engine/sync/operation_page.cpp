#include "engine/sync/operation_page.hpp"

#include <utility>

#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

// Leaves out of the page what its payloads have no room for.
Status read_payloads(const store::Reader& reader, const store::Sealer& outbox_key,
                     OperationPage& page) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < page.operations.size(); ++i) {
    LANDFALL_TRY_ASSIGN(auto content,
                        OperationTable::content(reader, outbox_key, page.operations[i]));
    bytes += content.payload.size();
    if (bytes > limits::kListPayloadBytesMax && i > 0) {
      page.operations.resize(i);
      page.has_more = true;
      return {};
    }
    page.payloads.push_back(std::move(content.payload));
  }
  return {};
}

}  // namespace

Result<OperationPage> read_page(const store::Reader& reader, const store::Sealer& outbox_key,
                                const OperationQuery& query) {
  OperationPage page;
  LANDFALL_TRY_ASSIGN(page.operations, OperationTable::list(reader, query.settled, query.after_seq,
                                                            query.limit + 1));
  page.has_more = page.operations.size() > query.limit;
  if (page.has_more) page.operations.resize(query.limit);
  if (query.with_payload) LANDFALL_TRY(read_payloads(reader, outbox_key, page));
  return page;
}

}  // namespace landfall::sync
