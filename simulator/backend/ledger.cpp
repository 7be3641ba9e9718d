#include "simulator/backend/ledger.hpp"

namespace landfall::backend {

std::optional<std::string> Ledger::hash_at(const EntityKey& key, std::int64_t row_version) const {
  const auto found = versions_.find({key, row_version});
  if (found == versions_.end()) return std::nullopt;
  return found->second;
}

std::size_t Ledger::effect_count(const std::string& operation_id) const {
  const auto found = effects_by_id_.find(operation_id);
  return found == effects_by_id_.end() ? 0 : found->second.size();
}

const Effect* Ledger::find_effect(const std::string& operation_id) const {
  const auto found = effects_by_id_.find(operation_id);
  if (found == effects_by_id_.end() || found->second.empty()) return nullptr;
  return &effects_[found->second.back()];
}

void Ledger::add(Effect effect) {
  if (effects_.size() < records_max_)
    effects_by_id_[effect.operation_id].push_back(effects_.size());
  append(effects_, std::move(effect));
}

void Ledger::add(RequestRecord record) {
  ++by_route_[record.route];
  append(requests_, std::move(record));
}

void Ledger::add_version(const EntityKey& key, std::int64_t row_version, std::string hash) {
  versions_[{key, row_version}] = std::move(hash);
}

bool Ledger::remember_bytes(const std::string& operation_id, const std::string& bytes_hash) {
  const auto [at, inserted] = bytes_by_id_.emplace(operation_id, bytes_hash);
  return inserted || at->second == bytes_hash;
}

std::int64_t Ledger::device_index(const std::string& device_id, const std::string& operation_id) {
  auto& indexes = index_by_device_[device_id];
  return indexes.emplace(operation_id, static_cast<std::int64_t>(indexes.size()) + 1).first->second;
}

Ledger::Mark Ledger::mark() const {
  return {effects_.size(),     conflicts_.size(), refreshes_.size(),
          revocations_.size(), sightings_.size(), files_.size()};
}

void Ledger::take_back(const Mark& mark) {
  while (effects_.size() > mark.effects) {
    effects_by_id_[effects_.back().operation_id].pop_back();
    effects_.pop_back();
  }
  conflicts_.erase(conflicts_.begin() + static_cast<std::ptrdiff_t>(mark.conflicts),
                   conflicts_.end());
  refreshes_.erase(refreshes_.begin() + static_cast<std::ptrdiff_t>(mark.refreshes),
                   refreshes_.end());
  revocations_.erase(revocations_.begin() + static_cast<std::ptrdiff_t>(mark.revocations),
                     revocations_.end());
  sightings_.erase(sightings_.begin() + static_cast<std::ptrdiff_t>(mark.sightings),
                   sightings_.end());
  files_.erase(files_.begin() + static_cast<std::ptrdiff_t>(mark.files), files_.end());
}

}  // namespace landfall::backend
