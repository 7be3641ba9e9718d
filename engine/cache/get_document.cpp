#include "engine/cache/get_document.hpp"

#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/cache/freshness.hpp"
#include "engine/cache/view_json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/alias_table.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::cache {

Result<Query> parse_get(const Profile& profile, const Json& params) {
  Json query = params;
  query.erase("max_age_s");
  LANDFALL_TRY_ASSIGN(Query get, parse_query(profile, query));
  get.refresh = Refresh::if_stale;
  LANDFALL_TRY_ASSIGN(const auto max_age_s, optional_integer_at(params, "max_age_s", "params"));
  if (max_age_s) get.max_age = std::chrono::seconds{*max_age_s};
  if (max_age_s == 0) get.refresh = Refresh::always;
  return get;
}

Result<DocumentLook> look_at_document(const store::Snapshot& snapshot, const ViewSource& source,
                                      const Query& get, const std::optional<sync::Document>& came,
                                      Instant now) {
  DocumentLook look;
  look.commit_seq = snapshot.commit_seq();
  LANDFALL_TRY_ASSIGN(look.entity, store::AliasTable::resolve(snapshot, {get.type, *get.id}));
  if (came) {
    LANDFALL_TRY_ASSIGN(look.view, sync::read_view_of(snapshot, source.profile, source.outbox_key,
                                                      source.documents_key, *came));
  } else {
    LANDFALL_TRY_ASSIGN(look.view, sync::read_view(snapshot, source.profile, source.outbox_key,
                                                   source.documents_key, look.entity));
  }
  QueryPage page;
  if (look.view) page.views.push_back(*look.view);
  page.entity = look.entity;
  LANDFALL_TRY_ASSIGN(const Freshness fresh,
                      freshness_of(snapshot, source.profile, get, page, now));
  look.source = {false, fresh.as_of, fresh.is_fresh, {}};
  const bool is_made_here = look.view && !look.view->row_version;
  const bool is_online = source.profile.entity(get.type)->tier == profile::Tier::online;
  look.wants_server = !fresh.refresh.empty() || (is_online && !is_made_here);
  return look;
}

Json to_reply(const DocumentLook& look, Instant now) {
  Json reply = {{"document", nullptr}, {"commit_seq", look.commit_seq}};
  if (look.view) reply["document"] = to_json(*look.view);
  put_source(reply, look.source, now);
  return reply;
}

}  // namespace landfall::cache
