#include "engine/cache/asked_list.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/cache/answer_source.hpp"
#include "engine/cache/document_facts.hpp"
#include "engine/cache/text_search.hpp"
#include "engine/cache/view_json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/document_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/store/view_index.hpp"

namespace landfall::cache {
namespace {

constexpr std::size_t kSliceRows = 200;

struct Look {
  const store::Snapshot& snapshot;
  const ViewSource& source;
  const Query& query;
  const profile::Entity& entity;

  [[nodiscard]] bool is_wanted(const sync::View& view) const {
    const auto facts = facts_of(entity, view);
    return holds_for(query, facts) && has_words(facts.text, query.words);
  }
};

// Whether the server has a version of it that it lists by itself, so that it comes in its place.
Result<bool> is_listed_by_server(const Look& look, const EntityKey& key) {
  LANDFALL_TRY_ASSIGN(const auto document,
                      store::find_document(look.snapshot, look.source.documents_key, key));
  const auto plain = sync::lay_over(look.source.profile, key, document, {});
  return plain && look.is_wanted(*plain);
}

// What only the operations of this device make match.
Status add_own(const Look& look, const std::set<std::string>& named,
               std::vector<sync::View>& views) {
  std::string behind;
  while (true) {
    LANDFALL_TRY_ASSIGN(const auto ids,
                        store::overlaid_ids(look.snapshot, look.query.type, behind, kSliceRows));
    for (const std::string& id : ids) {
      if (views.size() == look.query.limit) return {};
      const EntityKey key{look.query.type, id};
      LANDFALL_TRY_ASSIGN(
          auto view, sync::read_view(look.snapshot, look.source.profile, look.source.outbox_key,
                                     look.source.documents_key, key));
      if (named.contains(id) || !view || !look.is_wanted(*view)) continue;
      LANDFALL_TRY_ASSIGN(const bool is_listed, is_listed_by_server(look, key));
      if (!is_listed) views.push_back(std::move(*view));
    }
    if (ids.size() < kSliceRows) return {};
    behind = ids.back();
  }
}

// That a document is in the server's answer is the server's word; only what was changed here is
// held against the filter. Its words may stand where the server looks and nobody here does.
Status add_named(const Look& look, const sync::ListAnswer& answer, std::vector<sync::View>& views) {
  for (const auto& document : answer.documents) {
    LANDFALL_TRY_ASSIGN(
        auto view, sync::read_view_of(look.snapshot, look.source.profile, look.source.outbox_key,
                                      look.source.documents_key, document));
    if (!view) continue;
    if (view->pending_sync && !holds_for(look.query, facts_of(look.entity, *view))) continue;
    views.push_back(std::move(*view));
  }
  return {};
}

std::set<std::string> ids_of(const sync::ListAnswer& answer) {
  std::set<std::string> ids;
  for (const auto& document : answer.documents) ids.insert(document.entity.id);
  return ids;
}

}  // namespace

sync::ListQuestion question_of(const Query& query) {
  return {query.type, {}, query.filter_json, query.text, query.server_after, query.limit};
}

Result<Json> asked_reply(const store::Snapshot& snapshot, const ViewSource& source,
                         const Query& query, const sync::ListAnswer& answer, Instant now) {
  const Look look{snapshot, source, query, *source.profile.entity(query.type)};
  std::vector<sync::View> views;
  if (!query.server_after) LANDFALL_TRY(add_own(look, ids_of(answer), views));
  LANDFALL_TRY(add_named(look, answer, views));
  Json documents = Json::array();
  for (const auto& view : views) {
    documents.push_back(to_json(view));
    documents.back()["fetched_at"] = nullptr;
    if (view.row_version) documents.back()["fetched_at"] = format_rfc3339(now);
  }
  Json reply = {{"documents", std::move(documents)}, {"commit_seq", snapshot.commit_seq()}};
  put_source(reply, AnswerSource::server(now), now);
  if (answer.next) reply["next"] = to_server_token(*answer.next);
  return reply;
}

Error needs_server(const Error& cause) {
  return {cause.kind, "query.needs_server",
          "The list goes on at the server, which gave no answer: " + cause.code + "."};
}

}  // namespace landfall::cache
