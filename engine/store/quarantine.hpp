#pragma once

#include <functional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/store/files.hpp"
#include "engine/store/salvage.hpp"

namespace landfall::store {

// Where a damaged database goes and another one comes from.
struct Replacement {
  std::string directory;  // the engine's; damaged files are kept in <directory>/quarantine
  std::string path;       // of the database
  std::string vfs;
  Instant now;
};

// Where the one that takes its place is made: beside it, so that a rename is enough.
[[nodiscard]] std::string new_path(const Replacement& replacement);
// The database's log, which must never stand beside another file of its name.
[[nodiscard]] std::string log_path(const Replacement& replacement);
// Removes what an earlier try left of the new one.
[[nodiscard]] Status clear_new(Files& files, const Replacement& replacement);

// Sets a damaged database aside whole, file and log, and puts what `salvage` makes of it in its
// place. A process that dies in between leaves the old one or the new one, never none: see
// `finish_replacement`. Errors: those of `salvage` and of Files; then the damaged one stands where
// it stood.
[[nodiscard]] Status replace_database(Files& files, const Replacement& replacement,
                                      const std::function<Status(const SalvageOrder&)>& salvage);

// Before a database is opened: carries on with a replacement that a crash cut short.
[[nodiscard]] Status finish_replacement(Files& files, const Replacement& replacement);

}  // namespace landfall::store
