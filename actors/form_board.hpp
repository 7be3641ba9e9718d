#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <string>

#include "schema/limits.hpp"

namespace landfall::actors {

// The screens with unsaved input that the host has open. They are the process's, not a scope's:
// they stay open while an actor is spawned anew and while the engine is suspended, and are gone
// with the process. Any thread.
class FormBoard final {
 public:
  // False when there are too many.
  [[nodiscard]] bool open(const std::string& form) {
    const std::lock_guard lock(mutex_);
    if (forms_.size() >= limits::kOpenFormsMax && !forms_.contains(form)) return false;
    forms_.insert(form);
    return true;
  }
  // One that is not open changes nothing.
  void close(const std::string& form) {
    const std::lock_guard lock(mutex_);
    forms_.erase(form);
  }
  [[nodiscard]] std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return forms_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> forms_;
};

}  // namespace landfall::actors
