#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {

// Facts about a database itself, by name. Stateless; both kinds of database have the table.
class MetaTable final {
 public:
  [[nodiscard]] static Result<std::optional<std::string>> get(const Reader& reader,
                                                              std::string_view name);
  [[nodiscard]] static Status set(Transaction& tx, std::string_view name, std::string_view value);
  [[nodiscard]] static Status remove(Transaction& tx, std::string_view name);
};

}  // namespace landfall::store
