#include "ui_imgui/draw/text_field.hpp"

#include <algorithm>

#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

bool input(const char* hint, TypedText& text, float width, ImGuiInputTextFlags flags) {
  const std::string id = std::string{"##"} + hint;
  ImGui::SetNextItemWidth(width);
  return ImGui::InputTextWithHint(id.c_str(), hint, text.data(), text.size(),
                                  flags | ImGuiInputTextFlags_EnterReturnsTrue);
}

}  // namespace

std::string typed(const TypedText& text) { return text.data(); }

void fill(TypedText& text, const std::string& words) {
  text.fill('\0');
  std::copy_n(words.begin(), std::min(words.size(), text.size() - 1), text.begin());
}

bool text_field(const char* hint, TypedText& text, ImGuiInputTextFlags flags) {
  return input(hint, text, ImGui::GetContentRegionAvail().x, flags);
}

bool secret_field(const char* hint, TypedText& text, bool& is_shown, ImGuiInputTextFlags flags) {
  const float toggle = button_width("Show");
  const float width = ImGui::GetContentRegionAvail().x - toggle - ImGui::GetStyle().ItemSpacing.x;
  const bool entered =
      input(hint, text, width, flags | (is_shown ? 0 : ImGuiInputTextFlags_Password));
  ImGui::SameLine();
  ImGui::PushID(hint);
  // The label changes under the mouse; the button stays the same.
  if (button(is_shown ? "Hide###shown" : "Show###shown", Weight::plain, toggle))
    is_shown = !is_shown;
  ImGui::PopID();
  return entered;
}

}  // namespace landfall::ui
