#include "engine/cache/query.hpp"

#include "engine/profile/profile.hpp"
#include "engine/store/alias_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/overlay.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace landfall::cache {
namespace {

constexpr std::string_view kPath = "params";
// Views that are read at a time, so that a page of large documents is not read whole before it is
// cut.
constexpr std::size_t kSliceViews = 20;

Status check_length(const std::string& text, std::string_view key, std::size_t bytes_max) {
  if (!text.empty() && text.size() <= bytes_max) return {};
  return failure(field_error("field.range", kPath, key,
                             "expected 1 to " + std::to_string(bytes_max) + " bytes"));
}

Result<std::optional<std::string>> id_at(const Json& params, std::string_view key) {
  LANDFALL_TRY_ASSIGN(auto id, optional_string_at(params, key, kPath));
  if (id) LANDFALL_TRY(check_length(*id, key, limits::kEntityIdBytesMax));
  return id;
}

Result<std::optional<std::int64_t>> number_at(const Json& params, std::string_view key,
                                              std::int64_t min, std::int64_t max) {
  LANDFALL_TRY_ASSIGN(const auto number, optional_integer_at(params, key, kPath));
  if (number && (*number < min || *number > max)) {
    return failure(field_error("field.range", kPath, key,
                               "expected " + std::to_string(min) + " to " + std::to_string(max)));
  }
  return number;
}

Json to_json(const sync::ViewOperation& operation) {
  Json json = {{"id", to_text(operation.id)},
               {"action", operation.action},
               {"state", to_string(operation.state)}};
  if (operation.block_reason != sync::BlockReason::none)
    json["block_reason"] = to_string(operation.block_reason);
  return json;
}

Json to_json(const sync::View& view) {
  Json operations = Json::array();
  for (const auto& operation : view.operations) operations.push_back(to_json(operation));
  Json json = {{"entity_type", view.entity.type},
               {"entity_id", view.entity.id},
               {"row_version", nullptr},
               {"updated_at", nullptr},
               {"data", Json::parse(view.data, nullptr, false)},
               {"pending_sync", view.pending_sync},
               {"operations", std::move(operations)}};
  if (view.row_version) json["row_version"] = *view.row_version;
  if (view.updated_at) json["updated_at"] = format_rfc3339(*view.updated_at);
  return json;
}

// A reply under construction.
struct Page {
  Json documents = Json::array();
  std::size_t bytes = 0;
  std::string last_id;
  bool has_next = false;

  // False when the view does not fit any more. The first always does.
  bool add(const sync::View& view) {
    if (!documents.empty() && bytes + view.data.size() > limits::kQueryBytesMax) return false;
    bytes += view.data.size();
    last_id = view.entity.id;
    documents.push_back(to_json(view));
    return true;
  }
};

struct Source {
  const store::Snapshot& snapshot;
  const Profile& profile;
  const store::Sealer& outbox_key;
  const store::Sealer& documents_key;
};

Result<Page> read_page(const Source& from, const Query& query) {
  Page page;
  page.last_id = query.after.value_or("");
  while (!page.has_next) {
    // One more than wanted is how the end of the list is told from the end of the page.
    const std::size_t wanted = std::min(kSliceViews, query.limit - page.documents.size() + 1);
    LANDFALL_TRY_ASSIGN(const auto views,
                        sync::read_views(from.snapshot, from.profile, from.outbox_key,
                                         from.documents_key, query.type, page.last_id, wanted));
    for (const sync::View& view : views) {
      page.has_next = page.documents.size() == query.limit || !page.add(view);
      if (page.has_next) break;
    }
    if (views.size() < wanted) break;
  }
  return page;
}

// Also by the id that the entity was made under.
Result<Page> read_one(const Source& from, const Query& query) {
  LANDFALL_TRY_ASSIGN(const EntityKey entity,
                      store::AliasTable::resolve(from.snapshot, {query.type, *query.id}));
  LANDFALL_TRY_ASSIGN(const auto view,
                      sync::read_view(from.snapshot, from.profile, from.outbox_key,
                                      from.documents_key, entity));
  Page page;
  if (view) page.add(*view);
  return page;
}

Status check_askable(const store::Snapshot& snapshot, const Profile& profile, const Query& query) {
  if (profile.entity(query.type) == nullptr) {
    Error error{ErrorClass::invalid, "entity.unknown_type",
                "There is no type " + quote_input(query.type) + "."};
    error.field = "params.type";
    return failure(std::move(error));
  }
  const auto have = static_cast<std::int64_t>(snapshot.commit_seq());
  if (query.commit_seq.value_or(0) <= have) return {};
  return failure(ErrorClass::busy, "query.ahead",
                 "Commit " + std::to_string(*query.commit_seq) + " is not visible yet, only " +
                     std::to_string(have) + ".");
}

}  // namespace

Result<Query> parse_query(const Json& params) {
  Query query;
  LANDFALL_TRY_ASSIGN(query.type, string_at(params, "type", kPath));
  LANDFALL_TRY(check_length(query.type, "type", limits::kNameBytesMax));
  LANDFALL_TRY_ASSIGN(query.id, id_at(params, "id"));
  LANDFALL_TRY_ASSIGN(query.after, id_at(params, "after"));
  if (query.id && query.after) {
    return failure(field_error("field.value", kPath, "after", "is of no use beside an id"));
  }
  constexpr auto kMax = static_cast<std::int64_t>(limits::kQueryDocumentsMax);
  LANDFALL_TRY_ASSIGN(const auto limit, number_at(params, "limit", 1, kMax));
  query.limit = static_cast<std::size_t>(limit.value_or(kMax));
  LANDFALL_TRY_ASSIGN(query.commit_seq, number_at(params, "commit_seq", 0, INT64_MAX));
  return query;
}

Result<Json> run_query(const store::Snapshot& snapshot, const Profile& profile,
                       const store::Sealer& outbox_key, const store::Sealer& documents_key,
                       const Query& query) {
  LANDFALL_TRY(check_askable(snapshot, profile, query));
  const Source from{snapshot, profile, outbox_key, documents_key};
  LANDFALL_TRY_ASSIGN(Page page, query.id ? read_one(from, query) : read_page(from, query));
  Json reply = {{"documents", std::move(page.documents)}, {"commit_seq", snapshot.commit_seq()}};
  if (page.has_next) reply["next"] = page.last_id;
  return reply;
}

}  // namespace landfall::cache
