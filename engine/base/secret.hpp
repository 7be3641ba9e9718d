#pragma once

#include <memory>
#include <utility>

namespace landfall {

// A value that must not reach a log, a trace or an error. It cannot be printed, compared by
// accident or converted to JSON; whoever needs the value writes `reveal()`, which a reader can
// search for.
template <class T>
class Secret final {
 public:
  Secret() = default;
  explicit Secret(T value) : value_(std::move(value)) {}

  [[nodiscard]] const T& reveal() const noexcept { return value_; }

 private:
  T value_{};
};

// How a secret travels in a message: shared, immutable, never copied byte by byte.
template <class T>
using SharedSecret = std::shared_ptr<const Secret<T>>;

template <class T>
[[nodiscard]] SharedSecret<T> share(Secret<T> secret) {
  return std::make_shared<const Secret<T>>(std::move(secret));
}

}  // namespace landfall
