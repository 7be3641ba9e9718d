#include "engine/cache/cached_read.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/cache/freshness.hpp"
#include "engine/cache/view_json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/document_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::cache {
namespace {

constexpr std::string_view kPath = "params";

// What read_reply shows of the items, and what stands beside them.
struct Shown {
  Json documents = Json::array();
  Json rest;
  std::size_t missing = 0;
  std::optional<std::string> next;
};

void show(Shown& shown, const std::optional<sync::View>& view) {
  if (view) shown.documents.push_back(to_json(*view));
}

Json parse_kept(const std::string& kept) {
  auto parsed = parse_json(kept, JsonLimits{limits::kDocumentBytesMax, limits::kJsonDepthMax});
  return parsed && parsed->is_object() ? std::move(*parsed) : Json::object();
}

// Takes out what is told in another place.
Json without_items(Json kept, const std::string& items_path) {
  std::string pointer = "/" + items_path;
  for (char& c : pointer) c = c == '.' ? '/' : c;
  const Json::json_pointer items(pointer);
  if (kept.contains(items)) {
    Json& holder = items.parent_pointer().empty() ? kept : kept.at(items.parent_pointer());
    holder.erase(items.back());
  }
  kept.erase("next");
  return kept;
}

Result<Shown> show_answer(const store::Snapshot& snapshot, const ViewSource& source,
                          const std::string& items_path, const sync::ListAnswer& answer) {
  Shown shown;
  for (const auto& document : answer.documents) {
    LANDFALL_TRY_ASSIGN(const auto view,
                        sync::read_view_of(snapshot, source.profile, source.outbox_key,
                                           source.documents_key, document));
    show(shown, view);
  }
  shown.rest = without_items(parse_kept(answer.kept), items_path);
  shown.next = answer.next;
  return shown;
}

Result<Shown> show_kept(const store::Snapshot& snapshot, const ViewSource& source,
                        const ReadGet& get, const std::string& items_path) {
  Shown shown;
  const EntityKey key{get.read->kept_as, get.read->name};
  LANDFALL_TRY_ASSIGN(const auto document,
                      store::find_document(snapshot, source.documents_key, key));
  if (!document || document->deleted) return shown;
  Json kept = parse_kept(document->data);
  const Json* ids = profile::reply_value(kept, items_path);
  for (const Json& id : ids != nullptr && ids->is_array() ? *ids : Json::array()) {
    const EntityKey item{get.read->entity, id.is_string() ? id.get<std::string>() : ""};
    LANDFALL_TRY_ASSIGN(const auto version, store::find_row_version(snapshot, item));
    shown.missing += version ? 0U : 1U;
    LANDFALL_TRY_ASSIGN(
        const auto view,
        sync::read_view(snapshot, source.profile, source.outbox_key, source.documents_key, item));
    show(shown, view);
  }
  if (kept.contains("next") && kept["next"].is_string()) shown.next = kept["next"];
  shown.rest = without_items(std::move(kept), items_path);
  return shown;
}

}  // namespace

Result<ReadGet> parse_read(const Profile& profile, const Json& params) {
  ReadGet get;
  LANDFALL_TRY_ASSIGN(const std::string name, string_at(params, "read", kPath));
  get.read = profile.cached_read(name);
  if (get.read == nullptr) {
    Error error{ErrorClass::invalid, "read.unknown", "There is no read " + quote_input(name) + "."};
    error.field = "params.read";
    return failure(std::move(error));
  }
  LANDFALL_TRY_ASSIGN(const auto max_age_s, optional_integer_at(params, "max_age_s", kPath));
  get.max_age = max_age_s ? Duration{std::chrono::seconds{*max_age_s}} : get.read->max_age;
  LANDFALL_TRY_ASSIGN(const auto limit, optional_integer_at(params, "limit", kPath));
  get.limit = static_cast<std::size_t>(limit.value_or(0));
  LANDFALL_TRY_ASSIGN(const auto after, optional_string_at(params, "after", kPath));
  if (!after) return get;
  get.after = mark_in_token(*after);
  if (get.after) return get;
  return failure(field_error("field.value", kPath, "after", "must be the `next` of a page"));
}

sync::ListQuestion question_of(const ReadGet& get) {
  return {get.read->entity, get.read->name, {}, {}, get.after, get.limit};
}

Result<AnswerSource> source_of(const store::Snapshot& snapshot, const ReadGet& get, Instant now) {
  AnswerSource source;
  if (get.after) return source;
  LANDFALL_TRY_ASSIGN(const auto kept,
                      store::find_confirmation(snapshot, {get.read->kept_as, get.read->name}));
  if (!kept) return source;
  source.as_of = kept->at;
  // One that lies ahead was noted by a clock that was wrong.
  source.is_fresh = kept->at <= now && now - kept->at < get.max_age;
  return source;
}

Result<Json> read_reply(const store::Snapshot& snapshot, const ViewSource& source,
                        const ReadGet& get, const std::optional<sync::ListAnswer>& answer,
                        const AnswerSource& from, Instant now) {
  const std::string& items_path = source.profile.endpoint(get.read->endpoint)->documents;
  LANDFALL_TRY_ASSIGN(Shown shown, answer ? show_answer(snapshot, source, items_path, *answer)
                                          : show_kept(snapshot, source, get, items_path));
  Json reply = {{"documents", std::move(shown.documents)},
                {"rest", std::move(shown.rest)},
                {"missing", shown.missing},
                {"commit_seq", snapshot.commit_seq()}};
  if (shown.next) reply["next"] = to_server_token(*shown.next);
  put_source(reply, from, now);
  return reply;
}

}  // namespace landfall::cache
