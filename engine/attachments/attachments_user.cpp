#include <optional>
#include <string_view>
#include <utility>

#include "engine/attachments/attachments.hpp"
#include "engine/attachments/setback.hpp"
#include "engine/store/attachment_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

// What the user and the network say to transfers.
namespace landfall::attachments {
namespace {

using store::AttachmentTable;
using store::Transaction;

Result<Transfer> require(const store::Reader& reader, const AttachmentId& id) {
  LANDFALL_TRY_ASSIGN(auto transfer, AttachmentTable::find(reader, id));
  if (!transfer) return failure(ErrorClass::invalid, "attachment.not_found", "no file has this id");
  return std::move(*transfer);
}

Error is_over() {
  return {ErrorClass::refused, "attachment.settled", "it is done, or it was given up"};
}

// True when it changed.
bool bend_at_edge(Transfer& transfer, Instant now) {
  const Instant soon = now + Duration{limits::kResendGapMs};
  if (transfer.wait != Wait::ladder || transfer.due_at <= soon) return false;
  transfer.due_at = soon;
  return true;
}

}  // namespace

Result<TransferEffects> Attachments::on_network(Transaction& tx, const Network& network, bool edge,
                                                Instant now) {
  TransferEffects effects;
  network_ = network;
  if (!edge) return effects;
  LANDFALL_TRY_ASSIGN(auto open, AttachmentTable::open(tx));
  for (Transfer& transfer : open) {
    if (bend_at_edge(transfer, now)) LANDFALL_TRY(save(tx, transfer, effects));
  }
  return effects;
}

Result<TransferEffects> Attachments::on_auth(Transaction& tx, bool authenticated) {
  TransferEffects effects;
  authenticated_ = authenticated;
  if (!authenticated) return effects;
  LANDFALL_TRY_ASSIGN(auto open, AttachmentTable::open(tx));
  for (Transfer& transfer : open) {
    if (lift(transfer, Block::auth)) LANDFALL_TRY(save(tx, transfer, effects));
  }
  return effects;
}

Result<TransferEffects> Attachments::on_update_over(Transaction& tx) {
  TransferEffects effects;
  LANDFALL_TRY_ASSIGN(auto open, AttachmentTable::open(tx));
  for (Transfer& transfer : open) {
    if (lift(transfer, Block::upgrade)) LANDFALL_TRY(save(tx, transfer, effects));
  }
  return effects;
}

Result<TransferEffects> Attachments::on_cancel(Transaction& tx, const AttachmentId& id,
                                               Instant now) {
  TransferEffects effects;
  LANDFALL_TRY_ASSIGN(Transfer transfer, require(tx, id));
  if (transfer.state == State::cancelled) return effects;
  if (is_settled(transfer.state)) return failure(is_over());
  const bool was_heard = transfer.direction == Direction::up && transfer.first_sent_at != kNever;
  if (was_heard) {
    return failure(ErrorClass::refused, "attachment.sent",
                   "the server has heard of it; it can be discarded");
  }
  settle(transfer, State::cancelled, now);
  LANDFALL_TRY(drop_file(tx, transfer, effects));
  return effects;
}

Result<TransferEffects> Attachments::on_discard(Transaction& tx, const AttachmentId& id,
                                                bool accept_unknown, Instant now) {
  TransferEffects effects;
  LANDFALL_TRY_ASSIGN(Transfer transfer, require(tx, id));
  if (transfer.state == State::cancelled || transfer.state == State::discarded) return effects;
  if (may_be_complete(transfer) && !accept_unknown) {
    return failure(ErrorClass::refused, "attachment.may_have_happened",
                   "the server may have all of it");
  }
  // A photograph that the server has stays with it; what is here is a copy.
  const bool is_copy = transfer.state == State::done && transfer.direction == Direction::up;
  if (!is_copy) settle(transfer, State::discarded, now);
  LANDFALL_TRY(drop_file(tx, transfer, effects));
  return effects;
}

Result<TransferEffects> Attachments::on_retry(Transaction& tx, const AttachmentId& id,
                                              Instant now) {
  TransferEffects effects;
  LANDFALL_TRY_ASSIGN(Transfer transfer, require(tx, id));
  if (is_settled(transfer.state)) return failure(is_over());
  if (transfer.state == State::rejected) {
    return failure(ErrorClass::refused, "attachment.rejected",
                   "the server will not take it; it can be discarded");
  }
  if (transfer.direction == Direction::up && !transfer.has_file) {
    return failure(ErrorClass::refused, "attachment.gone",
                   "its content is lost; hand the file in again");
  }
  note_progress(transfer);
  transfer.restarts = 0;
  held_until_ = kNever;
  transfer.due_at = now;
  operations_moved_ = true;
  LANDFALL_TRY(save(tx, transfer, effects));
  return effects;
}

Result<TransferEffects> Attachments::on_clear(Transaction& tx) {
  TransferEffects effects;
  while (true) {
    LANDFALL_TRY_ASSIGN(auto kept, AttachmentTable::least_used(tx));
    if (!kept) return effects;
    LANDFALL_TRY(drop_file(tx, *kept, effects));
  }
}

Result<Transfer> Attachments::on_open_content(Transaction& tx, const AttachmentId& id,
                                              Instant now) {
  LANDFALL_TRY_ASSIGN(Transfer transfer, require(tx, id));
  const bool is_whole = transfer.direction == Direction::up || transfer.state == State::done;
  if (!transfer.has_file && is_whole) {
    return failure(ErrorClass::refused, "attachment.gone",
                   "its content is not here any more; it can be downloaded again");
  }
  if (!is_whole || is_settled(transfer.state) != (transfer.state == State::done)) {
    return failure(ErrorClass::busy, "attachment.not_ready", "its content is not all here yet");
  }
  transfer.used_at = now;
  LANDFALL_TRY(AttachmentTable::touch(tx, id, now));
  return transfer;
}

namespace {

std::string_view help_for_block(Block block) {
  switch (block) {
    case Block::auth:
      return "login";
    case Block::permission:
      return "permission";
    case Block::upgrade:
      return "update";
    case Block::operation:
      return "operation";
    case Block::none:
    case Block::server:
      break;
  }
  return "retry";
}

// What would help one that time alone does not bring further; nothing for one that waits.
std::optional<std::string_view> help_for(const Transfer& transfer) {
  switch (transfer.state) {
    case State::waiting:
      return std::nullopt;
    case State::blocked:
      return help_for_block(transfer.block);
    case State::failed:
      return transfer.direction == Direction::down || transfer.has_file ? "retry" : "discard";
    case State::rejected:
      return "discard";
    case State::done:
    case State::cancelled:
    case State::discarded:
      break;
  }
  return "";
}

}  // namespace

TransferView Attachments::view(const Transfer& transfer) const {
  TransferView view{transfer, under_way_ && under_way_->id == transfer.id, {}};
  if (const auto help = help_for(transfer)) {
    view.would_help = *help;
  } else if (view.is_moving) {
    view.would_help = "";
  } else if (transfer.cause == "operation.pending") {
    view.would_help = "sync";
  } else if (!network_.reachable) {
    view.would_help = "network";
  } else if (!authenticated_) {
    view.would_help = is_renewing_ ? "wait" : "login";
  } else if (!may_call()) {
    view.would_help = "unmetered";
  } else if (transfer.due_at != kNever) {
    view.would_help = "wait";
  }
  return view;
}

}  // namespace landfall::attachments
