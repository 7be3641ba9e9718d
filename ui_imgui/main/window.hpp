#pragma once

#include <memory>
#include <string>

#include "engine/base/result.hpp"
#include "ui_imgui/main/png_file.hpp"

struct GLFWwindow;

namespace landfall::ui {

struct WindowOptions {
  int width = 1600;
  int height = 1000;
  bool follows_monitor = true;  // waits for its refresh, and grows with its scale
};

// One window with an OpenGL 3 context and ImGui's own context and theme in it. On the main thread;
// one at a time.
class Window final {
 public:
  // Errors: window.unavailable (no display, or no OpenGL 3.2).
  [[nodiscard]] static Result<std::unique_ptr<Window>> open(const WindowOptions& options);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  [[nodiscard]] bool should_close() const;
  // Between these two ImGui draws. `end_frame` shows what was drawn, and copies it into `picture`
  // unless that is null.
  void begin_frame();
  void end_frame(Picture* picture = nullptr);
  // Sleeps until something is pressed or moved, at most so long.
  void wait_for_input(double seconds_max);
  // Since some moment before the window was opened.
  [[nodiscard]] double seconds() const;

 private:
  explicit Window(GLFWwindow* window) : window_(window) {}

  GLFWwindow* window_;
};

}  // namespace landfall::ui
