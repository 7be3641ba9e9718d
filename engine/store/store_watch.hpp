#pragma once

#include <string_view>

namespace landfall::store {

// Hears what a database's own callers cannot put right. Called on the thread of the read or write
// that met it, when its transaction is over and the gate is left; any thread.
class StoreWatch {
 public:
  virtual ~StoreWatch() = default;
  // A write of this label found no room on the disk and was rolled back.
  virtual void on_full(std::string_view label) noexcept = 0;
  // A read or a write met bytes that cannot be trusted: store.corrupt, or seal.broken.
  virtual void on_corrupt(std::string_view code) noexcept = 0;
};

}  // namespace landfall::store
