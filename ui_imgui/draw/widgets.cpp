#include "ui_imgui/draw/widgets.hpp"

#include "ui_imgui/draw/theme.hpp"

namespace landfall::ui {

void text(const std::string& words) {
  ImGui::TextUnformatted(words.data(), words.data() + words.size());
}

void colored_text(ImU32 color, const std::string& words) {
  ImGui::PushStyleColor(ImGuiCol_Text, color);
  text(words);
  ImGui::PopStyleColor();
}

void muted_text(const std::string& words) { colored_text(palette().muted, words); }

void hint(const std::string& words) {
  ImGui::PushTextWrapPos(0.0F);
  muted_text(words);
  ImGui::PopTextWrapPos();
}

std::string fitted(const std::string& words, float width) {
  if (ImGui::CalcTextSize(words.c_str()).x <= width) return words;
  std::string cut = words;
  while (!cut.empty()) {
    // A character of several bytes goes as a whole.
    do {
      cut.pop_back();
    } while (!cut.empty() && (static_cast<unsigned char>(cut.back()) & 0xc0U) == 0x80U);
    const std::string shown = cut + "...";
    if (ImGui::CalcTextSize(shown.c_str()).x <= width) return shown;
  }
  return "";
}

void align_right(float width) {
  const float x = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x - width;
  if (x > ImGui::GetCursorPosX()) ImGui::SetCursorPosX(x);
}

float button_width(const char* label) {
  return ImGui::CalcTextSize(label, nullptr, true).x + 2 * ImGui::GetStyle().FramePadding.x;
}

void badge(ImU32 color, const std::string& words) {
  const ImVec2 size = ImGui::CalcTextSize(words.c_str());
  const ImVec2 padding{em(0.45F), em(0.1F)};
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 end{at.x + size.x + 2 * padding.x, at.y + size.y + 2 * padding.y};
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(at, end, faded(color, 0.18F), em(0.3F));
  draw->AddText({at.x + padding.x, at.y + padding.y}, color, words.c_str());
  ImGui::Dummy({end.x - at.x, end.y - at.y});
}

bool button(const char* label, Weight weight, float width) {
  const ImU32 color = weight == Weight::danger ? palette().bad : palette().accent;
  const bool is_plain = weight == Weight::plain;
  ImGui::PushStyleColor(ImGuiCol_Button, is_plain ? palette().raised : faded(color, 0.22F));
  ImGui::PushStyleColor(ImGuiCol_ButtonHovered, is_plain ? palette().line : faded(color, 0.38F));
  ImGui::PushStyleColor(ImGuiCol_ButtonActive, faded(color, 0.55F));
  const bool pressed = ImGui::Button(label, {width, 0});
  ImGui::PopStyleColor(3);
  return pressed;
}

bool toggle(const char* label, bool is_on) {
  const float height = ImGui::GetFrameHeight() * 0.72F;
  const float width = height * 1.8F;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
  const float label_width = ImGui::CalcTextSize(label).x;
  const bool turned =
      ImGui::InvisibleButton(label, {width + gap + label_width, ImGui::GetFrameHeight()});
  const float top = at.y + (ImGui::GetFrameHeight() - height) / 2;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImU32 track = is_on ? faded(palette().good, 0.75F) : palette().line;
  draw->AddRectFilled({at.x, top}, {at.x + width, top + height}, track, height / 2);
  const float knob = is_on ? at.x + width - height / 2 : at.x + height / 2;
  draw->AddCircleFilled({knob, top + height / 2}, height * 0.38F, palette().text);
  draw->AddText({at.x + width + gap, at.y + ImGui::GetStyle().FramePadding.y}, palette().text,
                label);
  return turned;
}

bool link(const char* words) {
  ImGui::PushStyleColor(ImGuiCol_Text, palette().accent);
  ImGui::PushStyleColor(ImGuiCol_Button, 0);
  ImGui::PushStyleColor(ImGuiCol_ButtonHovered, faded(palette().accent, 0.12F));
  ImGui::PushStyleColor(ImGuiCol_ButtonActive, faded(palette().accent, 0.25F));
  // A small button is as high as its letters and cuts those that reach below the line.
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {ImGui::GetStyle().FramePadding.x, 1.0F});
  const bool pressed = ImGui::Button(words);
  ImGui::PopStyleVar();
  ImGui::PopStyleColor(4);
  return pressed;
}

bool pressed_text(ImU32 color, const std::string& words) {
  colored_text(color, words);
  if (!ImGui::IsItemHovered()) return false;
  const ImVec2 from = ImGui::GetItemRectMin(), to = ImGui::GetItemRectMax();
  ImGui::GetWindowDrawList()->AddLine({from.x, to.y}, to, color);
  return ImGui::IsItemClicked();
}

void complaint(const std::string& words) {
  if (words.empty()) return;
  ImGui::PushTextWrapPos(0.0F);
  colored_text(palette().bad, words);
  ImGui::PopTextWrapPos();
}

void banner(ImU32 color, const std::string& words) {
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 padding{em(0.5F), em(0.25F)};
  const float wrap = width - 2 * padding.x;
  const ImVec2 size = ImGui::CalcTextSize(words.c_str(), nullptr, false, wrap);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 end{at.x + width, at.y + size.y + 2 * padding.y};
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(at, end, faded(color, 0.25F), em(0.3F));
  draw->AddText(ImGui::GetFont(), ImGui::GetFontSize(), {at.x + padding.x, at.y + padding.y},
                palette().text, words.c_str(), nullptr, wrap);
  ImGui::Dummy({width, end.y - at.y});
}

void spinner(const std::string& words) {
  constexpr float kTurnsPerSecond = 1.2F, kTurn = 6.2832F, kOpen = 1.6F;
  const float size = ImGui::GetTextLineHeight();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float angle = static_cast<float>(ImGui::GetTime()) * kTurnsPerSecond * kTurn;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->PathArcTo({at.x + size / 2, at.y + size / 2}, size * 0.4F, angle, angle + kTurn - kOpen);
  draw->PathStroke(palette().accent, 0, 2.0F);
  ImGui::Dummy({size, size});
  ImGui::SameLine();
  muted_text(words);
}

void heading(const char* words) {
  ImGui::Dummy({0, em(0.1F)});
  colored_text(palette().muted, words);
}

void begin_card(const char* title, ImVec2 position, ImVec2 size) {
  ImGui::SetCursorPos(position);
  ImGui::BeginChild(title, size, false, ImGuiWindowFlags_AlwaysUseWindowPadding);
  colored_text(palette().accent, title);
}

void end_card() { ImGui::EndChild(); }

bool is_region_used() {
  const ImGuiIO& io = ImGui::GetIO();
  const bool moves = io.MouseDelta.x != 0 || io.MouseDelta.y != 0 || io.MouseWheel != 0;
  const bool is_pointed_at = ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows |
                                                    ImGuiHoveredFlags_AllowWhenBlockedByActiveItem);
  if (is_pointed_at && (moves || ImGui::IsMouseDown(ImGuiMouseButton_Left))) return true;
  return ImGui::IsWindowFocused(ImGuiFocusedFlags_ChildWindows) && io.InputQueueCharacters.Size > 0;
}

void row(const char* name, ImU32 color, const std::string& value) {
  muted_text(name);
  ImGui::SameLine(em(7.5F));
  colored_text(color, fitted(value, ImGui::GetContentRegionAvail().x));
}

}  // namespace landfall::ui
