#pragma once

#include <string>

#include "engine/attachments/attachments.hpp"
#include "engine/base/json.hpp"

namespace landfall::host {

[[nodiscard]] Result<AttachmentId> parse_attachment_id(const Json& params);
[[nodiscard]] Result<attachments::AddRequest> parse_add_attachment(const Json& params);
[[nodiscard]] Result<attachments::DownloadRequest> parse_start_download(const Json& params);
// An absolute path of the host's; with `outside` set it may not lead into that directory, which is
// the engine's own. Paths that are links are the host's business.
[[nodiscard]] Result<std::string> parse_path(const Json& params, const std::string& outside = {});

// A transfer as attachments.list and attachment.changed show it.
[[nodiscard]] Json attachment_json(const attachments::TransferView& view);

}  // namespace landfall::host
