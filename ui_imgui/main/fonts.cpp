#include "ui_imgui/main/fonts.hpp"

#include <array>
#include <filesystem>
#include <system_error>

#include <imgui.h>

namespace landfall::ui {
namespace {

constexpr std::array<const char*, 4> kFiles{
    "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
    "/usr/share/fonts/truetype/roboto/Roboto-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/TTF/DejaVuSans.ttf"};

}  // namespace

void add_font(float pixels) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  for (const char* file : kFiles) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) continue;
    if (atlas.AddFontFromFileTTF(file, pixels) != nullptr) return;
  }
  ImFontConfig config;
  config.SizePixels = pixels;
  atlas.AddFontDefault(&config);
}

}  // namespace landfall::ui
