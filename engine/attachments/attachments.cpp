#include "engine/attachments/attachments.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/store/attachment_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::attachments {
namespace {

using store::AttachmentTable;
using store::OperationTable;
using store::Reader;
using store::Transaction;

// What a process that died left: nobody knows what became of its call.
void recover(Transfer& transfer, const StepContext& context) {
  if (transfer.direction == Direction::up && transfer.first_sent_at != kNever)
    on_upload_lost(transfer);
  lift(transfer, Block::upgrade);
  believe_due(transfer, context);
}

// Its content is not here though the row says so.
void miss_file(Transfer& transfer) {
  transfer.has_file = false;
  if (is_settled(transfer.state)) return;
  transfer.due_at = kNever;
  transfer.wait = Wait::none;
  if (transfer.direction == Direction::up) {
    transfer.state = State::failed;
    transfer.block = Block::none;
    transfer.cause = "attachment.missing";
    return;
  }
  transfer.step = Step::fetch;
  transfer.confirmed = 0;
  transfer.bytes = 0;
  transfer.etag.clear();
  if (!transfer.hash_given) transfer.sha256.reset();
}

}  // namespace

Attachments::Attachments(const Profile& profile, http::RepeatLedger& repeats)
    : profile_(profile), calls_(repeats, http::RepeatRank::accepted) {
  LANDFALL_ASSERT(profile.attachments.has_value());
}

void Attachments::forget_call() {
  unsure_ = under_way_ ? under_way_->id : last_answered_;
  under_way_.reset();
  operations_moved_ = true;
}

Status Attachments::save(Transaction& tx, const Transfer& transfer, TransferEffects& effects) {
  LANDFALL_TRY(AttachmentTable::save(tx, transfer));
  effects.changes.push_back(transfer);
  return {};
}

Status Attachments::drop_file(Transaction& tx, Transfer& transfer, TransferEffects& effects) {
  transfer.has_file = false;
  effects.removed.push_back(transfer.id);
  return save(tx, transfer, effects);
}

// --- open

Result<TransferEffects> Attachments::on_open(Transaction& tx,
                                             const std::vector<AttachmentId>& files, Instant now) {
  TransferEffects effects;
  std::vector<AttachmentId> unknown = files;
  LANDFALL_TRY_ASSIGN(auto with_file, AttachmentTable::with_file(tx));
  for (Transfer& transfer : with_file) {
    const auto found = std::ranges::find(unknown, transfer.id);
    if (found != unknown.end()) {
      unknown.erase(found);
      continue;
    }
    miss_file(transfer);
    LANDFALL_TRY(save(tx, transfer, effects));
  }
  effects.removed = std::move(unknown);
  LANDFALL_TRY_ASSIGN(auto open, AttachmentTable::open(tx));
  for (Transfer& transfer : open) {
    const Transfer before = transfer;
    recover(transfer, context(now));
    if (transfer != before) LANDFALL_TRY(AttachmentTable::save(tx, transfer));
  }
  return effects;
}

// --- what the user hands in

Status Attachments::check_room(const Reader& reader, std::int64_t bytes) const {
  LANDFALL_TRY_ASSIGN(const auto open, AttachmentTable::count_open(reader));
  if (open.count >= static_cast<std::int64_t>(limits::kAttachmentsOpenMax))
    return failure(ErrorClass::busy, "attachment.full", "too many files wait");
  if (open.bytes + bytes > static_cast<std::int64_t>(limits::kAttachmentBytesOpenMax))
    return failure(ErrorClass::busy, "attachment.bytes_full", "the files that wait are too large");
  return {};
}

Result<std::optional<Transfer>> Attachments::may_add(const Reader& reader,
                                                     const AddRequest& request) const {
  LANDFALL_TRY_ASSIGN(auto known, AttachmentTable::find(reader, request.id));
  if (known) {
    const bool is_same =
        known->direction == Direction::up && known->content_type == request.content_type;
    if (is_same) return known;
    return failure(ErrorClass::invalid, "attachment.id_reused",
                   "this id was accepted with other words");
  }
  if (!rules().content_types.contains(request.content_type)) {
    return failure(ErrorClass::invalid, "attachment.type_unknown",
                   "the app takes no files of type " + quote_input(request.content_type));
  }
  LANDFALL_TRY_ASSIGN(const auto operation, OperationTable::find(reader, request.operation));
  if (!operation) {
    return failure(ErrorClass::invalid, "operation.not_found",
                   "no operation has this id; hand it in before its files");
  }
  if (was_given_up(operation->state)) {
    return failure(ErrorClass::refused, "attachment.operation_over",
                   "the operation was given up, so that its files would never be sent");
  }
  LANDFALL_TRY(check_room(reader, 0));
  return std::optional<Transfer>{};
}

Result<Transfer> Attachments::on_added(Transaction& tx, const AddRequest& request,
                                       const TakenIn& content, Instant now) {
  LANDFALL_TRY_ASSIGN(auto known, may_add(tx, request));
  if (known) return *known;
  LANDFALL_TRY(check_room(tx, content.bytes));
  LANDFALL_TRY_ASSIGN(const auto operation, OperationTable::find(tx, request.operation));
  Transfer transfer;
  transfer.id = request.id;
  transfer.direction = Direction::up;
  transfer.operation = request.operation;
  if (operation) transfer.entity = operation->entity;
  transfer.content_type = request.content_type;
  transfer.bytes = content.bytes;
  transfer.piece_bytes = static_cast<std::int64_t>(rules().piece_bytes);
  transfer.sha256 = content.sha256;
  transfer.step = Step::start;
  transfer.has_file = true;
  transfer.created_at = now;
  LANDFALL_TRY_ASSIGN(transfer.seq, AttachmentTable::insert(tx, transfer));
  operations_moved_ = true;
  return transfer;
}

Result<Transfer> Attachments::on_download(Transaction& tx, const DownloadRequest& request,
                                          Instant now) {
  LANDFALL_TRY_ASSIGN(auto known, AttachmentTable::find(tx, request.id));
  if (known) {
    const bool is_same = known->direction == Direction::down && known->source == request.source &&
                         known->source_id == request.source_id;
    if (is_same) return *known;
    return failure(ErrorClass::invalid, "attachment.id_reused",
                   "this id was accepted with other words");
  }
  if (!rules().downloads.contains(request.source)) {
    return failure(ErrorClass::invalid, "download.unknown_kind",
                   "the profile has no files of kind " + quote_input(request.source));
  }
  LANDFALL_TRY(check_room(tx, 0));
  Transfer transfer;
  transfer.id = request.id;
  transfer.direction = Direction::down;
  transfer.entity = request.entity;
  transfer.source = request.source;
  transfer.source_id = request.source_id;
  transfer.piece_bytes = static_cast<std::int64_t>(rules().piece_bytes);
  transfer.sha256 = request.sha256;
  transfer.hash_given = request.sha256.has_value();
  transfer.step = Step::fetch;
  transfer.created_at = now;
  LANDFALL_TRY_ASSIGN(transfer.seq, AttachmentTable::insert(tx, transfer));
  return transfer;
}

}  // namespace landfall::attachments
