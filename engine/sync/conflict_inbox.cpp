#include "engine/sync/conflict_inbox.hpp"

#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/conflict_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/dependents.hpp"
#include "engine/sync/heirs.hpp"
#include "engine/sync/prepared_enqueue.hpp"
#include "engine/sync/queue_step.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using conflict::AskReason;
using conflict::Conflict;
using conflict::ConflictChoice;
using conflict::ConflictState;
using conflict::Resolution;
using conflict::Verdict;
using store::ConflictTable;
using store::OperationTable;

constexpr Instant kNever{};

tl::unexpected<Error> refused(std::string code, std::string message) {
  return failure(ErrorClass::refused, std::move(code), std::move(message));
}

tl::unexpected<Error> bad_choice(std::string code, const std::string& field, std::string message) {
  return failure(field_error(std::move(code), "choices", path_part(field), std::move(message)));
}

Result<Conflict> find(QueueStep& step, const OperationId& id) {
  LANDFALL_TRY_ASSIGN(auto row, ConflictTable::find(step.tx, step.key, id));
  if (!row) return failure(ErrorClass::invalid, "conflict.not_found", "there is no such conflict");
  return std::move(*row);
}

Status save(QueueStep& step, const Conflict& row) {
  LANDFALL_TRY(ConflictTable::save(step.tx, step.key, row));
  step.effects.conflicts.push_back(conflict::change_of(row));
  return {};
}

// The user's word for each open field; every one of them has one, and nothing else has.
Result<conflict::Choices> choices_of(const ConflictChoice& choice, const Resolution& undecided) {
  conflict::Choices mine;
  for (const auto& open : undecided.merge.open) mine[open.field] = conflict::Side::mine;
  if (choice.word == ConflictChoice::Word::mine) return mine;
  for (const auto& [field, side] : choice.fields) {
    if (!mine.contains(field)) {
      return bad_choice("conflict.unknown_field", field, "is no open field");
    }
  }
  for (const auto& [field, side] : mine) {
    if (!choice.fields.contains(field)) {
      return bad_choice("conflict.field_open", field, "is open and has no choice");
    }
  }
  return choice.fields;
}

// How often the rules have merged this intent before, in a row.
Result<std::int64_t> generation_of(QueueStep& step, const Operation& operation) {
  if (!operation.supersedes) return std::int64_t{0};
  LANDFALL_TRY_ASSIGN(const auto before,
                      ConflictTable::find(step.tx, step.key, *operation.supersedes));
  return before && before->state == ConflictState::merged ? before->generation + 1 : 0;
}

// It waits for what the server has.
bool is_unseen(const Conflict& row) {
  return row.state == ConflictState::open && row.row_version == 0;
}

// The server is asked what it has, also by the next process: no pull may ever name the entity. What
// makes no sense in the verdict is no document.
Status ask_for_theirs(QueueStep& step, Operation operation) {
  operation.adopted = false;
  operation.result_version.reset();
  LANDFALL_TRY(OperationTable::save(step.tx, operation));
  std::erase_if(step.effects.entities,
                [&](const EntityOfVerdict& each) { return each.operation == operation.id; });
  step.effects.entities.push_back({operation.id, ""});
  return {};
}

// Nothing is sent: what stood on the lost operation goes with it.
Status keep_theirs(QueueStep& step, const std::vector<Operation>& lost) {
  for (Operation operation : lost) {
    if (is_settled(operation.state)) continue;
    step.settle(operation, OperationState::superseded, "conflict.theirs");
    LANDFALL_TRY(step.save(operation));
  }
  return {};
}

// What goes again where the app's word is asked for carries that of the choice (P-58).
Status carry_word(const Profile& profile, const std::optional<std::string>& attestation,
                  Heirs& heirs) {
  for (auto& heir : heirs) {
    if (!heir || (*heir->action)->attest != profile::Attest::flag) continue;
    heir->request.attestation = attestation;
    LANDFALL_TRY(check_attestation(profile, *heir));
  }
  return {};
}

}  // namespace

Resolution ConflictInbox::resolve_by_rules(const Lost& lost, std::int64_t generation) const {
  const auto& policy = profile_.entity(lost.operations.front().entity.type)->conflict;
  Resolution resolution = conflict::resolve(policy, lost.contest);
  if (resolution.verdict != Verdict::merged) return resolution;
  // A server that finds a conflict every time must not be answered for ever (INV-Q9).
  if (generation >= limits::kMergesInARowMax) resolution.reason = AskReason::repeated;
  if (lost.attested || lost.has_word) resolution.reason = AskReason::confirm;
  if (resolution.reason != AskReason::none) resolution.verdict = Verdict::ask;
  return resolution;
}

Status ConflictInbox::meet(QueueStep& step, const std::vector<OperationId>& operations,
                           Duration server_offset) const {
  for (const OperationId& id : operations) LANDFALL_TRY(meet_one(step, id, server_offset));
  return {};
}

Status ConflictInbox::meet_one(QueueStep& step, const OperationId& id,
                               Duration server_offset) const {
  LANDFALL_TRY_ASSIGN(const auto operation, OperationTable::find(step.tx, id));
  if (!operation || operation->state != OperationState::conflict) return {};
  // A receipt that was asked for before the verdict came tells nothing new.
  LANDFALL_TRY_ASSIGN(const auto met_before, ConflictTable::find(step.tx, step.key, id));
  if (met_before) return {};
  LANDFALL_TRY_ASSIGN(const auto lost,
                      read_lost(step.tx, step.key, profile_, *operation, server_offset));
  if (!lost) return wait_for_theirs(step, *operation);

  Conflict row;
  row.operation = id;
  row.entity = operation->entity;
  row.created_at = step.now;
  LANDFALL_TRY(decide_by_rules(step, *operation, *lost, row));
  if (mutant::is(mutant::Mutant::forget_conflict) && row.state == ConflictState::open) return {};
  LANDFALL_TRY(ConflictTable::insert(step.tx, step.key, row));
  step.effects.conflicts.push_back(conflict::change_of(row));
  return {};
}

Status ConflictInbox::meet_unseen(QueueStep& step, const OperationId& id, const Document& theirs,
                                  Duration server_offset) const {
  LANDFALL_TRY_ASSIGN(auto row, ConflictTable::find(step.tx, step.key, id));
  if (!row || !is_unseen(*row)) return {};
  LANDFALL_TRY_ASSIGN(auto operations, lost_operations(step.tx, *row));
  const Operation operation = operations.front();
  LANDFALL_TRY_ASSIGN(const auto lost, read_lost(step.tx, step.key, profile_, std::move(operations),
                                                 theirs, server_offset));
  if (!lost) return {};
  LANDFALL_TRY(decide_by_rules(step, operation, *lost, *row));
  return save(step, *row);
}

// What the rules make of it, in `row`, which the caller keeps.
Status ConflictInbox::decide_by_rules(QueueStep& step, const Operation& operation, const Lost& lost,
                                      Conflict& row) const {
  row.row_version = lost.row_version;
  row.lost = ids_of(lost.operations);
  LANDFALL_TRY_ASSIGN(row.generation, generation_of(step, operation));
  Resolution resolution = resolve_by_rules(lost, row.generation);
  // Its user took a decision back, and makes the next one.
  if (row.taken_back && resolution.verdict == Verdict::merged) {
    resolution.verdict = Verdict::ask;
    resolution.reason = AskReason::confirm;
  }
  std::optional<Heirs> heirs;
  if (resolution.verdict == Verdict::merged) {
    heirs = make_heirs(profile_, secure_random_, lost, resolution, step.now);
    if (!heirs) {
      resolution.verdict = Verdict::ask;
      resolution.reason = AskReason::unfit;
    }
  }
  row.body = conflict::body_of(lost.contest, resolution);
  if (resolution.verdict == Verdict::merged) {
    row.state = ConflictState::merged;
    LANDFALL_TRY_ASSIGN(row.heirs, supersede(step, lost, *heirs, DecidedBy::rules));
  } else {
    LANDFALL_TRY(step.tell(operation, "conflict", operation.cause));
  }
  if (resolution.verdict == Verdict::keep_theirs) {
    row.state = ConflictState::kept_theirs;
    LANDFALL_TRY(keep_theirs(step, lost.operations));
  }
  if (row.state != ConflictState::open) row.resolved_at = step.now;
  return {};
}

// The server did not say what it has. Until it does, nobody can merge, but the user can give it up,
// or supersede it by hand.
Status ConflictInbox::wait_for_theirs(QueueStep& step, const Operation& operation) const {
  Conflict row;
  row.operation = operation.id;
  row.entity = operation.entity;
  row.created_at = step.now;
  LANDFALL_TRY_ASSIGN(const auto lost, with_dependents(step.tx, operation));
  row.lost = ids_of(lost);
  row.body = conflict::body_of({}, {});
  row.body["reason"] = "unseen";
  LANDFALL_TRY(step.tell(operation, "conflict", operation.cause));
  LANDFALL_TRY(ConflictTable::insert(step.tx, step.key, row));
  step.effects.conflicts.push_back(conflict::change_of(row));
  return ask_for_theirs(step, operation);
}

Status ConflictInbox::resolve(QueueStep& step, const ConflictChoice& choice) const {
  LANDFALL_TRY_ASSIGN(Conflict row, find(step, choice.id));
  if (row.state != ConflictState::open) {
    return refused("conflict.not_open", "it is " + std::string(conflict::to_string(row.state)));
  }
  if (choice.word == ConflictChoice::Word::theirs) {
    LANDFALL_TRY_ASSIGN(const auto lost, lost_operations(step.tx, row));
    row.lost = ids_of(lost);
    // Nobody waits for what they are.
    if (is_unseen(row)) LANDFALL_TRY(OperationTable::mark_adopted(step.tx, row.operation));
    row.state = ConflictState::given_up;
    LANDFALL_TRY(keep_theirs(step, lost));
  } else if (is_unseen(row)) {
    return refused("conflict.unfit", "the server has not said yet what it has");
  } else {
    LANDFALL_TRY_ASSIGN(const auto lost, read_lost(step.tx, step.key, profile_, row));
    if (!lost) return refused("conflict.unfit", "the profile has no such action any more");
    row.lost = ids_of(lost->operations);
    LANDFALL_TRY(decide(step, choice, *lost, row));
  }
  row.taken_back = false;
  row.resolved_at = step.now;
  return save(step, row);
}

// By what the user said of the open fields.
Status ConflictInbox::decide(QueueStep& step, const ConflictChoice& choice, const Lost& lost,
                             Conflict& row) const {
  if (lost.attested) {
    return refused("conflict.unfit", "it was attested: supersede it with another attestation");
  }
  const auto& policy = profile_.entity(row.entity.type)->conflict;
  const Resolution undecided = conflict::resolve(policy, lost.contest, {}, true);
  LANDFALL_TRY_ASSIGN(const auto choices, choices_of(choice, undecided));
  const Resolution decided = conflict::resolve(policy, lost.contest, choices, true);
  const bool is_mine = choice.word == ConflictChoice::Word::mine;
  if (decided.verdict == Verdict::keep_theirs && is_mine) {
    return refused("conflict.no_choice", "nothing is left to send: only theirs can be kept");
  }
  std::optional<Heirs> heirs;
  if (decided.verdict != Verdict::ask)
    heirs = make_heirs(profile_, secure_random_, lost, decided, step.now);
  if (heirs) LANDFALL_TRY(carry_word(profile_, choice.attestation, *heirs));
  row.body = conflict::body_of(lost.contest, decided, undecided.merge.open);
  if (!heirs) {
    return refused("conflict.unfit", "the action cannot be said with that choice");
  }
  if (decided.verdict == Verdict::keep_theirs) {
    row.state = ConflictState::given_up;
    return keep_theirs(step, lost.operations);
  }
  row.state = ConflictState::chosen;
  LANDFALL_TRY_ASSIGN(row.heirs, supersede(step, lost, *heirs, DecidedBy::user));
  return {};
}

Status ConflictInbox::reopen(QueueStep& step, const OperationId& operation) const {
  LANDFALL_TRY_ASSIGN(Conflict row, find(step, operation));
  if (row.state == ConflictState::open) {
    return refused("conflict.not_decided", "nothing was decided yet");
  }
  if (row.state == ConflictState::kept_theirs) {
    return refused("conflict.no_choice", "nothing is left to send: only theirs can be kept");
  }
  LANDFALL_TRY_ASSIGN(auto heirs, unsent_heirs(step.tx, row));
  for (Operation& heir : heirs) {
    step.settle(heir, OperationState::cancelled, "conflict.reopened");
    LANDFALL_TRY(step.save(heir));
  }
  LANDFALL_TRY_ASSIGN(auto lost, lost_operations(step.tx, row));
  step.settle(lost.front(), OperationState::conflict, "conflict.reopened");
  LANDFALL_TRY(step.save(lost.front()));
  row.taken_back = true;
  row.state = ConflictState::open;
  row.heirs.clear();
  row.resolved_at = kNever;
  LANDFALL_TRY(save(step, row));
  return is_unseen(row) ? ask_for_theirs(step, lost.front()) : Status{};
}

Status ConflictInbox::close(QueueStep& step, Operation& operation, const OperationId& heir) const {
  if (operation.state != OperationState::conflict) return {};
  LANDFALL_TRY_ASSIGN(auto row, ConflictTable::find(step.tx, step.key, operation.id));
  if (!row) return {};
  LANDFALL_TRY_ASSIGN(const auto lost, lost_operations(step.tx, *row));
  row->lost = ids_of(lost);
  operation.adopted = operation.adopted || is_unseen(*row);
  row->taken_back = false;
  row->state = ConflictState::chosen;
  row->heirs = {heir};
  row->resolved_at = step.now;
  return save(step, *row);
}

}  // namespace landfall::sync
