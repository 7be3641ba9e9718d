#include "engine/sync/dependents.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "engine/store/operation_table.hpp"

namespace landfall::sync {

Result<std::vector<Operation>> with_dependents(const store::Reader& reader, Operation operation) {
  std::vector<Operation> operations{std::move(operation)};
  for (std::size_t i = 0; i < operations.size(); ++i) {
    LANDFALL_TRY_ASSIGN(auto dependents,
                        store::OperationTable::dependents(reader, operations[i].id));
    for (Operation& dependent : dependents) {
      if (!is_settled(dependent.state)) operations.push_back(std::move(dependent));
    }
  }
  std::sort(operations.begin(), operations.end(),
            [](const Operation& a, const Operation& b) { return a.seq < b.seq; });
  return operations;
}

std::vector<OperationId> ids_of(const std::vector<Operation>& operations) {
  std::vector<OperationId> ids;
  ids.reserve(operations.size());
  for (const Operation& operation : operations) ids.push_back(operation.id);
  return ids;
}

}  // namespace landfall::sync
