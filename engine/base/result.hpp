#pragma once

#include "engine/base/error.hpp"

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace landfall {

// A value or the Error that kept it from being; must be looked at.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}
};

using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> failure(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

[[nodiscard]] inline tl::unexpected<Error> failure(ErrorClass kind, std::string code,
                                                   std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(code), std::move(message)});
}

}  // namespace landfall

#define LANDFALL_CONCAT_INNER(a, b) a##b
#define LANDFALL_CONCAT(a, b) LANDFALL_CONCAT_INNER(a, b)

// Returns the error of `expression` from the enclosing function. It is a macro because nothing else
// can return. Names are counted, because an expression may hold a lambda that uses the macro too.
#define LANDFALL_TRY(expression) \
  LANDFALL_TRY_INNER(expression, LANDFALL_CONCAT(landfall_status_, __COUNTER__))
#define LANDFALL_TRY_INNER(expression, name)                    \
  do {                                                          \
    if (auto name = (expression); !name) {                      \
      return ::tl::unexpected<::landfall::Error>(name.error()); \
    }                                                           \
  } while (false)

// `LANDFALL_TRY_ASSIGN(auto row, read_row());` declares the value or returns the error.
#define LANDFALL_TRY_ASSIGN(declaration, expression) \
  LANDFALL_TRY_ASSIGN_INNER(declaration, expression, LANDFALL_CONCAT(landfall_result_, __COUNTER__))
#define LANDFALL_TRY_ASSIGN_INNER(declaration, expression, name) \
  auto name = (expression);                                      \
  if (!name) {                                                   \
    return ::tl::unexpected<::landfall::Error>(name.error());    \
  }                                                              \
  declaration = std::move(*name)
