#include "ui_imgui/main/png_file.hpp"

#include <png.h>

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <memory>

namespace landfall::ui {
namespace {

constexpr int kBytesAPixel = 3;

// Panels are flat: unfiltered rows at the highest level make the smallest file. libpng leaves this
// function by longjmp when something fails, so nothing in it has a destructor.
bool write_rows(png_structp png, png_infop info, std::FILE* file, const Picture& picture) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_init_io(png, file);
  png_set_compression_level(png, 9);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  png_set_IHDR(png, info, static_cast<png_uint_32>(picture.width),
               static_cast<png_uint_32>(picture.height), 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  const auto row_bytes = static_cast<std::size_t>(picture.width * kBytesAPixel);
  for (int row = picture.height - 1; row >= 0; --row)
    png_write_row(png, picture.rgb.data() + static_cast<std::size_t>(row) * row_bytes);
  png_write_end(png, info);
  return true;
}

}  // namespace

bool write_png(const std::string& path, const Picture& picture) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wb"),
                                                             std::fclose);
  if (!file) return false;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  if (png == nullptr) return false;
  png_infop info = png_create_info_struct(png);
  const bool written = info != nullptr && write_rows(png, info, file.get(), picture);
  png_destroy_write_struct(&png, &info);
  return written && std::fflush(file.get()) == 0;
}

}  // namespace landfall::ui
