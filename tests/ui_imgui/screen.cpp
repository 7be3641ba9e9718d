#include "tests/ui_imgui/screen.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>
#include <variant>

#include "ui_imgui/draw/theme.hpp"

namespace landfall::ui {

Screen::Screen(ImVec2 size) {
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.DisplaySize = size;
  io.DeltaTime = 1.0F / 60;
  unsigned char* pixels = nullptr;
  int width = 0, height = 0;
  io.Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);
  io.Fonts->SetTexID(reinterpret_cast<ImTextureID>(1));
  apply_theme(1);
}

Screen::~Screen() { ImGui::DestroyContext(); }

void Screen::frame() {
  ImGui::NewFrame();
  for (auto& command : desk_.draw(snapshot)) {
    if (std::holds_alternative<UseScreen>(command)) {
      ++uses_;
    } else {
      commands_.push_back(std::move(command));
    }
  }
  ImGui::Render();
  lines_ = read_drawn_text(*ImGui::GetDrawData());
}

bool Screen::shows(const std::string& words) const {
  return std::any_of(lines_.begin(), lines_.end(), [&](const DrawnText& line) {
    return line.text.find(words) != std::string::npos;
  });
}

DrawnText Screen::find(const std::string& words, std::size_t n) const {
  for (const auto& line : lines_) {
    if (line.text.find(words) != std::string::npos && n-- == 0) return line;
  }
  FAIL("nothing on the screen says \"" << words << "\"");
  return {};
}

void Screen::click(const std::string& words, std::size_t n) {
  // Two frames: the first of a new window or tab bar only measures it.
  frame();
  frame();
  const DrawnText line = find(words, n);
  ImGuiIO& io = ImGui::GetIO();
  io.MousePos = {(line.begin.x + line.end.x) / 2, (line.begin.y + line.end.y) / 2};
  frame();
  io.MouseDown[0] = true;
  frame();
  io.MouseDown[0] = false;
  frame();
}

void Screen::drag(ImVec2 from, ImVec2 to) {
  ImGuiIO& io = ImGui::GetIO();
  io.MousePos = from;
  frame();
  io.MouseDown[0] = true;
  frame();
  io.MousePos = to;
  frame();
  io.MouseDown[0] = false;
  frame();
}

void Screen::type(const std::string& words) {
  for (const char c : words) ImGui::GetIO().AddInputCharacter(static_cast<unsigned char>(c));
  frame();
  frame();
}

int Screen::take_uses() { return std::exchange(uses_, 0); }

Commands Screen::take_commands() { return std::exchange(commands_, {}); }

}  // namespace landfall::ui
