#include "simulator/oracles/unsaved_refreshes.hpp"

namespace landfall::oracles {

void UnsavedRefreshes::on_sent(const world::Phone& phone, const std::string& id, Instant now) {
  if (id.empty()) return;
  auto& last = last_[&phone];
  last.id = id;
  last.sent_at = now;
  places_.try_emplace(id, places_.size());
  if (last.told_at == now) unsaved_.insert(id);
}

void UnsavedRefreshes::on_told(const world::Phone& phone, Instant now) {
  auto& last = last_[&phone];
  last.told_at = now;
  if (!last.id.empty()) unsaved_.insert(last.id);
}

void UnsavedRefreshes::on_died(const world::Phone& phone, Instant now, bool has_room) {
  const auto& last = last_[&phone];
  if (last.sent_at == now && !has_room && !last.id.empty()) unsaved_.insert(last.id);
}

bool UnsavedRefreshes::lost_the_earlier(const std::string& a, const std::string& b) const {
  return place_of(b) < place_of(a) ? unsaved_.contains(b) : unsaved_.contains(a);
}

bool UnsavedRefreshes::lost_and_earlier(const std::string& id, const std::string& other) const {
  return id != other && unsaved_.contains(id) && place_of(id) < place_of(other);
}

// One that nobody saw leaving is the later one.
std::size_t UnsavedRefreshes::place_of(const std::string& id) const {
  const auto found = places_.find(id);
  return found == places_.end() ? places_.size() : found->second;
}

}  // namespace landfall::oracles
