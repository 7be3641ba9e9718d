#include "engine/attachments/transfer.hpp"

#include <sodium.h>

namespace landfall::attachments {

std::string_view to_string(Direction direction) noexcept {
  return direction == Direction::up ? "up" : "down";
}

std::string_view to_string(State state) noexcept {
  switch (state) {
    case State::waiting:
      return "waiting";
    case State::blocked:
      return "blocked";
    case State::done:
      return "done";
    case State::failed:
      return "failed";
    case State::rejected:
      return "rejected";
    case State::cancelled:
      return "cancelled";
    case State::discarded:
      return "discarded";
  }
  return "waiting";
}

std::string_view to_string(Block block) noexcept {
  switch (block) {
    case Block::none:
      return "none";
    case Block::auth:
      return "auth";
    case Block::permission:
      return "permission";
    case Block::server:
      return "server";
    case Block::upgrade:
      return "upgrade";
    case Block::operation:
      return "operation";
  }
  return "none";
}

std::string to_hex(const ContentHash& hash) {
  std::array<char, 2 * sizeof(ContentHash) + 1> text{};
  sodium_bin2hex(text.data(), text.size(), reinterpret_cast<const unsigned char*>(hash.data()),
                 hash.size());
  return text.data();
}

std::optional<ContentHash> hash_from_hex(std::string_view text) {
  ContentHash hash{};
  if (text.size() != 2 * hash.size()) return std::nullopt;
  std::size_t bytes = 0;
  const int code = sodium_hex2bin(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                                  text.data(), text.size(), nullptr, &bytes, nullptr);
  if (code != 0 || bytes != hash.size()) return std::nullopt;
  return hash;
}

}  // namespace landfall::attachments
