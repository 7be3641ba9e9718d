#include "engine/attachments/content_type.hpp"
#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {

std::optional<AttachmentRules> read_attachments(ObjectReader& root) {
  auto section = root.object_if("attachments");
  if (!section) return std::nullopt;
  AttachmentRules rules;
  rules.start = section->text("start", limits::kNameBytesMax);
  rules.send = section->text("send", limits::kNameBytesMax);
  rules.offset = section->text("offset", limits::kNameBytesMax);
  if (auto downloads = section->object_if("downloads")) {
    for (auto& [kind, endpoint] :
         downloads->texts(limits::kDownloadKindsMax, limits::kNameBytesMax)) {
      rules.downloads.emplace(kind, endpoint);
    }
  }
  for (auto& type : section->texts_or_none("content_types", limits::kContentTypesMax)) {
    if (!attachments::is_known_type(type)) {
      section->refuse("content_types",
                      "expected image/jpeg, image/png, image/webp, image/heic or application/pdf");
    }
    rules.content_types.insert(std::move(type));
  }
  rules.bytes_max = section->count("bytes_max", 1, limits::kAttachmentBytesMax);
  rules.piece_bytes = section->count("piece_bytes", limits::kPieceBytesMin, limits::kPieceBytesMax);
  rules.cache_bytes_max = section->count("cache_bytes_max", limits::kAttachmentCacheBytesMin,
                                         limits::kAttachmentCacheBytesMax);
  rules.on_metered = section->choice_or<OnMetered>(
      "on_metered", {{"send", OnMetered::send}, {"wait", OnMetered::wait}}, OnMetered::send);
  section->done();
  return rules;
}

}  // namespace landfall::profile
