#include "ui_imgui/panels/outbox_panel.hpp"

#include <algorithm>
#include <array>

#include "ui_imgui/draw/format.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

constexpr float kTitleEm = 11.0F;
constexpr float kChipEm = 9.8F;
constexpr float kChipHeightEm = 2.75F;
constexpr float kFadeMs = 120'000;
constexpr std::array<const char*, 8> kCounted{"queued",  "sending",  "unknown",  "blocked",
                                              "applied", "rejected", "conflict", "failed"};

// From fresh to old.
float strength_of(const OperationView& operation, std::int64_t now_ms) {
  if (!operation.is_settled) return 1.0F;
  const auto age_ms = static_cast<float>(now_ms - operation.settled_ms.value_or(now_ms));
  return std::clamp(1.0F - 0.4F * age_ms / kFadeMs, 0.6F, 1.0F);
}

std::string state_text(const OperationView& operation) {
  if (operation.block_reason.empty()) return operation.state;
  return operation.state + "(" + operation.block_reason + ")";
}

std::string attempts_text(const OperationView& operation) {
  if (operation.attempts == 0) return "";
  return counted(static_cast<std::uint64_t>(operation.attempts), "attempt");
}

void draw_right(ImDrawList* draw, float right, float y, ImU32 color, const std::string& words) {
  draw->AddText({right - ImGui::CalcTextSize(words.c_str()).x, y}, color, words.c_str());
}

// One operation as a box; true when it was clicked.
bool draw_operation(const OperationView& operation, std::int64_t now_ms, bool is_selected) {
  const ImVec2 size{em(kChipEm), em(kChipHeightEm)};
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const bool clicked = ImGui::InvisibleButton(operation.id.c_str(), size);
  const ImVec2 end{at.x + size.x, at.y + size.y};
  const float strength = strength_of(operation, now_ms);
  const ImU32 color = faded(state_color(operation.state), strength);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(at, end, faded(color, ImGui::IsItemHovered() ? 0.24F : 0.14F), em(0.3F));
  draw->AddRectFilled(at, {at.x + em(0.22F), end.y}, color, em(0.3F), ImDrawFlags_RoundCornersLeft);
  if (is_selected) draw->AddRect(at, end, palette().accent, em(0.3F), 0, 2.0F);

  const float left = at.x + em(0.6F), right = end.x - em(0.5F);
  const float first = at.y + em(0.24F), second = first + em(1.16F);
  draw->AddText({left, first}, faded(palette().text, strength), operation.action.c_str());
  draw_right(draw, right, first, faded(palette().muted, strength), attempts_text(operation));
  draw->AddText({left, second}, color, fitted(state_text(operation), right - left).c_str());
  if (operation.next_attempt_ms && operation.state != "sending") {
    draw_right(draw, right, second, faded(palette().text, strength),
               until_text(*operation.next_attempt_ms, now_ms));
  }
  return clicked;
}

void draw_title(const LaneView& lane) {
  const float dim = lane.is_settled ? 0.6F : 1.0F;
  const float room = em(kTitleEm - 0.8F);
  ImGui::BeginGroup();
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, em(0.16F)});
  colored_text(faded(palette().text, dim), fitted(lane.title, room));
  colored_text(faded(palette().muted, dim),
               fitted(lane.entity_type + (lane.detail.empty() ? "" : "  " + lane.detail), room));
  ImGui::PopStyleVar();
  ImGui::EndGroup();
}

bool has_visible(const LaneView& lane, bool show_settled) {
  return show_settled || !lane.is_settled;
}

}  // namespace

void OutboxPanel::draw_header(const Snapshot& snapshot) {
  for (const char* state : kCounted) {
    std::size_t count = 0;
    for (const auto& lane : snapshot.lanes) {
      count += static_cast<std::size_t>(
          std::count_if(lane.operations.begin(), lane.operations.end(),
                        [&](const auto& operation) { return operation.state == state; }));
    }
    if (count == 0) continue;
    ImGui::SameLine(0, em(0.9F));
    colored_text(state_color(state), std::to_string(count) + " " + state);
  }
  ImGui::SameLine();
  align_right(ImGui::CalcTextSize("show settled").x + ImGui::GetFrameHeight() + em(0.6F));
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {em(0.2F), em(0.08F)});
  ImGui::Checkbox("show settled", &show_settled_);
  ImGui::PopStyleVar();
}

void OutboxPanel::draw_lane(const Snapshot& snapshot, const LaneView& lane, Commands& commands) {
  ImGui::PushID(lane.entity_id.c_str());
  const ImVec2 begin = ImGui::GetCursorPos();
  ImGui::SetCursorPosY(begin.y + em(0.24F));
  draw_title(lane);
  const float gap = em(0.4F), indent = begin.x + em(kTitleEm);
  const float room = ImGui::GetContentRegionMax().x;
  float x = indent, y = begin.y;
  for (const auto& operation : lane.operations) {
    if (operation.is_settled && !show_settled_) continue;
    if (x + em(kChipEm) > room && x > indent) {
      x = indent;
      y += em(kChipHeightEm) + gap;
    }
    ImGui::SetCursorPos({x, y});
    const bool is_selected = operation.id == snapshot.selected;
    if (draw_operation(operation, snapshot.clock.now_ms, is_selected))
      commands.push_back(SelectOperation{is_selected ? "" : operation.id});
    x += em(kChipEm) + gap;
  }
  ImGui::SetCursorPos({begin.x, y + em(kChipHeightEm) + gap});
  ImGui::PopID();
}

void OutboxPanel::draw(const Snapshot& snapshot, Commands& commands) {
  draw_header(snapshot);
  if (!snapshot.outbox_is_readable && snapshot.lanes.empty()) {
    hint(
        "The engine lists no outbox: it is not running, or nobody is logged in. What was "
        "acknowledged is kept.");
    return;
  }
  const bool is_empty =
      std::none_of(snapshot.lanes.begin(), snapshot.lanes.end(),
                   [&](const LaneView& lane) { return has_visible(lane, show_settled_); });
  if (is_empty) {
    hint("Nothing here. Approve something on the right, or write a requisition.");
    return;
  }
  ImGui::BeginChild("lanes");
  for (const auto& lane : snapshot.lanes) {
    if (has_visible(lane, show_settled_)) draw_lane(snapshot, lane, commands);
  }
  ImGui::Dummy({0, 0});  // the last line counts for the scrolling
  ImGui::EndChild();
}

}  // namespace landfall::ui
