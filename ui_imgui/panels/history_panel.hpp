#pragma once

#include <cstdint>

#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// How many operations were unsettled over virtual time, with the spells without network, server or
// process behind the curve, and the crashes as marks.
class HistoryPanel final {
 public:
  void draw(const Snapshot& snapshot);

 private:
  void draw_spans();

  std::int64_t span_ms_ = 30 * 60'000;  // how far back; zero: from the beginning
};

}  // namespace landfall::ui
