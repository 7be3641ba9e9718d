#include "ui_imgui/draw/theme.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>

namespace landfall::ui {
namespace {

constexpr Palette kPalette{
    .window = IM_COL32(0x12, 0x16, 0x1c, 0xff),
    .card = IM_COL32(0x1a, 0x20, 0x28, 0xff),
    .raised = IM_COL32(0x25, 0x2d, 0x38, 0xff),
    .line = IM_COL32(0x2f, 0x39, 0x46, 0xff),
    .text = IM_COL32(0xdc, 0xe3, 0xea, 0xff),
    .muted = IM_COL32(0x8b, 0x99, 0xa8, 0xff),
    .accent = IM_COL32(0x5c, 0xa8, 0xe8, 0xff),
    .good = IM_COL32(0x62, 0xc0, 0x8a, 0xff),
    .wait = IM_COL32(0x8f, 0xa9, 0xc4, 0xff),
    .warn = IM_COL32(0xe5, 0xb4, 0x5a, 0xff),
    .stuck = IM_COL32(0xbd, 0x93, 0xe8, 0xff),
    .bad = IM_COL32(0xf0, 0x71, 0x6e, 0xff),
};

// Common ones, wide and narrow. Of Roboto, which the layout was made for, an em is a third of them.
constexpr std::array<ImWchar, 7> kLetters{'a', 'e', 'n', 'o', 't', 'i', 'l'};
constexpr float kEmOfLetters = 0.333F;

using Colored = std::pair<std::string_view, ImU32>;

template <std::size_t N>
ImU32 find_color(const std::array<Colored, N>& table, std::string_view word, ImU32 otherwise) {
  for (const auto& [name, color] : table) {
    if (name == word) return color;
  }
  return otherwise;
}

void apply_colors(ImVec4* colors) {
  const Palette& p = kPalette;
  const std::array<std::pair<ImGuiCol, ImU32>, 34> table{{
      {ImGuiCol_WindowBg, p.window},
      {ImGuiCol_ChildBg, p.card},
      {ImGuiCol_PopupBg, p.raised},
      {ImGuiCol_Border, p.line},
      {ImGuiCol_Text, p.text},
      {ImGuiCol_TextDisabled, p.muted},
      {ImGuiCol_FrameBg, p.raised},
      {ImGuiCol_FrameBgHovered, p.line},
      {ImGuiCol_FrameBgActive, p.line},
      {ImGuiCol_Button, p.raised},
      {ImGuiCol_ButtonHovered, p.line},
      {ImGuiCol_ButtonActive, faded(p.accent, 0.5F)},
      {ImGuiCol_CheckMark, p.accent},
      {ImGuiCol_SliderGrab, faded(p.accent, 0.7F)},
      {ImGuiCol_SliderGrabActive, p.accent},
      {ImGuiCol_Header, faded(p.accent, 0.25F)},
      {ImGuiCol_HeaderHovered, faded(p.accent, 0.35F)},
      {ImGuiCol_HeaderActive, faded(p.accent, 0.45F)},
      {ImGuiCol_Separator, p.line},
      {ImGuiCol_Tab, p.card},
      {ImGuiCol_TabHovered, p.line},
      {ImGuiCol_TabActive, p.raised},
      {ImGuiCol_TabUnfocused, p.card},
      {ImGuiCol_TabUnfocusedActive, p.raised},
      {ImGuiCol_ScrollbarBg, faded(p.card, 0.0F)},
      {ImGuiCol_ScrollbarGrab, p.line},
      {ImGuiCol_ScrollbarGrabHovered, p.muted},
      {ImGuiCol_ScrollbarGrabActive, p.muted},
      {ImGuiCol_TableHeaderBg, p.card},
      {ImGuiCol_TableBorderLight, p.line},
      {ImGuiCol_TableBorderStrong, p.line},
      {ImGuiCol_TableRowBgAlt, faded(p.raised, 0.35F)},
      {ImGuiCol_TextSelectedBg, faded(p.accent, 0.4F)},
      {ImGuiCol_NavHighlight, p.accent},
  }};
  for (const auto& [index, color] : table) colors[index] = to_vec4(color);
}

}  // namespace

const Palette& palette() { return kPalette; }

ImU32 state_color(std::string_view state) {
  static constexpr std::array<Colored, 8> kStates{{{"queued", kPalette.wait},
                                                   {"sending", kPalette.accent},
                                                   {"unknown", kPalette.warn},
                                                   {"blocked", kPalette.stuck},
                                                   {"applied", kPalette.good},
                                                   {"rejected", kPalette.bad},
                                                   {"conflict", IM_COL32(0xf0, 0x93, 0x5c, 0xff)},
                                                   {"failed", kPalette.bad}}};
  return find_color(kStates, state, kPalette.muted);
}

ImU32 health_color(std::string_view state) {
  static constexpr std::array<Colored, 12> kStates{{{"ready", kPalette.good},
                                                    {"authenticated", kPalette.good},
                                                    {"online", kPalette.good},
                                                    {"opening", kPalette.accent},
                                                    {"loading", kPalette.accent},
                                                    {"locked", kPalette.warn},
                                                    {"reauthRequired", kPalette.warn},
                                                    {"offline", kPalette.warn},
                                                    {"server_down", kPalette.bad},
                                                    {"failed", kPalette.bad},
                                                    {"dead", kPalette.bad},
                                                    {"unauthenticated", kPalette.warn}}};
  return find_color(kStates, state, kPalette.muted);
}

ImU32 log_color(LogKind kind) {
  switch (kind) {
    case LogKind::request:
      return kPalette.accent;
    case LogKind::answer:
      return kPalette.good;
    case LogKind::event:
      return kPalette.wait;
    case LogKind::user:
      return kPalette.stuck;
    case LogKind::world:
      return kPalette.warn;
  }
  return kPalette.muted;
}

ImU32 spell_color(SpellKind kind) {
  switch (kind) {
    case SpellKind::network_down:
      return kPalette.warn;
    case SpellKind::server_down:
      return kPalette.bad;
    case SpellKind::phone_off:
      return kPalette.muted;
  }
  return kPalette.muted;
}

ImU32 color_of(std::string_view text, ImU32 otherwise) {
  constexpr std::size_t kLength = 7;
  std::uint32_t rgb = 0;
  if (text.size() != kLength || text.front() != '#') return otherwise;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + 1, end, rgb, 16);
  if (read.ec != std::errc{} || read.ptr != end) return otherwise;
  return IM_COL32((rgb >> 16U) & 0xffU, (rgb >> 8U) & 0xffU, rgb & 0xffU, 0xff);
}

ImU32 faded(ImU32 color, float alpha) {
  const ImU32 now = (color >> IM_COL32_A_SHIFT) & 0xffU;
  const auto next = static_cast<ImU32>(static_cast<float>(now) * alpha + 0.5F);
  return (color & ~IM_COL32_A_MASK) | (next << IM_COL32_A_SHIFT);
}

ImVec4 to_vec4(ImU32 color) { return ImGui::ColorConvertU32ToFloat4(color); }

void apply_theme(float scale) {
  ImGuiStyle& style = ImGui::GetStyle();
  style = ImGuiStyle{};
  style.WindowPadding = {12, 10};
  style.FramePadding = {9, 5};
  style.ItemSpacing = {8, 7};
  style.ItemInnerSpacing = {7, 5};
  style.CellPadding = {6, 3};
  style.ScrollbarSize = 11;
  style.GrabMinSize = 10;
  style.WindowBorderSize = 0;
  style.ChildBorderSize = 0;
  style.PopupBorderSize = 1;
  style.ChildRounding = 7;
  style.FrameRounding = 4;
  style.PopupRounding = 4;
  style.ScrollbarRounding = 6;
  style.GrabRounding = 4;
  style.TabRounding = 4;
  style.DisabledAlpha = 0.4F;
  style.ScaleAllSizes(scale);
  apply_colors(style.Colors);
}

float em(float count) {
  const ImFont& font = *ImGui::GetFont();
  float letters = 0;
  for (const ImWchar letter : kLetters) letters += font.GetCharAdvance(letter);
  const float scale = ImGui::GetFontSize() / font.FontSize;
  return count * std::max(ImGui::GetFontSize(), kEmOfLetters * letters * scale);
}

}  // namespace landfall::ui
