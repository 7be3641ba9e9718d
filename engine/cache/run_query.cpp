#include "engine/cache/run_query.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/cache/answer_source.hpp"
#include "engine/cache/freshness.hpp"
#include "engine/cache/text_search.hpp"
#include "engine/cache/view_json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/alias_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/store/view_index.hpp"
#include "schema/limits.hpp"

namespace landfall::cache {
namespace {

// Views that are read at a time, so that a page of large documents is not read whole before it is
// cut.
constexpr std::size_t kSliceViews = 20;
// Rows that are looked through at a time.
constexpr std::size_t kSliceRows = 200;

// A page under construction.
class Page final {
 public:
  explicit Page(const Order& order) : order_(&order) {}

  // False when the view does not fit any more. The first always does.
  [[nodiscard]] bool add(sync::View view, FieldValue key) {
    if (!page_.views.empty() && bytes_ + view.data.size() > limits::kQueryBytesMax) return false;
    bytes_ += view.data.size();
    last_ = Place{std::move(key), view.entity.id};
    page_.views.push_back(std::move(view));
    return true;
  }
  [[nodiscard]] std::size_t size() const { return page_.views.size(); }

  [[nodiscard]] QueryPage end(bool has_more) && {
    if (has_more) page_.next = to_token(last_, *order_);
    return std::move(page_);
  }

 private:
  const Order* order_;
  QueryPage page_;
  std::size_t bytes_ = 0;
  Place last_;
};

struct Scan {
  const store::Snapshot& snapshot;
  const ViewSource& source;
  const profile::Entity& entity;
  const Query& query;

  [[nodiscard]] Result<std::optional<sync::View>> view(const std::string& id) const {
    return sync::read_view(snapshot, source.profile, source.outbox_key, source.documents_key,
                           {query.type, id});
  }
};

// All there is, in the order of ids: it comes so from the disk.
Result<QueryPage> read_in_order_of_ids(const Scan& scan) {
  Page page(scan.query.order);
  std::string behind = scan.query.after ? scan.query.after->id : "";
  while (true) {
    // One more than wanted is how the end of the list is told from the end of the page.
    const std::size_t wanted = std::min(kSliceViews, scan.query.limit - page.size() + 1);
    LANDFALL_TRY_ASSIGN(
        auto views, sync::read_views(scan.snapshot, scan.source.profile, scan.source.outbox_key,
                                     scan.source.documents_key, scan.query.type, behind, wanted));
    const bool is_end = views.size() < wanted;
    if (!is_end) behind = views.back().entity.id;
    for (sync::View& view : views) {
      if (page.size() == scan.query.limit || !page.add(std::move(view), {}))
        return std::move(page).end(true);
    }
    if (is_end) return std::move(page).end(false);
  }
}

// The first places of an order behind a place: those of the page, and one more that tells that
// there are more.
class BestPlaces final {
 public:
  explicit BestPlaces(const Query& query)
      : query_(&query), places_([this](const Place& a, const Place& b) {
          return comes_before(a, b, query_->order);
        }) {}
  BestPlaces(const BestPlaces&) = delete;
  BestPlaces& operator=(const BestPlaces&) = delete;

  void consider(const std::string& id, const DocumentFacts& facts) {
    if (!holds_for(*query_, facts) || !has_words(facts.text, query_->words)) return;
    Place place{facts.key_in(query_->order), id};
    if (query_->after && !comes_before(*query_->after, place, query_->order)) return;
    places_.insert(std::move(place));
    if (places_.size() > query_->limit + 1) places_.erase(std::prev(places_.end()));
  }

  [[nodiscard]] const auto& places() const { return places_; }

 private:
  const Query* query_;
  std::set<Place, std::function<bool(const Place&, const Place&)>> places_;
};

Status look_at_plain(const Scan& scan, SummaryIndex& index, BestPlaces& best) {
  std::string behind;
  while (true) {
    LANDFALL_TRY_ASSIGN(const auto rows,
                        store::plain_documents(scan.snapshot, scan.query.type, behind, kSliceRows));
    for (const auto& row : rows) {
      if (const DocumentFacts* known = index.find(row)) {
        best.consider(row.id, *known);
        continue;
      }
      LANDFALL_TRY_ASSIGN(const auto view, scan.view(row.id));
      if (!view) continue;
      auto facts = facts_of(scan.entity, *view);
      best.consider(row.id, facts);
      index.put(row, std::move(facts));
    }
    if (rows.size() < kSliceRows) return {};
    behind = rows.back().id;
  }
}

// What the user changed here is found by what it is now (INV-Q14). There are as many of them as
// operations wait, so they are read anew each time.
Status look_at_overlaid(const Scan& scan, BestPlaces& best) {
  std::string behind;
  while (true) {
    LANDFALL_TRY_ASSIGN(const auto ids,
                        store::overlaid_ids(scan.snapshot, scan.query.type, behind, kSliceRows));
    for (const auto& id : ids) {
      LANDFALL_TRY_ASSIGN(const auto view, scan.view(id));
      if (view) best.consider(id, facts_of(scan.entity, *view));
    }
    if (ids.size() < kSliceRows) return {};
    behind = ids.back();
  }
}

Result<QueryPage> read_by_scan(const Scan& scan, SummaryIndex& index) {
  BestPlaces best(scan.query);
  index.begin_scan(scan.query.type);
  LANDFALL_TRY(look_at_plain(scan, index, best));
  index.end_scan();
  LANDFALL_TRY(look_at_overlaid(scan, best));
  Page page(scan.query.order);
  for (const Place& place : best.places()) {
    if (page.size() == scan.query.limit) return std::move(page).end(true);
    LANDFALL_TRY_ASSIGN(auto view, scan.view(place.id));
    if (view && !page.add(std::move(*view), place.key)) return std::move(page).end(true);
  }
  return std::move(page).end(false);
}

// Also by the id that the entity was made under.
Result<QueryPage> read_one(const Scan& scan) {
  LANDFALL_TRY_ASSIGN(const EntityKey entity,
                      store::AliasTable::resolve(scan.snapshot, {scan.query.type, *scan.query.id}));
  LANDFALL_TRY_ASSIGN(auto view, scan.view(entity.id));
  QueryPage page;
  if (view) page.views.push_back(std::move(*view));
  page.entity = entity;
  return page;
}

Json time_json(const std::optional<Instant>& at) { return at ? Json(format_rfc3339(*at)) : Json(); }

Status check_commit(const store::Snapshot& snapshot, const Query& query) {
  const auto have = static_cast<std::int64_t>(snapshot.commit_seq());
  if (query.commit_seq.value_or(0) <= have) return {};
  return failure(ErrorClass::busy, "query.ahead",
                 "Commit " + std::to_string(*query.commit_seq) + " is not visible yet, only " +
                     std::to_string(have) + ".");
}

}  // namespace

bool holds_for(const Query& query, const DocumentFacts& facts) {
  return std::all_of(query.filter.begin(), query.filter.end(),
                     [&](const Condition& each) { return each.holds(facts.fields[each.field]); });
}

Result<QueryPage> read_page(const store::Snapshot& snapshot, const ViewSource& source,
                            SummaryIndex& index, const Query& query) {
  LANDFALL_TRY(check_commit(snapshot, query));
  const Scan scan{snapshot, source, *source.profile.entity(query.type), query};
  if (query.id) return read_one(scan);
  const bool is_plain =
      query.filter.empty() && query.words.empty() && query.order.by == Order::By::id;
  return is_plain ? read_in_order_of_ids(scan) : read_by_scan(scan, index);
}

Result<QueryAnswer> run_query(const store::Snapshot& snapshot, const ViewSource& source,
                              SummaryIndex& index, const Query& query, Instant now) {
  LANDFALL_TRY_ASSIGN(const QueryPage page, read_page(snapshot, source, index, query));
  LANDFALL_TRY_ASSIGN(Freshness freshness,
                      freshness_of(snapshot, source.profile, query, page, now));
  Json documents = Json::array();
  for (std::size_t i = 0; i < page.views.size(); ++i) {
    documents.push_back(to_json(page.views[i]));
    documents.back()["fetched_at"] = time_json(freshness.fetched_at[i]);
  }
  Json reply = {{"documents", std::move(documents)}, {"commit_seq", snapshot.commit_seq()}};
  put_source(reply, {false, freshness.as_of, freshness.is_fresh, {}}, now);
  if (page.next) reply["next"] = *page.next;
  std::optional<EntityKey> used;
  if (query.id && !page.views.empty()) used = page.views.front().entity;
  return QueryAnswer{std::move(reply), std::move(used), std::move(freshness.refresh),
                     freshness.pull};
}

}  // namespace landfall::cache
