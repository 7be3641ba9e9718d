#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace landfall::phone {

// Cuts a stream of bytes into lines. A line longer than the bound comes as its beginning, one byte
// longer than the bound, so that whoever reads it sees that it is too long; the rest is dropped.
class LineReader final {
 public:
  explicit LineReader(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  // The lines that these bytes complete, without their ends; empty ones are left out.
  [[nodiscard]] std::vector<std::string> feed(std::string_view bytes);
  // What stands after the last line end.
  [[nodiscard]] std::vector<std::string> end();

 private:
  void append(std::string_view part);

  const std::size_t line_bytes_max_;
  std::string line_;
};

}  // namespace landfall::phone
