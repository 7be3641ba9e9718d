#include "engine/cache/answer_one.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json_string.hpp"
#include "engine/cache/answer_source.hpp"
#include "engine/cache/freshness.hpp"
#include "engine/cache/view_json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::cache {
namespace {

void append_time(std::string& text, const std::optional<Instant>& at) {
  if (at) {
    append_json_utf8(text, format_rfc3339(*at));
  } else {
    text += "null";
  }
}

// Members stand in the order of their names, as in every text of a tree.
std::string reply_text(std::string_view document, std::uint64_t commit_seq,
                       const std::optional<Instant>& as_of, bool is_fresh, Instant now) {
  std::string text = "{\"age_s\":";
  text.reserve(document.size() + 160);
  text += as_of ? std::to_string(age_in_seconds(*as_of, now)) : "null";
  text += ",\"as_of\":";
  append_time(text, as_of);
  text.append(",\"commit_seq\":").append(std::to_string(commit_seq));
  text.append(",\"documents\":[").append(document);
  text.append("],\"is_fresh\":").append(is_fresh ? "true" : "false");
  return text += ",\"source\":\"cache\"}";
}

std::string plain_text(const sync::View& view, const std::optional<Instant>& fetched_at) {
  std::string text = "{\"data\":";
  text.reserve(view.data.size() + 256);
  text.append(view.data).append(",\"entity_id\":");
  append_json_string(text, view.entity.id);
  text += ",\"entity_type\":";
  append_json_string(text, view.entity.type);
  text += ",\"fetched_at\":";
  append_time(text, fetched_at);
  text += ",\"operations\":[],\"pending_sync\":false,\"row_version\":";
  text += std::to_string(*view.row_version);
  text += ",\"updated_at\":";
  append_time(text, view.updated_at);
  return text += "}";
}

std::string laid_over_text(const sync::View& view, const std::optional<Instant>& fetched_at) {
  Json json = to_json(view);
  json["fetched_at"] = fetched_at ? Json(format_rfc3339(*fetched_at)) : Json();
  return dump_json(json);
}

}  // namespace

std::optional<OneAnswer> answer_from_memory(MemoryTier& memory, const Profile& profile,
                                            const Query& query, Instant now) {
  if (!query.id || query.refresh != Refresh::never) return std::nullopt;
  EntityKey entity{query.type, *query.id};
  const auto found = memory.find(entity, query.commit_seq.value_or(0));
  if (!found) return std::nullopt;
  const ShownDocument& document = found->document;
  const bool is_fresh = is_fresh_at(document.as_of, max_age_of(profile, query), now);
  return OneAnswer{reply_text(document.json, found->commit_seq, document.as_of, is_fresh, now),
                   std::move(entity),
                   {}};
}

Result<OneAnswer> answer_one(const store::Snapshot& snapshot, const ViewSource& source,
                             MemoryTier& memory, MemoryTier::Moment before, const Query& query,
                             Instant now) {
  SummaryIndex none(0);
  LANDFALL_TRY_ASSIGN(const QueryPage page, read_page(snapshot, source, none, query));
  LANDFALL_TRY_ASSIGN(Freshness freshness,
                      freshness_of(snapshot, source.profile, query, page, now));
  OneAnswer answer;
  std::string document;
  if (!page.views.empty()) {
    const sync::View& view = page.views.front();
    const auto& fetched_at = freshness.fetched_at.front();
    const bool is_plain = view.row_version && view.operations.empty();
    document = is_plain ? plain_text(view, fetched_at) : laid_over_text(view, fetched_at);
    answer.used = view.entity;
    if (is_plain && fetched_at)
      memory.keep(view.entity, freshness.rowid, {document, *fetched_at}, before);
  }
  answer.reply =
      reply_text(document, snapshot.commit_seq(), freshness.as_of, freshness.is_fresh, now);
  answer.refresh = std::move(freshness.refresh);
  return answer;
}

}  // namespace landfall::cache
