#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// What happened, a line each, with a filter by words and by kind. It follows the end while it
// stands there.
class LogPanel final {
 public:
  void draw(const Snapshot& snapshot);

 private:
  void draw_filter();
  [[nodiscard]] bool is_wanted(const LogLine& line) const;

  std::array<char, 64> words_{};
  std::array<bool, kLogKinds> kinds_{true, true, true, true, true};
  std::vector<std::size_t> shown_;  // indices of the lines that pass
};

}  // namespace landfall::ui
