#include "actors/subscriptions.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "engine/host/outgoing.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

std::string key_of(std::int64_t subscription) {
  return "subscription/" + std::to_string(subscription);
}

std::string changed_text(std::int64_t subscription, std::uint64_t commit_seq, Json changes) {
  changes["subscription"] = subscription;
  changes["commit_seq"] = commit_seq;
  return host::event_text("subscription.changed", changes);
}

}  // namespace

Subscriptions::Subscriptions(std::shared_ptr<PollQueue> poll_queue, SharedSubscriberCount count)
    : poll_queue_(std::move(poll_queue)), count_(std::move(count)) {}

Subscriptions::~Subscriptions() {
  for (const auto& [subscription, live] : open_) tell_ended(subscription, "partition.closed");
}

bool Subscriptions::is_full() const { return open_.size() >= limits::kSubscriptionsMax; }

void Subscriptions::expect_one_more() { count_->store(open_.size() + 1); }
void Subscriptions::give_up_expected() { count_->store(open_.size()); }

void Subscriptions::open(std::int64_t subscription, cache::Query query,
                         const cache::QueryPage& page) {
  open_.emplace(subscription, cache::LiveQuery(std::move(query), page));
  count_->store(open_.size());
}

bool Subscriptions::close(std::int64_t subscription) {
  const bool was_open = open_.erase(subscription) > 0;
  count_->store(open_.size());
  return was_open;
}

std::map<std::int64_t, const cache::Query*> Subscriptions::of(
    const std::set<std::string>& types) const {
  std::map<std::int64_t, const cache::Query*> found;
  for (const auto& [subscription, live] : open_) {
    if (types.contains(live.query().type)) found.emplace(subscription, &live.query());
  }
  return found;
}

void Subscriptions::show(std::int64_t subscription, const cache::QueryPage& page,
                         std::uint64_t commit_seq) {
  cache::LiveQuery& live = open_.at(subscription);
  if (!live.is_news(page)) return;
  const std::string key = key_of(subscription);
  // Nobody else writes this key: what is not there any more was polled.
  if (!poll_queue_->replace_event(key,
                                  changed_text(subscription, commit_seq, live.changes_to(page)))) {
    live.on_taken();
    poll_queue_->push_kept_event(key,
                                 changed_text(subscription, commit_seq, live.changes_to(page)));
  }
  live.on_told(page);
}

void Subscriptions::end_all(std::string_view code) {
  for (const auto& [subscription, live] : open_) tell_ended(subscription, code);
  open_.clear();
  count_->store(0);
}

void Subscriptions::end(std::int64_t subscription, std::string_view code) {
  if (close(subscription)) tell_ended(subscription, code);
}

void Subscriptions::tell_ended(std::int64_t subscription, std::string_view code) {
  poll_queue_->push_kept_event(
      key_of(subscription),
      host::event_text("subscription.ended", Json{{"subscription", subscription}, {"code", code}}));
}

}  // namespace landfall::actors
