#include "ui_imgui/panels/kpis_panel.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "ui_imgui/draw/format.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

void draw_line(const std::vector<float>& values, ImVec2 at, ImVec2 size, ImU32 color) {
  if (values.size() < 2) return;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const float range = std::max(*high - *low, 0.001F);
  std::vector<ImVec2> points;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float part = static_cast<float>(i) / static_cast<float>(values.size() - 1);
    points.push_back({at.x + part * size.x, at.y + size.y * (1 - (values[i] - *low) / range)});
  }
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddPolyline(points.data(), static_cast<int>(points.size()), color, 0, 2.0F);
  draw->AddCircleFilled(points.back(), 3, color);
}

void draw_kpi(const KpiView& kpi) {
  const ImU32 color = kpi.meets_target ? palette().good : palette().warn;
  text(kpi.name);
  colored_text(color, decimal_text(kpi.value) + " " + kpi.unit);
  ImGui::SameLine();
  muted_text("target " + kpi.target_rule + " " + decimal_text(kpi.target));
  ImGui::SameLine();
  const ImVec2 size{em(8), em(1.6F)};
  align_right(size.x + em(0.4F));
  const ImVec2 at = ImGui::GetCursorScreenPos();
  draw_line(kpi.history, {at.x, at.y - em(0.9F)}, size, color);
  ImGui::NewLine();
  ImGui::Separator();
}

}  // namespace

void draw_kpis_panel(const Snapshot& snapshot) {
  if (snapshot.kpis.empty()) hint("No figures on this phone: they come with a pull.");
  for (const auto& kpi : snapshot.kpis) draw_kpi(kpi);
}

}  // namespace landfall::ui
