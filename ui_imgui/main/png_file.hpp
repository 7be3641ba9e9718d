#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace landfall::ui {

struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;  // rows from the bottom up, three bytes a pixel
};

// False when the file cannot be written.
[[nodiscard]] bool write_png(const std::string& path, const Picture& picture);

}  // namespace landfall::ui
