#include "engine/cache/live_query.hpp"

#include <map>
#include <utility>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/cache/view_json.hpp"
#include "schema/limits.hpp"

namespace landfall::cache {

LiveQuery::LiveQuery(Query query, const QueryPage& page)
    : query_(std::move(query)), taken_(picture_of(page)), told_(taken_) {}

bool LiveQuery::is_news(const QueryPage& page) const { return picture_of(page) != told_; }

Json LiveQuery::changes_to(const QueryPage& page) const {
  std::map<std::string, Hash> gone;
  for (const Shown& shown : taken_.documents) gone.emplace(shown.id, shown.hash);
  Json added = Json::array();
  Json changed = Json::array();
  for (std::size_t index = 0; index < page.views.size(); ++index) {
    Json document = to_json(page.views[index]);
    const auto before = gone.find(page.views[index].entity.id);
    const bool is_new = before == gone.end();
    const bool is_same = !is_new && before->second == hash_of(document);
    if (!is_new) gone.erase(before);
    if (is_same) continue;
    Json entry = Json::object();
    entry["index"] = index;
    entry["document"] = std::move(document);
    (is_new ? added : changed).push_back(std::move(entry));
  }
  Json removed = Json::array();
  for (const auto& [id, hash] : gone) removed.push_back(id);
  Json changes = Json::object();
  changes["removed"] = std::move(removed);
  changes["added"] = std::move(added);
  changes["changed"] = std::move(changed);
  changes["more"] = page.next.has_value();
  return changes;
}

void LiveQuery::on_told(const QueryPage& page) { told_ = picture_of(page); }

LiveQuery::Hash LiveQuery::hash_of(const Json& document) {
  const std::string text = dump_json(document);
  Hash hash{};
  const int code = crypto_generichash(hash.data(), hash.size(),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      text.size(), nullptr, 0);
  LANDFALL_ASSERT(code == 0);
  return hash;
}

LiveQuery::Picture LiveQuery::picture_of(const QueryPage& page) {
  Picture picture;
  for (const auto& view : page.views)
    picture.documents.push_back({view.entity.id, hash_of(to_json(view))});
  picture.more = page.next.has_value();
  return picture;
}

Result<Query> parse_subscription(const Profile& profile, const Json& params) {
  constexpr auto kMax = limits::kSubscribedDocumentsMax;
  LANDFALL_TRY_ASSIGN(Query query, parse_query(profile, params));
  if (!params.contains("limit")) {
    query.limit = kMax;
  } else if (query.limit > kMax) {
    return failure(
        field_error("field.range", "params", "limit", "expected 1 to " + std::to_string(kMax)));
  }
  return query;
}

}  // namespace landfall::cache
