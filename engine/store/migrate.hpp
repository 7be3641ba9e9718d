#pragma once

#include <cstdint>
#include <span>

#include "engine/base/result.hpp"
#include "engine/store/connection.hpp"
#include "schema/embedded.hpp"

namespace landfall::store {

// Marks a file as this engine's, so that another app's database is not taken for an old one of
// ours.
inline constexpr std::int64_t kApplicationId = 0x4c464c4c;

// Reads only. store.newer (refused): written by a newer version. store.corrupt: not this engine's,
// no database, or with a schema that runs code of its own.
[[nodiscard]] Status check_origin(Connection& connection,
                                  std::span<const schema::Migration> migrations);

// Applies what is missing, in order; each version commits with its number in one durable
// transaction, so that a kill at any point leaves one version or the next (INV-S1, INV-S7).
[[nodiscard]] Status apply_migrations(Connection& connection,
                                      std::span<const schema::Migration> migrations);

}  // namespace landfall::store
