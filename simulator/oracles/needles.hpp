#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace landfall::oracles {

// Texts that must not stand in some bytes, in any of the ways in which they are written down: as
// they are, in base64 (both alphabets, at each of the three places in a group), hexadecimal, URL
// encoding and UTF-16. All of them are looked for in one pass.
class Needles final {
 public:
  static constexpr std::size_t kBytesMin = 8;

  // `what` names it in what is said; the text itself never is. Shorter ones are not looked for.
  void add(const std::string& what, std::string_view text);
  // Bytes as they are and in hexadecimal and base64.
  void add_bytes(const std::string& what, std::string_view bytes);
  [[nodiscard]] bool empty() const { return needles_.empty(); }
  [[nodiscard]] std::size_t size() const { return needles_.size(); }

  struct Found {
    std::string what;  // with how it is written down: "a password (base64)"
    std::size_t at = 0;
  };
  // The first one.
  [[nodiscard]] std::optional<Found> find(std::span<const std::uint8_t> bytes) const;

 private:
  struct Needle {
    std::string what;
    std::string bytes;
  };

  void add_one(std::string what, std::string bytes);
  void add_written(const std::string& what, std::string_view bytes);

  std::vector<Needle> needles_;
  std::bitset<65'536> starts_;                                    // the first two bytes of any
  std::unordered_multimap<std::uint32_t, std::size_t> by_start_;  // the first four bytes
};

}  // namespace landfall::oracles
