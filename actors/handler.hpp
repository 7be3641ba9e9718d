#pragma once

#include <functional>
#include <utility>

namespace landfall::actors {

// Of an answer, for `then`. To CAF all handlers of the same answer are then one class: for each it
// compiles tables, their types' names and how to call it, which for a lambda of each call is a good
// part of the library (docs/performance.md).
template <class Function>
[[nodiscard]] auto handler(Function function) {
  return std::function(std::move(function));
}

}  // namespace landfall::actors
