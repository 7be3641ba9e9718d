#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {

// The row of one user in device.db's `tokens`. Only auth_token writes this table
// (schema/README.md). What the record holds is auth::TokenRecord's matter; here it is sealed bytes.
struct TokenRow {
  std::int64_t generation =
      0;  // clear, so that a login over a record that does not open still counts on
  std::vector<std::byte> record;  // sealed under the user's token key
};

// Nothing when the user has no row. Errors: those of the database.
[[nodiscard]] Result<std::optional<TokenRow>> read_tokens(const Reader& device,
                                                          std::string_view user_id);

// Inserts or replaces the whole row: both generations and the intent change together (INV-A4).
[[nodiscard]] Status write_tokens(Transaction& device, std::string_view user_id,
                                  std::int64_t generation, std::span<const std::byte> record);

// Removing a row that is not there is no error.
[[nodiscard]] Status remove_tokens(Transaction& device, std::string_view user_id);

}  // namespace landfall::store
