#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/http/message.hpp"

namespace landfall::transport {

// Header blocks of one connection as RFC 7541 has them: what was said before is named by a number.
//
// nghttp2 has an encoder too, which never gives `authorization` a number: a proxy whose connection
// several share must not say whose token is whose. Here one user speaks to one server on a
// connection of their own, and the token is the longest of all headers. Values are not
// Huffman-coded, because those that come once more cost a byte either way. Pure.
class HpackEncoder final {
 public:
  // Names in lower case, pseudo-headers first.
  [[nodiscard]] std::string encode(const http::Headers& headers);
  // How much the server will remember, as RFC 7541 counts; never more than kTableBytesMax is used.
  // Said to the server with the next block.
  void set_table_bytes_max(std::size_t bytes);

 private:
  static constexpr std::size_t kTableBytesMax = 4'096;  // what holds where nobody says otherwise

  using Field = std::pair<std::string, std::string>;

  void encode_field(std::string& block, const Field& field);
  // A value that is another with every request is not worth its place: one is remembered with its
  // name, and once it was sent twice in a row.
  [[nodiscard]] bool is_worth_a_number(const Field& field);
  void remember(const Field& field);
  void evict_beyond(std::size_t bytes);

  std::deque<Field> table_;  // newest first, as both sides number it
  std::size_t table_bytes_ = 0;
  std::size_t table_bytes_max_ = kTableBytesMax;
  std::optional<std::size_t> unsaid_min_;  // the least it was since the last block
  // Of each name the last value's hash; as many as a profile has headers.
  std::vector<std::pair<std::string, std::size_t>> lasts_;
};

}  // namespace landfall::transport
