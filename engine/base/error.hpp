#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace landfall {

// The one classification of an expected failure, made where the failure enters the engine. It
// decides whether to retry, wait or give up; the code and message are for people.
enum class ErrorClass {
  invalid,        // the caller's input is wrong; the same call fails again
  busy,           // a bound is reached; the same call may succeed later
  wait_network,   // nothing left the device
  transient,      // the other side failed in a way that may pass
  auth,           // no valid session
  refused,        // permanently refused by policy, lock or permission
  storage_full,   // refused before anything was acknowledged
  corrupt,        // stored bytes cannot be trusted
  indeterminate,  // it may have happened; ask again by id
  internal        // the engine itself failed
};

[[nodiscard]] std::string_view to_string(ErrorClass kind) noexcept;

// What is still free of a bound.
struct Room {
  std::int64_t operations = 0;
  std::int64_t bytes = 0;

  friend bool operator==(const Room&, const Room&) = default;
};

// An expected failure as a value. `code` is `noun.problem` (`json.invalid`); `message` is safe to
// show and to log: it never holds a secret and quotes at most kQuotedInputBytesMax bytes of input,
// escaped.
struct Error {
  ErrorClass kind = ErrorClass::internal;
  std::string code;
  std::string message;
  std::optional<std::string> field = std::nullopt;   // path of the field, as "params.entity_id"
  std::optional<std::size_t> offset = std::nullopt;  // byte offset in the input
  std::optional<Room> room = std::nullopt;           // of a refusal by a bound of the outbox

  friend bool operator==(const Error&, const Error&) = default;
};

inline constexpr std::size_t kQuotedInputBytesMax = 256;

// Escapes control and non-ASCII bytes and cuts to kQuotedInputBytesMax, for use inside an error
// message.
[[nodiscard]] std::string quote_input(std::string_view input);

}  // namespace landfall
