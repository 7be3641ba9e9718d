#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "mobile_glue/device_clock.hpp"

namespace landfall::demo {

// Who a line of the display is about.
enum class Who { story, user, phone, network, server, other };

// What happens, as it happens, with both clocks. On a terminal the operations stand below the
// lines and change in place; elsewhere each change that matters is a line. Any thread.
class Display final {
 public:
  // The clock outlives the display.
  Display(std::FILE* output, bool is_live, const glue::DeviceClock& clock);
  // Leaves the last picture.
  ~Display();
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;

  void say(Who who, const std::string& text);
  // A row of the live picture; the first time it appears, later it changes.
  void show_operation(const std::string& id, const std::string& label, const std::string& state,
                      int attempts);
  void show_network(const std::string& state);
  void show_connectivity(const std::string& state);
  // Real time since the display began.
  [[nodiscard]] std::chrono::milliseconds elapsed() const;
  // No live picture from here on, so that others can write below it.
  void end();

 private:
  struct Row {
    std::string id;
    std::string label;
    std::string state;
    int attempts = 0;
  };

  [[nodiscard]] std::string clocks() const;
  void erase_picture();
  void draw_picture();
  void tick();

  std::FILE* const output_;
  const bool is_live_;
  const glue::DeviceClock& clock_;
  const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_over_ = false;
  std::vector<Row> rows_;
  std::string network_ = "good";
  std::string connectivity_ = "opening";
  std::size_t lines_drawn_ = 0;
  std::thread ticker_;
};

// "approve PO-2026-001…": cut to so many columns where it is longer, padded where it is shorter.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t columns);

}  // namespace landfall::demo
