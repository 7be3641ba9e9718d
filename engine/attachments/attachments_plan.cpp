#include "engine/attachments/attachments.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/store/attachment_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

// The part of the attachments machine that says whose turn it is.

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

bool needs_word(OperationState state) {
  return state == OperationState::rejected || state == OperationState::conflict ||
         state == OperationState::failed || state == OperationState::superseded;
}

}  // namespace

bool Attachments::may_call() const {
  const bool costs_too_much = network_.metered && rules().on_metered == profile::OnMetered::wait;
  return network_.reachable && authenticated_ && !costs_too_much;
}

// No call before it, of any of them.
Instant Attachments::held_until() const { return std::max(held_until_, calls_.held_until()); }

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
      transfer.step == Step::check ? transfer.due_at : std::max(transfer.due_at, held_until());
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
  calls_.on_sent(now);
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
    if (is_unsent) outlook.follows_operations = true;
    if (is_unsent && operations_moved_) outlook.wants_plan = true;
    const bool is_held = transfer.state != State::waiting || transfer.cause == kOperationPending ||
                         (transfer.step != Step::check && !may_call());
    if (is_held || under_way_) continue;
    const Instant due_at =
        transfer.step == Step::check ? transfer.due_at : std::max(transfer.due_at, held_until());
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
    if (!is_held) take_earlier(next, std::max({transfer.due_at, held_until(), now}));
  }
  return next;
}

}  // namespace landfall::attachments
