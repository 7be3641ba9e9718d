#pragma once

#include <string>

#include "engine/base/result.hpp"

namespace landfall::store {

class Connection;

// Whether the log beside a database was not written for it: one of another file, or an older one
// that somebody brought back. SQLite takes its pages for those of the file all the same, and would
// write them into it (INV-S4). It shows where the file says something of itself that never changes
// and the log another thing, or where the log takes commits back that the file has.
//
// `through_log` is an open connection to the file, `vfs` the one that it goes through. Reads a few
// pages, and only where there is a log. Errors: those of reading through the log.
[[nodiscard]] Result<bool> has_foreign_log(Connection& through_log, const std::string& path,
                                           const std::string& vfs);

// store.corrupt where it has one. To be asked before anything is moved from the log into the file.
[[nodiscard]] Status refuse_foreign_log(Connection& through_log, const std::string& path,
                                        const std::string& vfs);

}  // namespace landfall::store
