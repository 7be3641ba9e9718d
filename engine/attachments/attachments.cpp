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
using sync::OperationState;

constexpr std::string_view kOperationPending = "operation.pending";

void take_earlier(std::optional<Instant>& next, Instant candidate) {
  next = std::min(next.value_or(candidate), candidate);
}

// Downloads before uploads, each in order of acceptance.
void sort_by_turn(std::vector<Transfer>& transfers) {
  std::ranges::stable_sort(transfers, [](const Transfer& a, const Transfer& b) {
    return a.direction == Direction::down && b.direction == Direction::up;
  });
}

bool was_given_up(OperationState state) {
  return state == OperationState::cancelled || state == OperationState::discarded;
}

bool needs_word(OperationState state) {
  return state == OperationState::rejected || state == OperationState::conflict ||
         state == OperationState::failed || state == OperationState::superseded;
}

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

Attachments::Attachments(const Profile& profile) : profile_(profile) {
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

// --- whose turn it is

bool Attachments::may_call() const {
  const bool costs_too_much = network_.metered && rules().on_metered == profile::OnMetered::wait;
  return network_.reachable && authenticated_ && !costs_too_much;
}

// Whether the operation of an upload lets it go.
Result<bool> Attachments::follow_operation(Transaction& tx, Transfer& transfer,
                                           TransferEffects& effects, Instant now) {
  LANDFALL_ASSERT(transfer.operation.has_value());
  LANDFALL_TRY_ASSIGN(auto operation, OperationTable::find(tx, *transfer.operation));
  while (operation && needs_word(operation->state)) {
    LANDFALL_TRY_ASSIGN(const auto heir, AttachmentTable::heir_of(tx, *operation));
    if (!heir) break;
    transfer.operation = heir;
    LANDFALL_TRY(AttachmentTable::save(tx, transfer));
    LANDFALL_TRY_ASSIGN(operation, OperationTable::find(tx, *heir));
  }
  const OperationState state = operation ? operation->state : OperationState::discarded;
  if (was_given_up(state)) {
    settle(transfer, State::discarded, now);
    transfer.cause = "attachment.operation_over";
    LANDFALL_TRY(drop_file(tx, transfer, effects));
    return false;
  }
  const Transfer before = transfer;
  if (needs_word(state)) {
    block(transfer, Block::operation, "operation." + std::string(sync::to_string(state)));
  } else if (transfer.block == Block::operation) {
    note_progress(transfer);
  }
  const bool is_applied = state == OperationState::applied;
  if (transfer.state == State::waiting && !is_applied) transfer.cause = kOperationPending;
  if (is_applied && transfer.cause == kOperationPending) transfer.cause.clear();
  if (transfer != before) LANDFALL_TRY(save(tx, transfer, effects));
  return is_applied;
}

Status Attachments::follow_all(Transaction& tx, std::vector<Transfer>& open,
                               TransferEffects& effects, Instant now) {
  if (!operations_moved_) return {};
  for (Transfer& transfer : open) {
    if (transfer.direction == Direction::up && transfer.first_sent_at == kNever)
      LANDFALL_TRY(follow_operation(tx, transfer, effects, now));
  }
  operations_moved_ = false;
  return {};
}

// Once the server has heard of it, its operation was applied.
Result<bool> Attachments::is_ready(Transaction& tx, Transfer& transfer, TransferEffects& effects,
                                   Instant now) {
  if (transfer.state != State::waiting) return false;
  if (transfer.direction == Direction::up && transfer.first_sent_at == kNever) {
    LANDFALL_TRY_ASSIGN(const bool is_free, follow_operation(tx, transfer, effects, now));
    if (!is_free) return false;
  }
  if (transfer.step != Step::check && !may_call()) return false;
  const Instant due_at =
      transfer.step == Step::check ? transfer.due_at : std::max(transfer.due_at, held_until_);
  if (due_at <= now) return true;
  take_earlier(effects.wake_at, due_at);
  return false;
}

Status Attachments::begin(Transaction& tx, Transfer transfer, TransferEffects& effects,
                          Instant now) {
  under_way_ = UnderWay{++last_number_, transfer.id};
  if (unsure_ == transfer.id) {
    if (transfer.direction == Direction::up) on_upload_lost(transfer);
    unsure_.reset();
  }
  if (transfer.step == Step::check) {
    effects.check = std::move(transfer);
    return {};
  }
  TransferCall call;
  call.number = last_number_;
  if (transfer.direction == Direction::up) {
    on_upload_sent(transfer, now);
    call.call = upload_call(transfer, rules());
    if (transfer.step == Step::send) call.body = next_range(transfer);
  } else {
    if (transfer.first_sent_at == kNever) transfer.first_sent_at = now;
    call.call = download_call(transfer, rules());
  }
  LANDFALL_TRY(AttachmentTable::save(tx, transfer));
  call.transfer = std::move(transfer);
  effects.call = std::move(call);
  return {};
}

Result<TransferEffects> Attachments::plan(Transaction& tx, Instant now) {
  TransferEffects effects;
  LANDFALL_TRY_ASSIGN(auto open, AttachmentTable::open(tx));
  LANDFALL_TRY(follow_all(tx, open, effects, now));
  if (under_way_) return effects;
  sort_by_turn(open);
  for (Transfer& transfer : open) {
    LANDFALL_TRY_ASSIGN(const bool is_its_turn, is_ready(tx, transfer, effects, now));
    if (!is_its_turn) continue;
    LANDFALL_TRY(begin(tx, std::move(transfer), effects, now));
    effects.wake_at.reset();
    break;
  }
  return effects;
}

Result<Attachments::Outlook> Attachments::look_ahead(const Reader& reader, Instant now) const {
  LANDFALL_TRY_ASSIGN(const auto open, AttachmentTable::open(reader));
  Outlook outlook;
  for (const Transfer& transfer : open) {
    const bool is_unsent = transfer.direction == Direction::up && transfer.first_sent_at == kNever;
    if (is_unsent && operations_moved_) outlook.wants_plan = true;
    const bool is_held = transfer.state != State::waiting || transfer.cause == kOperationPending ||
                         (transfer.step != Step::check && !may_call());
    if (is_held || under_way_) continue;
    const Instant due_at =
        transfer.step == Step::check ? transfer.due_at : std::max(transfer.due_at, held_until_);
    if (due_at <= now) outlook.wants_plan = true;
    take_earlier(outlook.wake_at, due_at);
  }
  return outlook;
}

Result<std::optional<Instant>> Attachments::next_call_at(const Reader& reader, Instant now) const {
  LANDFALL_TRY_ASSIGN(const auto open, AttachmentTable::open(reader));
  std::optional<Instant> next;
  for (const Transfer& transfer : open) {
    const bool is_held = transfer.state != State::waiting || transfer.cause == kOperationPending;
    if (!is_held) take_earlier(next, std::max({transfer.due_at, held_until_, now}));
  }
  return next;
}

// --- what became of a call

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
