#include "ui_imgui/panels/code_panel.hpp"

#include <string>

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

constexpr float kWidthEm = 30.0F;
constexpr float kHeightEm = 24.0F;

void draw_part(const char* name, const std::string& words) {
  heading(name);
  ImGui::PushTextWrapPos(0.0F);
  text(words);
  ImGui::PopTextWrapPos();
}

void draw_like(const CodeView& view, Commands& commands) {
  hint("The interface knows no such code.");
  for (const auto& code : view.like) {
    if (link(code.c_str())) commands.push_back(ExplainCode{code});
  }
}

void draw_meaning(const CodeView& view, Commands& commands) {
  if (view.code.empty()) return hint("Type a code, or press one where it stands.");
  if (view.is_cause) {
    draw_part("As a cause it means", view.says);
    draw_part("Would help", view.helps);
  }
  if (view.is_error)
    draw_part("As an error it means",
              view.error_says.empty() ? "what the profile's own text says" : view.error_says);
  for (const auto& mention : view.mentions) draw_part(mention.where.c_str(), mention.text);
  const bool is_known = view.is_cause || view.is_error || !view.mentions.empty();
  if (!is_known) draw_like(view, commands);
}

}  // namespace

// A code that was pressed elsewhere stands in the field.
void CodePanel::draw_field(const CodeView& view, Commands& commands) {
  if (view.code != shown_) {
    shown_ = view.code;
    fill(code_, view.code);
  }
  bool is_asked = text_field("A code, as pin.wait or network.silent", code_);
  is_asked |= button("Explain", Weight::strong);
  ImGui::SameLine();
  if (button("Close")) commands.push_back(CloseCode{});
  if (is_asked) commands.push_back(ExplainCode{typed(code_)});
}

void CodePanel::draw(const Snapshot& snapshot, Commands& commands) {
  if (!snapshot.code) return;
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const ImVec2 size{em(kWidthEm), em(kHeightEm)};
  ImGui::SetNextWindowPos({(display.x - size.x) / 2, (display.y - size.y) / 2},
                          ImGuiCond_Appearing);
  ImGui::SetNextWindowSize(size, ImGuiCond_Appearing);
  ImGui::PushStyleColor(ImGuiCol_WindowBg, palette().raised);
  ImGui::Begin("What a code means", nullptr,
               ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoCollapse);
  draw_field(*snapshot.code, commands);
  draw_meaning(*snapshot.code, commands);
  ImGui::End();
  ImGui::PopStyleColor();
}

}  // namespace landfall::ui
