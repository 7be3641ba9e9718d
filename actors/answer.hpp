#pragma once

#include <memory>
#include <utility>

#include <caf/typed_response_promise.hpp>

#include "engine/base/result.hpp"

namespace landfall::actors {

// Holds a request until it is answered. Its destructor answers with an error, so that a caller
// hears something also when the actor that held the request dies; CAF 0.17 itself would stay
// silent.
template <class T>
class Answer final {
 public:
  using Promise = caf::typed_response_promise<Result<T>>;

  Answer(Promise promise, Error if_dropped)
      : promise_(std::move(promise)), if_dropped_(std::move(if_dropped)) {}
  Answer(Answer&& other) noexcept
      : promise_(std::exchange(other.promise_, Promise{})),
        if_dropped_(std::move(other.if_dropped_)) {}
  Answer& operator=(Answer&& other) noexcept {
    if (this != &other) {
      drop();
      promise_ = std::exchange(other.promise_, Promise{});
      if_dropped_ = std::move(other.if_dropped_);
    }
    return *this;
  }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() { drop(); }

  void deliver(Result<T> result) {
    if (!promise_.pending()) return;
    std::exchange(promise_, Promise{}).deliver(std::move(result));
  }

 private:
  void drop() { deliver(failure(if_dropped_)); }

  Promise promise_;
  Error if_dropped_;
};

// What a write is answered with when its actor died before it knew.
[[nodiscard]] inline Error write_indeterminate() {
  return Error{ErrorClass::indeterminate, "engine.restarted",
               "the engine restarted this part; ask again with the same id"};
}

// What a read is answered with in that case.
[[nodiscard]] inline Error read_interrupted() {
  return Error{ErrorClass::busy, "engine.restarted", "the engine restarted this part; ask again"};
}

}  // namespace landfall::actors
