#include "actors/api_attachments.hpp"

#include <cstdint>
#include <utility>
#include <vector>

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "actors/api_forward.hpp"
#include "engine/host/attachment_json.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

// Refuses what the profile has nothing for.
bool serves_files(ApiSelf self, const Reply& reply) {
  if (self->state.partition->attachments) return true;
  reply->send(failure(ErrorClass::refused, "attachment.unsupported", "the app has no files"));
  return false;
}

Json transfer_json(const Result<attachments::TransferView>& view) {
  return host::attachment_json(*view);
}

void attachment_command(ApiSelf self, TransferWord word, const Json& params, const Reply& reply) {
  if (!serves_files(self, reply)) return;
  const auto id = host::parse_attachment_id(params);
  if (!id) return reply->send(failure(id.error()));
  forward<Status>(self, self->state.partition->attachments,
                  AttachmentCommand{word, *id, params.value("accept_unknown", false)}, reply,
                  write_indeterminate(), nothing);
}

}  // namespace

void attachments_add(ApiSelf self, const Json& params, const Reply& reply) {
  if (!serves_files(self, reply)) return;
  auto request = host::parse_add_attachment(params);
  if (!request) return reply->send(failure(request.error()));
  auto path = host::parse_path(params);
  if (!path) return reply->send(failure(path.error()));
  forward<Result<attachments::TransferView>>(self, self->state.partition->attachments,
                                             AddAttachment{std::move(*request), std::move(*path)},
                                             reply, write_indeterminate(), transfer_json);
}

void downloads_start(ApiSelf self, const Json& params, const Reply& reply) {
  if (!serves_files(self, reply)) return;
  auto request = host::parse_start_download(params);
  if (!request) return reply->send(failure(request.error()));
  forward<Result<attachments::TransferView>>(self, self->state.partition->attachments,
                                             StartDownload{std::move(*request)}, reply,
                                             write_indeterminate(), transfer_json);
}

void attachments_open(ApiSelf self, const Json& params, const Reply& reply) {
  if (!serves_files(self, reply)) return;
  const auto id = host::parse_attachment_id(params);
  if (!id) return reply->send(failure(id.error()));
  auto path = host::parse_path(params, self->state.core->config.directory);
  if (!path) return reply->send(failure(path.error()));
  forward<Result<attachments::TransferView>>(self, self->state.partition->attachments,
                                             OpenAttachment{*id, std::move(*path)}, reply,
                                             read_interrupted(), transfer_json);
}

void attachments_list(ApiSelf self, const Json& params, const Reply& reply) {
  if (!serves_files(self, reply)) return;
  ListAttachments question;
  question.settled = params.value("settled", false);
  question.after_seq = params.value("after_seq", std::int64_t{0});
  question.limit = params.value("limit", limits::kListAttachmentsMax);
  forward<Result<std::vector<attachments::TransferView>>>(
      self, self->state.partition->attachments, question, reply, read_interrupted(),
      [](const Result<std::vector<attachments::TransferView>>& views) {
        Json list = Json::array();
        for (const auto& view : *views) list.push_back(host::attachment_json(view));
        return Json{{"attachments", std::move(list)}};
      });
}

void attachments_retry(ApiSelf self, const Json& params, const Reply& reply) {
  attachment_command(self, TransferWord::retry, params, reply);
}
void attachments_cancel(ApiSelf self, const Json& params, const Reply& reply) {
  attachment_command(self, TransferWord::cancel, params, reply);
}
void attachments_discard(ApiSelf self, const Json& params, const Reply& reply) {
  attachment_command(self, TransferWord::discard, params, reply);
}

}  // namespace landfall::actors
