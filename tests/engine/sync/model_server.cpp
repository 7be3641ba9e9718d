#include "tests/engine/sync/model_server.hpp"

#include "tests/engine/sync/pull_rig.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace landfall::pull_test {
namespace {

std::int64_t epoch_of(const std::string& cursor) {
  return std::stoll(cursor.substr(0, cursor.find(':')));
}
std::int64_t place_of(const std::string& cursor) {
  return std::stoll(cursor.substr(cursor.find(':') + 1));
}

}  // namespace

void ModelServer::change(Random& random) {
  const EntityKey entity{random.chance(0.7) ? "approval" : "kpi",
                         "e-" + std::to_string(random.below(8))};
  auto& versions = versions_[entity];
  const bool delete_it = !versions.empty() && !versions.back().deleted && random.chance(0.25);
  const std::int64_t row_version = versions.empty() ? 1 : versions.back().row_version + 1;
  versions.push_back({++last_place_, epoch_, row_version, delete_it});
}

http::Answer ModelServer::pull(const std::string& body) const {
  const Json request = Json::parse(body);
  if (request.contains("refresh")) return refresh(request["refresh"]);
  std::int64_t place = 0;
  if (!request.at("cursor").is_null()) {
    const std::string cursor = request.at("cursor");
    if (epoch_of(cursor) != epoch_) return answered(410);
    place = place_of(cursor);
  }
  const auto limit = request.at("limit").get<std::size_t>();
  std::vector<Json> changes;
  bool has_more = false;
  for (const auto& [at, entity] : log_after(place)) {
    has_more = changes.size() == limit;
    if (has_more) break;
    changes.push_back(to_wire(entity, versions_.at(entity).back()));
    place = at;
  }
  if (!has_more) place = last_place_;
  return ok(
      page(std::to_string(epoch_) + ":" + std::to_string(place), has_more, std::move(changes)));
}

http::Answer ModelServer::refresh(const Json& documents) const {
  Json changes = Json::array();
  Json unchanged = Json::array();
  for (const Json& known : documents) {
    const EntityKey entity{known.at("entity_type"), known.at("entity_id")};
    const Version& last = versions_.at(entity).back();
    if (known.at("row_version") == last.row_version) {
      unchanged.push_back(entity.id);
    } else {
      changes.push_back(to_wire(entity, last));
    }
  }
  return ok(dump_json(Json{{"changes", std::move(changes)}, {"unchanged", std::move(unchanged)}}));
}

void ModelServer::forget_cursors() { ++epoch_; }

std::map<EntityKey, std::int64_t> ModelServer::covered_by(const std::string& cursor) const {
  std::map<EntityKey, std::int64_t> covered;
  for (const auto& [entity, versions] : versions_) {
    const Version& last = versions.back();
    if (last.place > place_of(cursor) || is_forgotten(last, epoch_of(cursor))) continue;
    covered[entity] = last.row_version;
  }
  return covered;
}

std::vector<EntityKey> ModelServer::gone_before(const std::string& cursor) const {
  std::vector<EntityKey> gone;
  for (const auto& [entity, versions] : versions_) {
    if (is_forgotten(versions.back(), epoch_of(cursor))) gone.push_back(entity);
  }
  return gone;
}

bool ModelServer::is_forgotten(const Version& version, std::int64_t epoch) {
  return version.deleted && version.epoch < epoch;
}

bool ModelServer::is_at_end(const std::string& cursor) const {
  return epoch_of(cursor) == epoch_ && place_of(cursor) == last_place_;
}

std::map<EntityKey, std::int64_t> ModelServer::live() const {
  std::map<EntityKey, std::int64_t> result;
  for (const auto& [entity, versions] : versions_) {
    if (!versions.back().deleted) result[entity] = versions.back().row_version;
  }
  return result;
}

bool ModelServer::ever_was(const EntityKey& entity, const sync::Document& document) const {
  const auto found = versions_.find(entity);
  if (found == versions_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const Version& version) {
    return version.row_version == document.row_version && version.deleted == document.deleted &&
           (document.deleted || Json::parse(document.data) == Json{{"v", version.row_version}});
  });
}

std::optional<Json> ModelServer::any_version(Random& random) const {
  std::vector<const std::pair<const EntityKey, std::vector<Version>>*> living;
  for (const auto& each : versions_) {
    if (!each.second.back().deleted) living.push_back(&each);
  }
  if (living.empty()) return std::nullopt;
  const auto& [entity, versions] = *living[random.below(living.size())];
  return to_wire(entity, versions[random.below(versions.size())]);
}

Json ModelServer::to_wire(const EntityKey& entity, const Version& version) {
  return version.deleted ? wire_tombstone(entity.type, entity.id, version.row_version)
                         : wire_document(entity.type, entity.id, version.row_version);
}

std::map<std::int64_t, EntityKey> ModelServer::log_after(std::int64_t place) const {
  std::map<std::int64_t, EntityKey> log;
  for (const auto& [entity, versions] : versions_) {
    const Version& last = versions.back();
    if (last.place > place && !is_forgotten(last, epoch_)) log[last.place] = entity;
  }
  return log;
}

}  // namespace landfall::pull_test
