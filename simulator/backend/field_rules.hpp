#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "simulator/backend/rules.hpp"

namespace landfall::backend {

// What field agents do: they register farmers, change what is known of them and record what they
// bring.
[[nodiscard]] std::span<const ActionRule> field_rules();

// Whose a document is that this user makes; nothing for types that are fetched on demand.
[[nodiscard]] std::optional<std::string> owner_of_new(std::string_view entity_type,
                                                      std::string_view user_id);

}  // namespace landfall::backend
