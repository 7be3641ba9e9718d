#include "engine/sync/overlay.hpp"

#include "engine/store/document_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/store/view_index.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace landfall::sync {
namespace {

// The `entity` member of a verdict as it came; nothing when it has none.
std::optional<std::string> entity_in(const std::string& verdict) {
  const auto parsed =
      parse_json(verdict, JsonLimits{limits::kSyncResponseBytesMax, limits::kJsonDepthMax});
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const auto entity = parsed->find("entity");
  if (entity == parsed->end() || !entity->is_object()) return std::nullopt;
  return dump_json(*entity);
}

Result<LaidOperation> read_laid(const store::Reader& reader, const store::Sealer& outbox_key,
                                Operation operation) {
  LaidOperation laid;
  if (is_laid_over(operation.state)) {
    LANDFALL_TRY_ASSIGN(auto content,
                        store::OperationTable::content(reader, outbox_key, operation.id));
    laid.payload = std::move(content.payload);
  }
  if (!operation.adopted) {
    LANDFALL_TRY_ASSIGN(const auto verdict,
                        store::OperationTable::verdict(reader, outbox_key, operation.id));
    if (verdict) laid.entity = entity_in(*verdict);
  }
  laid.operation = std::move(operation);
  return laid;
}

Result<std::vector<LaidOperation>> read_lane(const store::Reader& reader,
                                             const store::Sealer& outbox_key,
                                             const EntityKey& entity) {
  LANDFALL_TRY_ASSIGN(auto lane, store::OperationTable::lane(reader, entity));
  std::vector<LaidOperation> result;
  for (Operation& operation : lane) {
    if (!is_laid_over(operation.state) && operation.adopted) continue;
    LANDFALL_TRY_ASSIGN(auto laid, read_laid(reader, outbox_key, std::move(operation)));
    result.push_back(std::move(laid));
  }
  return result;
}

}  // namespace

Result<std::optional<View>> read_view(const store::Reader& reader, const Profile& profile,
                                      const store::Sealer& outbox_key,
                                      const store::Sealer& documents_key, const EntityKey& entity) {
  LANDFALL_TRY_ASSIGN(const auto document, store::find_document(reader, documents_key, entity));
  LANDFALL_TRY_ASSIGN(const auto lane, read_lane(reader, outbox_key, entity));
  return lay_over(profile, entity, document, lane);
}

Result<std::optional<View>> read_view_of(const store::Reader& reader, const Profile& profile,
                                         const store::Sealer& outbox_key,
                                         const store::Sealer& documents_key, const Document& came) {
  LANDFALL_TRY_ASSIGN(auto document, store::find_document(reader, documents_key, came.entity));
  if (!document || came.row_version > document->row_version) document = came;
  LANDFALL_TRY_ASSIGN(const auto lane, read_lane(reader, outbox_key, came.entity));
  return lay_over(profile, came.entity, document, lane);
}

Result<std::vector<View>> read_views(const store::Reader& reader, const Profile& profile,
                                     const store::Sealer& outbox_key,
                                     const store::Sealer& documents_key,
                                     const std::string& entity_type,
                                     const std::optional<std::string>& after, std::size_t limit) {
  std::vector<View> views;
  std::string behind = after.value_or("");
  while (views.size() < limit) {
    const std::size_t missing = limit - views.size();
    LANDFALL_TRY_ASSIGN(const auto ids, store::viewable_ids(reader, entity_type, behind, missing));
    for (const std::string& id : ids) {
      LANDFALL_TRY_ASSIGN(auto view,
                          read_view(reader, profile, outbox_key, documents_key, {entity_type, id}));
      if (view) views.push_back(std::move(*view));
    }
    if (ids.size() < missing) break;
    behind = ids.back();
  }
  return views;
}

}  // namespace landfall::sync
