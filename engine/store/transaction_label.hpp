#pragma once

namespace landfall::store {

// The file control by which a database tells the VFS below it that a transaction begins to write:
// its argument is a `const std::string_view*`, the label. A simulated disk dies in the middle of a
// transaction by its name; the system's VFS does not know the number and does nothing. Numbers
// below 100 are SQLite's own.
inline constexpr int kTransactionLabelControl = 0x4c46;

}  // namespace landfall::store
