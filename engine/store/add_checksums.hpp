#pragma once

#include <span>

#include "engine/base/result.hpp"
#include "engine/store/files.hpp"
#include "engine/store/quarantine.hpp"
#include "schema/embedded.hpp"

namespace landfall::store {

// Before a database is opened: one from before pages carried checksums is written anew with them,
// row by row, beside the old one, and takes its name when it is on the medium. Wherever a crash
// cuts it short, the old file or the new one stands there whole. Every table of `migrations` up to
// the file's own version is taken over; the versions behind it are applied by the opening.
//
// Nothing happens to a file that has checksums, or that is none of ours. Errors: storage.full (the
// old file serves on without checksums), store.newer, store.corrupt (there is damage to salvage
// from), and those of Files and Database::open; the old file stands in any case.
[[nodiscard]] Status add_checksums(Files& files, const Replacement& replacement,
                                   std::span<const schema::Migration> migrations);

}  // namespace landfall::store
