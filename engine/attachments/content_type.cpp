#include "engine/attachments/content_type.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace landfall::attachments {
namespace {

using Head = std::span<const std::byte>;

bool has_at(Head head, std::size_t offset, std::string_view text) {
  return head.size() >= offset + text.size() &&
         std::memcmp(head.data() + offset, text.data(), text.size()) == 0;
}

bool is_jpeg(Head head) { return has_at(head, 0, "\xFF\xD8\xFF"); }
bool is_png(Head head) { return has_at(head, 0, "\x89PNG\r\n\x1A\n"); }
bool is_webp(Head head) { return has_at(head, 0, "RIFF") && has_at(head, 8, "WEBP"); }
bool is_pdf(Head head) { return has_at(head, 0, "%PDF-"); }

// An ISO base media file whose first box names a brand of still pictures.
bool is_heic(Head head) {
  constexpr std::array<std::string_view, 5> kBrands{"heic", "heix", "mif1", "heim", "heis"};
  return has_at(head, 4, "ftyp") && std::ranges::any_of(kBrands, [&](std::string_view brand) {
           return has_at(head, 8, brand);
         });
}

struct KnownType {
  std::string_view name;
  bool (*fits)(Head);
};

constexpr std::array<KnownType, 5> kTypes{{{"image/jpeg", is_jpeg},
                                           {"image/png", is_png},
                                           {"image/webp", is_webp},
                                           {"image/heic", is_heic},
                                           {"application/pdf", is_pdf}}};

const KnownType* find(std::string_view name) {
  const auto* const found =
      std::ranges::find_if(kTypes, [&](const KnownType& type) { return type.name == name; });
  return found == kTypes.end() ? nullptr : found;
}

}  // namespace

bool is_known_type(std::string_view content_type) noexcept { return find(content_type) != nullptr; }

bool begins_like(std::string_view content_type, std::span<const std::byte> head) noexcept {
  const KnownType* type = find(content_type);
  return type != nullptr && type->fits(head);
}

}  // namespace landfall::attachments
