#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {

// The table `registrations` of device.db, a sealed record a user. Only `devices` writes it
// (schema/README.md).
[[nodiscard]] Result<std::optional<std::vector<std::byte>>> read_registration(
    const Reader& device, std::string_view user_id);
[[nodiscard]] Status write_registration(Transaction& device, std::string_view user_id,
                                        std::span<const std::byte> record);

}  // namespace landfall::store
