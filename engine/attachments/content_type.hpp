#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace landfall::attachments {

// Types of content that are told apart by their first bytes. Nothing else of a file is looked at:
// the engine never decodes a picture.

// "image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf".
[[nodiscard]] bool is_known_type(std::string_view content_type) noexcept;

// Whether a file that begins with `head` (its first kMagicBytes, or all of a shorter one) is of
// that type. False for a type that is not known.
[[nodiscard]] bool begins_like(std::string_view content_type,
                               std::span<const std::byte> head) noexcept;

}  // namespace landfall::attachments
