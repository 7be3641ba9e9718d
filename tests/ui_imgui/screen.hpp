#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/ui_imgui/drawn_text.hpp"
#include "ui_imgui/commands.hpp"
#include "ui_imgui/panels/desk.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The desk on a display that nobody sees: no window and no OpenGL, the same frames. Tests read its
// words and click on them.
class Screen final {
 public:
  explicit Screen(ImVec2 size = {1600, 1000});
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  Snapshot snapshot;  // what the next frames show

  void frame();
  // Every line of the last frame.
  [[nodiscard]] const std::vector<DrawnText>& lines() const { return lines_; }
  [[nodiscard]] bool shows(const std::string& words) const;
  // The n-th line that has these words, counted from 0 as they are drawn; fails the test when there
  // is none.
  [[nodiscard]] DrawnText find(const std::string& words, std::size_t n = 0) const;

  // Moves the mouse onto the words, presses and lets go, in frames of their own.
  void click(const std::string& words, std::size_t n = 0);
  void drag(ImVec2 from, ImVec2 to);
  void type(const std::string& words);

  // What was asked for since the last call. That hands were on the phone's screen is kept apart: it
  // comes with whatever is moved or typed there.
  [[nodiscard]] Commands take_commands();
  // How often they were, since the last call.
  [[nodiscard]] int take_uses();

 private:
  Desk desk_;
  std::vector<DrawnText> lines_;
  Commands commands_;
  int uses_ = 0;
};

// The only command of that type; fails the test when there is none or another one beside it.
template <class Wanted>
[[nodiscard]] std::optional<Wanted> only(const Commands& commands) {
  if (commands.size() != 1) return std::nullopt;
  const auto* wanted = std::get_if<Wanted>(&commands.front());
  return wanted != nullptr ? std::optional(*wanted) : std::nullopt;
}

}  // namespace landfall::ui
