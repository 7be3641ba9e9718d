#include "ui_imgui/panels/log_panel.hpp"

#include <cmath>
#include <cstdint>
#include <string>

#include "ui_imgui/draw/format.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

constexpr std::array<const char*, kLogKinds> kKindNames{"requests", "answers", "events", "users",
                                                        "world"};

void draw_line(const LogLine& line) {
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  muted_text(time_text(line.at_ms));
  ImGui::TableNextColumn();
  colored_text(line.is_bad ? palette().bad : log_color(line.kind), line.what);
  ImGui::TableNextColumn();
  text(line.detail);
}

}  // namespace

bool LogPanel::is_wanted(const LogLine& line) const {
  if (!kinds_[static_cast<std::size_t>(line.kind)]) return false;
  const std::string words = words_.data();
  return words.empty() || line.what.find(words) != std::string::npos ||
         line.detail.find(words) != std::string::npos;
}

void LogPanel::draw_filter() {
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {em(0.35F), em(0.06F)});
  ImGui::SameLine(em(4.5F));
  ImGui::SetNextItemWidth(em(10));
  ImGui::InputTextWithHint("##filter", "filter by words", words_.data(), words_.size());
  for (std::size_t kind = 0; kind < kLogKinds; ++kind) {
    ImGui::SameLine(0, em(0.8F));
    ImGui::PushStyleColor(ImGuiCol_Text, log_color(static_cast<LogKind>(kind)));
    ImGui::Checkbox(kKindNames[kind], &kinds_[kind]);
    ImGui::PopStyleColor();
  }
  ImGui::PopStyleVar();
}

void LogPanel::draw(const Snapshot& snapshot) {
  draw_filter();
  if (snapshot.log_lines_dropped > 0) {
    ImGui::SameLine(0, em(1.2F));
    muted_text(grouped(static_cast<std::int64_t>(snapshot.log_lines_dropped)) +
               " older lines gone");
  }
  shown_.clear();
  for (std::size_t i = 0; i < snapshot.log.size(); ++i) {
    if (is_wanted(snapshot.log[i])) shown_.push_back(i);
  }
  constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_ScrollY | ImGuiTableFlags_SizingFixedFit;
  // Whole lines only: none is cut in half at the top when the end is in sight.
  const float line = ImGui::GetTextLineHeight() + 2 * ImGui::GetStyle().CellPadding.y;
  const float height = std::floor(ImGui::GetContentRegionAvail().y / line) * line;
  if (!ImGui::BeginTable("lines", 3, kFlags, {0, height})) return;
  ImGui::TableSetupColumn("time", 0, em(4.6F));
  ImGui::TableSetupColumn("what", 0, em(11.5F));
  ImGui::TableSetupColumn("detail", ImGuiTableColumnFlags_WidthStretch);
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(shown_.size()));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i)
      draw_line(snapshot.log[shown_[static_cast<std::size_t>(i)]]);
  }
  if (ImGui::GetScrollY() >= ImGui::GetScrollMaxY()) ImGui::SetScrollHereY(1.0F);
  ImGui::EndTable();
}

}  // namespace landfall::ui
