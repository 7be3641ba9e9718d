#include "ui_imgui/panels/history_panel.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "ui_imgui/draw/format.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kSpanMsMin = kMinute;
constexpr std::size_t kDepthMin = 4;

constexpr std::array<std::pair<const char*, std::int64_t>, 3> kSpans{
    {{"5 min", 5 * kMinute}, {"30 min", 30 * kMinute}, {"all", 0}}};

// The part of the screen and of time that the plot covers.
struct Plot {
  ImDrawList* draw;
  ImVec2 begin, end;
  std::int64_t from_ms, to_ms;
  std::size_t depth;

  [[nodiscard]] float x(std::int64_t at_ms) const {
    const auto part = static_cast<float>(std::clamp(at_ms, from_ms, to_ms) - from_ms) /
                      static_cast<float>(to_ms - from_ms);
    return begin.x + part * (end.x - begin.x);
  }
  [[nodiscard]] float y(std::size_t count) const {
    return end.y - static_cast<float>(count) / static_cast<float>(depth) * (end.y - begin.y);
  }
};

std::size_t deepest(const HistoryView& history) {
  std::size_t depth = kDepthMin;
  for (const auto& sample : history.samples) depth = std::max(depth, sample.waiting + sample.stuck);
  return depth + depth / 8 + (depth + depth / 8) % 2;  // even: it is halved
}

void draw_spells(const Plot& plot, const HistoryView& history) {
  for (const auto& spell : history.spells) {
    const std::int64_t to_ms = spell.to_ms.value_or(plot.to_ms);
    if (to_ms < plot.from_ms) continue;
    const float left = plot.x(spell.from_ms), right = std::max(plot.x(to_ms), left + 1);
    const ImU32 color = spell_color(spell.kind);
    plot.draw->AddRectFilled({left, plot.begin.y}, {right, plot.end.y}, faded(color, 0.13F));
    plot.draw->AddRectFilled({left, plot.begin.y}, {right, plot.begin.y + 3}, faded(color, 0.8F));
  }
}

// Each sample holds until the next; stuck ones at the bottom, waiting ones on top of them.
void draw_samples(const Plot& plot, const HistoryView& history) {
  const auto& samples = history.samples;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::int64_t to_ms = i + 1 < samples.size() ? samples[i + 1].at_ms : plot.to_ms;
    if (to_ms < plot.from_ms) continue;
    const float left = plot.x(samples[i].at_ms), right = std::max(plot.x(to_ms), left + 1);
    const float stuck = plot.y(samples[i].stuck);
    const float top = plot.y(samples[i].stuck + samples[i].waiting);
    plot.draw->AddRectFilled({left, stuck}, {right, plot.end.y}, faded(palette().stuck, 0.55F));
    plot.draw->AddRectFilled({left, top}, {right, stuck}, faded(palette().accent, 0.45F));
    plot.draw->AddLine({left, top}, {right, top}, palette().accent, 1.5F);
    if (i + 1 == samples.size()) continue;
    const float next = plot.y(samples[i + 1].stuck + samples[i + 1].waiting);
    plot.draw->AddLine({right, top}, {right, next}, palette().accent, 1.5F);
  }
}

void draw_crashes(const Plot& plot, const HistoryView& history) {
  for (const auto& crash : history.crashes) {
    if (crash.at_ms < plot.from_ms) continue;
    const float x = plot.x(crash.at_ms);
    plot.draw->AddLine({x, plot.begin.y}, {x, plot.end.y}, palette().bad, 1.5F);
    plot.draw->AddText({x + em(0.25F), plot.begin.y + em(0.25F)}, palette().bad,
                       crash.power ? "power cut" : "kill");
  }
}

// A distance between ticks that leaves about six of them.
std::int64_t tick_every(std::int64_t span_ms) {
  static constexpr std::array<std::int64_t, 11> kEvery{
      10'000,       30'000,       kMinute,       2 * kMinute,   5 * kMinute,   10 * kMinute,
      30 * kMinute, 60 * kMinute, 120 * kMinute, 360 * kMinute, 1440 * kMinute};
  for (const std::int64_t every : kEvery) {
    if (span_ms / every <= 8) return every;
  }
  return span_ms / 6;
}

void draw_axes(const Plot& plot) {
  for (const std::size_t count : {plot.depth / 2, plot.depth}) {
    const float y = plot.y(count);
    plot.draw->AddLine({plot.begin.x, y}, {plot.end.x, y}, faded(palette().line, 0.7F));
    const std::string label = std::to_string(count);
    plot.draw->AddText(
        {plot.begin.x - ImGui::CalcTextSize(label.c_str()).x - em(0.4F), y - em(0.5F)},
        palette().muted, label.c_str());
  }
  plot.draw->AddLine({plot.begin.x, plot.end.y}, plot.end, palette().line);
  const std::int64_t every = tick_every(plot.to_ms - plot.from_ms);
  for (std::int64_t at = (plot.from_ms / every + 1) * every; at <= plot.to_ms; at += every) {
    const std::string label = time_text(at);
    const float x = plot.x(at);
    const float width = ImGui::CalcTextSize(label.c_str()).x;
    if (x + width / 2 > plot.end.x) continue;
    plot.draw->AddLine({x, plot.end.y}, {x, plot.end.y + em(0.25F)}, palette().line);
    plot.draw->AddText({x - width / 2, plot.end.y + em(0.3F)}, palette().muted, label.c_str());
  }
}

void draw_legend() {
  const auto entry = [](ImU32 color, const char* words) {
    ImGui::SameLine(0, em(1.0F));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float side = em(0.6F);
    ImGui::GetWindowDrawList()->AddRectFilled({at.x, at.y + em(0.22F)},
                                              {at.x + side, at.y + em(0.22F) + side}, color, 2);
    ImGui::Dummy({side, 0});
    ImGui::SameLine(0, em(0.35F));
    muted_text(words);
  };
  entry(faded(palette().accent, 0.7F), "waiting");
  entry(faded(palette().stuck, 0.7F), "blocked or failed");
  entry(faded(spell_color(SpellKind::network_down), 0.6F), "network down");
  entry(faded(spell_color(SpellKind::server_down), 0.6F), "server down");
  entry(faded(spell_color(SpellKind::phone_off), 0.6F), "phone off");
}

}  // namespace

void HistoryPanel::draw_spans() {
  float width = 0;
  for (const auto& [label, span_ms] : kSpans) width += button_width(label);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {em(0.35F), em(0.06F)});
  ImGui::SameLine();
  align_right(width - em(0.2F));
  for (const auto& [label, span_ms] : kSpans) {
    if (button(label, span_ms == span_ms_ ? Weight::strong : Weight::plain)) span_ms_ = span_ms;
    ImGui::SameLine(0, em(0.25F));
  }
  ImGui::NewLine();
  ImGui::PopStyleVar();
}

void HistoryPanel::draw(const Snapshot& snapshot) {
  draw_legend();
  draw_spans();
  const std::int64_t now_ms = snapshot.clock.now_ms;
  std::int64_t from_ms = snapshot.clock.start_ms;
  if (span_ms_ > 0) from_ms = std::max(from_ms, now_ms - span_ms_);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const Plot plot{ImGui::GetWindowDrawList(),
                  {at.x + em(1.8F), at.y + em(0.3F)},
                  {at.x + room.x, at.y + room.y - em(1.4F)},
                  from_ms,
                  std::max(now_ms, from_ms + kSpanMsMin),
                  deepest(snapshot.history)};
  draw_spells(plot, snapshot.history);
  draw_axes(plot);
  draw_samples(plot, snapshot.history);
  draw_crashes(plot, snapshot.history);
}

}  // namespace landfall::ui
