#include "engine/attachments/attachments.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/store/attachment_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

// The part of the attachments machine that takes what became of a call.

namespace landfall::attachments {

using store::AttachmentTable;
using store::Transaction;

// The row of the call with that number, which is over now; nothing when the call is an older one,
// or its transfer was given up meanwhile.
Result<std::optional<Transfer>> Attachments::take_under_way(Transaction& tx, std::uint64_t number) {
  if (!under_way_ || under_way_->number != number) return std::optional<Transfer>{};
  LANDFALL_TRY_ASSIGN(auto transfer, AttachmentTable::find(tx, under_way_->id));
  last_answered_ = under_way_->id;
  under_way_.reset();
  if (!transfer || is_settled(transfer->state)) return std::optional<Transfer>{};
  return transfer;
}

void Attachments::hold(const Transfer& transfer, Instant now) {
  if (transfer.wait == Wait::server) {
    held_until_ = transfer.due_at;
  } else if (transfer.wait == Wait::ladder || transfer.state == State::failed) {
    held_until_ = now + Duration{limits::kResendGapMs};
  }
}

Result<TransferEffects> Attachments::on_answer(Transaction& tx, std::uint64_t number,
                                               const http::Answer& answer,
                                               const std::optional<Fetched>& stored, Instant now) {
  TransferEffects effects;
  const auto moving = under_way_;
  LANDFALL_TRY_ASSIGN(auto transfer, take_under_way(tx, number));
  if (moving && moving->number == number) calls_.on_answer(answer);
  if (!transfer) {
    // What was fetched for one that was given up meanwhile stays nowhere.
    if (stored && moving && moving->number == number) effects.removed.push_back(moving->id);
    return effects;
  }
  if (transfer->direction == Direction::up) {
    on_upload_answer(*transfer, answer, context(now));
  } else if (stored) {
    on_download_stored(*transfer, *stored);
  } else {
    on_download_answer(*transfer, answer, context(now));
  }
  hold(*transfer, now);
  LANDFALL_TRY(save(tx, *transfer, effects));
  if (transfer->state == State::done) LANDFALL_TRY(on_done(tx, *transfer, effects));
  return effects;
}

Result<TransferEffects> Attachments::on_file_error(Transaction& tx, std::uint64_t number,
                                                   const Error& error, Instant now) {
  TransferEffects effects;
  LANDFALL_TRY_ASSIGN(auto transfer, take_under_way(tx, number));
  if (!transfer) return effects;
  const bool is_lost = error.kind == ErrorClass::corrupt || error.code == "file.missing";
  if (error.kind == ErrorClass::storage_full) {
    transfer->wait = Wait::ladder;
    transfer->due_at = now + Duration{limits::kStorageRetryMs};
    transfer->cause = error.code;
  } else if (is_lost && transfer->direction == Direction::up) {
    transfer->state = State::failed;
    transfer->cause = error.code == "file.missing" ? "attachment.missing" : "attachment.damaged";
  } else {
    note_failure(*transfer, error.code, context(now));
  }
  LANDFALL_TRY(save(tx, *transfer, effects));
  return effects;
}

Result<TransferEffects> Attachments::on_checked(Transaction& tx, const AttachmentId& id,
                                                const std::optional<ContentHash>& actual,
                                                Instant now) {
  TransferEffects effects;
  if (!under_way_ || under_way_->id != id) return effects;
  LANDFALL_TRY_ASSIGN(auto transfer, take_under_way(tx, under_way_->number));
  if (!transfer) return effects;
  on_download_checked(*transfer, actual, context(now));
  LANDFALL_TRY(save(tx, *transfer, effects));
  if (transfer->state == State::done) LANDFALL_TRY(on_done(tx, *transfer, effects));
  return effects;
}

// One more file is kept: older versions of it go, then the least recently used beyond the cap. The
// one that came last stays, however large it is.
Status Attachments::on_done(Transaction& tx, const Transfer& done, TransferEffects& effects) {
  if (done.direction == Direction::down) {
    LANDFALL_TRY_ASSIGN(auto older, AttachmentTable::same_source(tx, done));
    for (Transfer& each : older) LANDFALL_TRY(drop_file(tx, each, effects));
  }
  LANDFALL_TRY_ASSIGN(std::int64_t kept, AttachmentTable::kept_bytes(tx));
  while (kept > static_cast<std::int64_t>(rules().cache_bytes_max)) {
    LANDFALL_TRY_ASSIGN(auto victim, AttachmentTable::least_used(tx));
    if (!victim || victim->id == done.id) break;
    kept -= victim->bytes;
    LANDFALL_TRY(drop_file(tx, *victim, effects));
  }
  return AttachmentTable::forget_old(tx);
}

}  // namespace landfall::attachments
