#pragma once

#include <string>
#include <vector>

namespace landfall::bench {

struct LibrarySize {
  std::string name;        // "liblandfall.so"
  double stripped_mb = 0;  // what `strip` leaves of the file
};

// The engine's library and those that come with it onto a phone: SQLite, the actors' runtime and
// the sealing. The system's own (C++, TLS) are not counted. Throws std::runtime_error.
[[nodiscard]] std::vector<LibrarySize> library_sizes();

}  // namespace landfall::bench
