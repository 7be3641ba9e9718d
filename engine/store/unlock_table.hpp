#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/store/transaction.hpp"
#include "engine/unlock/elapsed_clock.hpp"

namespace landfall::store {

// The tables `unlocks` and `elapsed` of device.db. Only session writes them (schema/README.md).

// The sealed record of one user; what it holds is unlock::UnlockRecord's matter. Nothing when the
// user has none.
[[nodiscard]] Result<std::optional<std::vector<std::byte>>> read_unlock(const Reader& device,
                                                                        std::string_view user_id);
// Inserts or replaces it.
[[nodiscard]] Status write_unlock(Transaction& device, std::string_view user_id,
                                  std::span<const std::byte> record);

// How far time has come on this device; nothing before the first mark.
[[nodiscard]] Result<std::optional<unlock::ClockMark>> read_clock(const Reader& device);
[[nodiscard]] Status write_clock(Transaction& device, const unlock::ClockMark& mark);

}  // namespace landfall::store
