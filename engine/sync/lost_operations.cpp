#include "engine/sync/lost_operations.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/profile/profile.hpp"
#include "engine/store/base_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/sync/dependents.hpp"
#include "engine/sync/push_results.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

constexpr JsonLimits kOwnJson{limits::kSyncResponseBytesMax, limits::kJsonDepthMax};

// The document in a verdict on an operation of that entity; nothing when it makes no sense.
Result<std::optional<Document>> document_of_verdict(const store::Reader& reader,
                                                    const store::Sealer& outbox_key,
                                                    const Operation& operation) {
  LANDFALL_TRY_ASSIGN(const auto verdict,
                      OperationTable::verdict(reader, outbox_key, operation.id));
  const auto text = entity_of_verdict(verdict.value_or(""));
  if (!text) return std::optional<Document>{};
  const auto parsed = parse_json(*text, kOwnJson);
  if (!parsed) return std::optional<Document>{};
  auto document = parse_document(*parsed, "entity");
  if (!document || document->entity != operation.entity) return std::optional<Document>{};
  return std::optional<Document>{std::move(*document)};
}

// Whether that verdict says what the document was when `operation` was made.
bool is_below(const Operation& below, const Operation& operation) {
  if (below.state != OperationState::applied) return false;
  if (operation.after) return below.id == *operation.after;
  return operation.base_version && below.result_version == operation.base_version;
}

// What the user saw: kept with the operation, or told by the verdict on the one it stood on.
Result<std::optional<Json>> base_of(const store::Reader& reader, const store::Sealer& outbox_key,
                                    const Operation& operation) {
  LANDFALL_TRY_ASSIGN(const auto base,
                      store::BaseTable::find(reader, outbox_key, operation.seq, operation.id));
  if (base && base->row_version == operation.base_version) {
    LANDFALL_TRY_ASSIGN(Json data, parse_json(base->data, kOwnJson));
    return std::optional<Json>{std::move(data)};
  }
  LANDFALL_TRY_ASSIGN(const auto lane, OperationTable::lane(reader, operation.entity));
  for (auto below = lane.rbegin(); below != lane.rend(); ++below) {
    if (!is_below(*below, operation)) continue;
    LANDFALL_TRY_ASSIGN(const auto document, document_of_verdict(reader, outbox_key, *below));
    if (!document || document->deleted) continue;
    LANDFALL_TRY_ASSIGN(Json data, parse_json(document->data, kOwnJson));
    return std::optional<Json>{std::move(data)};
  }
  return std::optional<Json>{};
}

// What the user meant with them. False: the profile does not say any more.
Result<bool> read_intents(const store::Reader& reader, const store::Sealer& outbox_key,
                          const Profile& profile, Lost& lost) {
  for (const Operation& operation : lost.operations) {
    const auto* action = profile.action(operation.entity.type, operation.action);
    if (action == nullptr) return false;
    LANDFALL_TRY_ASSIGN(const auto content,
                        OperationTable::content(reader, outbox_key, operation.id));
    LANDFALL_TRY_ASSIGN(Json payload, parse_json(content.payload, kOwnJson));
    lost.contest.intents.push_back({action, std::move(payload)});
    const bool has_word = action->attest == profile::Attest::flag;
    lost.has_word = lost.has_word || has_word;
    lost.attested = lost.attested || action->attest == profile::Attest::signature ||
                    (!has_word && content.attestation.has_value());
  }
  return true;
}

}  // namespace

Result<std::vector<Operation>> lost_operations(const store::Reader& reader,
                                               const conflict::Conflict& conflict) {
  LANDFALL_TRY_ASSIGN(auto operation, OperationTable::find(reader, conflict.operation));
  if (!operation) {
    return failure(ErrorClass::corrupt, "store.corrupt", "the operation of a conflict is gone");
  }
  LANDFALL_TRY_ASSIGN(auto operations, with_dependents(reader, std::move(*operation)));
  if (!conflict.taken_back) return operations;
  for (const OperationId& id : conflict.lost) {
    LANDFALL_TRY_ASSIGN(auto lost, OperationTable::find(reader, id));
    if (lost && lost->state == OperationState::superseded) operations.push_back(std::move(*lost));
  }
  std::sort(operations.begin(), operations.end(),
            [](const Operation& a, const Operation& b) { return a.seq < b.seq; });
  return operations;
}

Result<std::optional<Lost>> read_lost(const store::Reader& reader, const store::Sealer& outbox_key,
                                      const Profile& profile, const Operation& operation,
                                      Duration server_offset) {
  LANDFALL_TRY_ASSIGN(const auto theirs, document_of_verdict(reader, outbox_key, operation));
  if (!theirs) return std::optional<Lost>{};
  LANDFALL_TRY_ASSIGN(auto operations, with_dependents(reader, operation));
  return read_lost(reader, outbox_key, profile, std::move(operations), *theirs, server_offset);
}

Result<std::optional<Lost>> read_lost(const store::Reader& reader, const store::Sealer& outbox_key,
                                      const Profile& profile, std::vector<Operation> operations,
                                      const Document& theirs, Duration server_offset) {
  Lost lost;
  lost.row_version = theirs.row_version;
  lost.operations = std::move(operations);
  LANDFALL_TRY_ASSIGN(lost.contest.base, base_of(reader, outbox_key, lost.operations.front()));
  LANDFALL_TRY_ASSIGN(lost.contest.theirs, parse_json(theirs.data, kOwnJson));
  lost.contest.theirs_deleted = theirs.deleted;
  lost.contest.times = {lost.operations.back().created_at, theirs.updated_at, server_offset};
  LANDFALL_TRY_ASSIGN(const bool is_known, read_intents(reader, outbox_key, profile, lost));
  return is_known ? std::optional{std::move(lost)} : std::nullopt;
}

Result<std::optional<Lost>> read_lost(const store::Reader& reader, const store::Sealer& outbox_key,
                                      const Profile& profile, const conflict::Conflict& conflict) {
  Lost lost;
  lost.row_version = conflict.row_version;
  LANDFALL_TRY_ASSIGN(lost.operations, lost_operations(reader, conflict));
  LANDFALL_TRY_ASSIGN(lost.contest, conflict::contest_of(conflict.body));
  LANDFALL_TRY_ASSIGN(const bool is_known, read_intents(reader, outbox_key, profile, lost));
  return is_known ? std::optional{std::move(lost)} : std::nullopt;
}

}  // namespace landfall::sync
