#include "actors/watched_rights.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/host/outgoing.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

std::string key_of(std::int64_t subscription) {
  return "subscription/" + std::to_string(subscription);
}

}  // namespace

WatchedRights::~WatchedRights() {
  for (const auto& [subscription, granted] : open_) {
    poll_queue_->push_event(
        key_of(subscription),
        host::event_text("subscription.ended",
                         Json{{"subscription", subscription}, {"code", "partition.closed"}}));
  }
}

bool WatchedRights::is_full() const { return open_.size() >= limits::kSubscriptionsMax; }

void WatchedRights::open(std::int64_t subscription, Granted granted) {
  open_.emplace(subscription, std::move(granted));
}

void WatchedRights::look(const std::function<bool(const std::string& right)>& is_granted) {
  for (auto& [subscription, granted] : open_) {
    bool is_news = false;
    for (auto& [right, before] : granted) {
      const bool after = is_granted(right);
      is_news = is_news || after != before;
      before = after;
    }
    if (!is_news) continue;
    poll_queue_->push_event(
        key_of(subscription),
        host::event_text("permission.changed",
                         Json{{"subscription", subscription}, {"granted", granted}}));
  }
}

}  // namespace landfall::actors
