#include "engine/sync/overlay.hpp"

#include "engine/profile/profile.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

namespace landfall::sync {
namespace {

// The entity as it is shown while operations are laid over it one by one.
struct Shown {
  bool exists = false;
  Json data = Json::object();
};

// Texts of our own tables: they were checked when they came in. What still is no object shows as an
// empty one.
Json object_of(const std::string& text) {
  auto parsed = parse_json(text, JsonLimits{limits::kSyncResponseBytesMax, limits::kJsonDepthMax});
  return parsed && parsed->is_object() ? std::move(*parsed) : Json::object();
}

std::optional<Document> entity_of_verdict(const LaidOperation& laid, const EntityKey& entity) {
  if (!laid.entity) return std::nullopt;
  auto document = parse_document(object_of(*laid.entity), "entity");
  if (!document || document->entity != entity) return std::nullopt;
  return std::move(*document);
}

std::optional<Document> newest_of(const EntityKey& entity, const std::optional<Document>& document,
                                  const std::vector<LaidOperation>& operations) {
  std::optional<Document> newest = document;
  for (const LaidOperation& laid : operations) {
    auto candidate = entity_of_verdict(laid, entity);
    if (candidate && (!newest || candidate->row_version > newest->row_version))
      newest = std::move(candidate);
  }
  return newest;
}

void replace_fields(Json& data, const Json& fields) {
  for (const auto& field : fields.items()) data[field.key()] = field.value();
}

void lay(Shown& shown, const profile::Action& action, const std::string& payload) {
  if (action.kind == profile::ActionKind::create) shown.exists = true;
  if (!shown.exists) return;
  if (action.overlay.remove) {
    shown = Shown{};
    return;
  }
  lay_fields(shown.data, action, object_of(payload));
}

// The text of a document that nothing is laid over: as it stands in our table it is what a tree of
// it would be written as (parse_document). Nothing when it is not.
std::optional<View> shown_as_it_is(const EntityKey& entity,
                                   const std::optional<Document>& document) {
  if (!document || document->deleted || !document->data.starts_with('{')) return std::nullopt;
  View view;
  view.entity = entity;
  view.row_version = document->row_version;
  view.updated_at = document->updated_at;
  view.data = document->data;
  return view;
}

}  // namespace

void lay_fields(Json& data, const profile::Action& action, const Json& payload) {
  if (action.overlay.merge) replace_fields(data, payload);
  if (action.overlay.set) replace_fields(data, *action.overlay.set);
}

std::optional<View> lay_over(const Profile& profile, const EntityKey& entity,
                             const std::optional<Document>& document,
                             const std::vector<LaidOperation>& operations) {
  if (operations.empty()) {
    if (auto view = shown_as_it_is(entity, document)) return view;
  }
  View view;
  view.entity = entity;
  Shown shown;
  const auto base = newest_of(entity, document, operations);
  if (base && !base->deleted) {
    shown = {true, object_of(base->data)};
    view.row_version = base->row_version;
    view.updated_at = base->updated_at;
  }
  for (const LaidOperation& laid : operations) {
    const Operation& operation = laid.operation;
    if (!is_laid_over(operation.state)) continue;
    // An action that the profile no longer has changes nothing in the picture and is pending all
    // the same.
    if (const auto* action = profile.action(entity.type, operation.action))
      lay(shown, *action, laid.payload);
    view.operations.push_back(
        {operation.id, operation.action, operation.state, operation.block_reason});
  }
  if (!shown.exists) return std::nullopt;
  view.data = dump_json(shown.data);
  view.pending_sync = !view.operations.empty();
  return view;
}

}  // namespace landfall::sync
