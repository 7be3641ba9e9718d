#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace landfall::attachments {

// The numbers of these are stored: append only.

enum class Direction { up = 0, down = 1 };

enum class State {
  waiting = 0,    // for its turn, for time or for the network
  blocked = 1,    // for something that time alone does not bring
  done = 2,       // the other side's content and ours are the same, by hash
  failed = 3,     // retries spent; the user may retry it
  rejected = 4,   // the server will not take it, or has no such file
  cancelled = 5,  // before the server heard of it
  discarded = 6
};

enum class Block {
  none = 0,
  auth = 1,
  permission = 2,
  server = 3,
  upgrade = 4,
  operation = 5  // the operation it belongs to needs its user's word first
};

// What the server is asked next.
enum class Step {
  start = 0,   // up: announce it
  offset = 1,  // up: ask how much the server has, because an answer was lost
  send = 2,    // up: the next piece
  fetch = 3,   // down: the next piece
  check = 4    // down: all is here, to be compared with its hash; no call
};

// Why it has a due time: the ladder bends at the edge offline -> online, a server's wish does not.
enum class Wait { none = 0, ladder = 1, server = 2 };

[[nodiscard]] std::string_view to_string(Direction direction) noexcept;
[[nodiscard]] std::string_view to_string(State state) noexcept;
[[nodiscard]] std::string_view to_string(Block block) noexcept;

// Nothing will be sent or fetched for it again.
[[nodiscard]] constexpr bool is_settled(State state) noexcept {
  return state == State::done || state == State::cancelled || state == State::discarded;
}

// Where an instant stands for none.
inline constexpr Instant kNever{};

using ContentHash = std::array<std::byte, 32>;  // SHA-256

// Lower-case hex, as it stands on the wire.
[[nodiscard]] std::string to_hex(const ContentHash& hash);
// Nothing unless it is 64 hex digits.
[[nodiscard]] std::optional<ContentHash> hash_from_hex(std::string_view text);

// One file on its way. The content is in a sealed file of the same id (store::SealedFiles); going
// up it never changes, going down its first `confirmed` bytes are there.
struct Transfer {
  std::int64_t seq = 0;
  AttachmentId id;
  Direction direction = Direction::up;
  std::optional<OperationId> operation;  // up: that it belongs to
  EntityKey entity;  // its file is kept while operations of this lane are not settled; empty: none
  std::string source;     // down: the profile's kind of file
  std::string source_id;  // down: the server's name of it
  std::string content_type;
  std::int64_t bytes = 0;  // 0: not known yet
  std::int64_t piece_bytes = 0;
  std::optional<ContentHash> sha256;
  bool hash_given = false;  // down: by the host, so that it holds for every version
  std::string etag;
  State state = State::waiting;
  Block block = Block::none;
  Step step = Step::start;
  std::int64_t confirmed = 0;  // bytes that the other side has (up), or that are here (down)
  std::int64_t sent_to = 0;    // up: behind the last byte that ever left
  int attempts = 0;            // failures in a row without progress
  int restarts = 0;            // how often the other side lost what it had
  Instant due_at;              // zero: at once
  Wait wait = Wait::none;
  Instant waiting_since;  // zero: no free wait
  std::string cause;
  bool has_file = false;
  Instant first_sent_at;  // zero: the server never heard of it
  Instant created_at;
  Instant settled_at;  // zero while it is open
  Instant used_at;

  friend bool operator==(const Transfer&, const Transfer&) = default;
};

}  // namespace landfall::attachments
