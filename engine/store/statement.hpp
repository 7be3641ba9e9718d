#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/assert.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

struct sqlite3_stmt;

namespace landfall::store {

class Connection;
struct CachedStatement;

namespace detail {
template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsUuid = false;
template <class Tag>
inline constexpr bool kIsUuid<Uuid<Tag>> = true;
template <class T>
struct Mapped {
  using type = T;
};
template <class T>
struct Mapped<Result<T>> {
  using type = T;
};
}  // namespace detail

// A prepared statement, borrowed from its connection's cache and given back, reset and without
// copies of values, when it goes out of scope. It is prepared once a connection. Binding fails
// silently and `step` reports it, so that a row of binds needs no check each. It does not outlive
// the transaction or snapshot it came from.
class Statement final {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Binds all parameters, in the order ?1, ?2, …; their number must be the statement's. Accepted:
  // integers, bool, enums (by value), Instant and Duration (ms), text, bytes, Uuid (16 bytes),
  // std::optional of those, nullptr. Text and bytes are referred to, not copied: they live until
  // the statement is given back, or `copy_values` was called first.
  template <class... Values>
  void bind_all(const Values&... values) {
    expect_parameters(static_cast<int>(sizeof...(Values)));
    int index = 0;
    (bind(++index, values), ...);
    is_bound_ = true;
  }
  void copy_values() noexcept { copies_ = true; }

  // True: a row is there. False: done. Errors: see sqlite_error.hpp.
  [[nodiscard]] Result<bool> step();

 private:
  friend class Connection;
  friend class Rows;

  Statement(Connection& connection, CachedStatement& cached) noexcept;

  template <class T>
  void bind(int index, const T& value) {
    if constexpr (detail::kIsOptional<T>) {
      if (value) {
        bind(index, *value);
      } else {
        bind_null(index);
      }
    } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
      bind_null(index);
    } else if constexpr (std::is_enum_v<T>) {
      bind_integer(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_integral_v<T>) {
      static_assert(sizeof(T) < 8 || std::is_signed_v<T>, "a column holds a signed 64-bit integer");
      bind_integer(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<T, Instant>) {
      bind_integer(index, value.unix_ms);
    } else if constexpr (std::is_same_v<T, Duration>) {
      bind_integer(index, value.count());
    } else if constexpr (detail::kIsUuid<T>) {
      bind_bytes(index, std::as_bytes(std::span(value.bytes)));
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      bind_text(index, value);
    } else {
      static_assert(std::is_convertible_v<const T&, std::span<const std::byte>>,
                    "no column type for this");
      bind_bytes(index, value);
    }
  }

  void expect_parameters(int count) const;
  void bind_null(int index);
  void bind_integer(int index, std::int64_t value);
  void bind_text(int index, std::string_view value);
  void bind_bytes(int index, std::span<const std::byte> value);
  void note(int sqlite_code) noexcept;

  Connection* connection_;
  CachedStatement* cached_;
  int bind_code_ = 0;
  bool copies_ = false;
  bool is_bound_ = false;
};

// The rows of one SELECT, one at a time. A column that holds another type than the one asked for (a
// damaged or foreign file) reads as zero or empty and makes the next `next` fail with
// store.corrupt; so read to the end, or use `first` and `all`, which check.
class Rows final {
 public:
  explicit Rows(Statement statement) : statement_(std::move(statement)) {}

  // True: the accessors below read the next row. False: there are no more.
  [[nodiscard]] Result<bool> next();

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] bool boolean(int column) const { return integer(column) != 0; }
  [[nodiscard]] Instant instant(int column) const { return Instant{integer(column)}; }
  // Views are valid until the next `next`.
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::span<const std::byte> bytes(int column) const;
  template <class Id>
  [[nodiscard]] Id id(int column) const {
    Id result;
    read_id(column, result.bytes);
    return result;
  }

  // Reads a column that may be NULL: `rows.optional(2, [&](int c) { return rows.integer(c); })`.
  template <class F>
  [[nodiscard]] auto optional(int column, F read) const
      -> std::optional<std::invoke_result_t<F, int>> {
    if (is_null(column)) return std::nullopt;
    return read(column);
  }

  // Maps the first row, if there is one; `map(const Rows&)` returns a value or a Result of one.
  template <class F>
  [[nodiscard]] auto first(F map) -> Result<
      std::optional<typename detail::Mapped<std::invoke_result_t<F, const Rows&>>::type>> {
    using Value = typename detail::Mapped<std::invoke_result_t<F, const Rows&>>::type;
    LANDFALL_TRY_ASSIGN(const bool found, next());
    if (!found) return std::optional<Value>{};
    Result<Value> value = map(std::as_const(*this));
    LANDFALL_TRY(checked());
    if (!value) return failure(std::move(value.error()));
    return std::optional<Value>{std::move(*value)};
  }

  // Maps every row that is left, in order; stops at the first error.
  template <class F>
  [[nodiscard]] auto all(F map)
      -> Result<std::vector<typename detail::Mapped<std::invoke_result_t<F, const Rows&>>::type>> {
    using Value = typename detail::Mapped<std::invoke_result_t<F, const Rows&>>::type;
    std::vector<Value> values;
    while (true) {
      LANDFALL_TRY_ASSIGN(const bool found, next());
      if (!found) return values;
      Result<Value> value = map(std::as_const(*this));
      LANDFALL_TRY(checked());
      if (!value) return failure(std::move(value.error()));
      values.push_back(std::move(*value));
    }
  }

  // store.corrupt when a column so far held another type than was asked for.
  [[nodiscard]] Status checked() const;

 private:
  [[nodiscard]] bool has_type(int column, int type) const;
  void read_id(int column, std::span<std::uint8_t, 16> bytes) const;
  [[nodiscard]] sqlite3_stmt* handle() const noexcept;

  Statement statement_;
  mutable bool mismatched_ = false;
};

}  // namespace landfall::store
