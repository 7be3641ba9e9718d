#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace landfall::store {

// Decides over a file that is kept for the room it takes (INV-S3). A disk without a free byte
// cannot take the commit that a verdict needs, so that work which the server has decided would stay
// in the outbox for ever. When a step that lets work out finds no room, the ballast goes and its
// room is the outbox's alone: nothing new is accepted until the ballast is back. Pure; whoever owns
// the directory carries it out.
class Ballast final {
 public:
  enum class Action { none, make, release };

  explicit Ballast(std::int64_t bytes) noexcept : bytes_(bytes) {}

  // The engine opens; `file_bytes` is what an earlier life left.
  [[nodiscard]] Action on_open(std::optional<std::int64_t> file_bytes) noexcept;
  // The step of this label found no room and was taken back.
  [[nodiscard]] Action on_full(std::string_view label) noexcept;
  // Time has passed. It is made only where as much as it takes stays free behind it, or the next
  // step would be refused again.
  [[nodiscard]] Action on_wake(std::int64_t free_bytes) noexcept;
  // What `make` led to.
  void on_made(bool made) noexcept;

  // Only what is accepted already may use the disk.
  [[nodiscard]] bool is_low() const noexcept { return state_ == State::released; }
  // Whether `on_wake` is wanted.
  [[nodiscard]] bool is_missing() const noexcept { return state_ != State::whole; }
  [[nodiscard]] std::int64_t bytes() const noexcept { return bytes_; }

 private:
  enum class State { wanted, whole, released };

  std::int64_t bytes_;
  State state_ = State::wanted;
};

// The file, in the engine's directory.
[[nodiscard]] inline std::string ballast_path(const std::string& directory) {
  return directory + "/ballast";
}

}  // namespace landfall::store
