#include "simulator/oracles/kept_in_cache.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "schema/embedded.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
namespace {

// A document counts its bytes as if it were not compressed; by what it takes the tier is smaller.
constexpr const char* kTooMuch =
    "SELECT sum(counted) || ' bytes, the largest document has ' || max(counted)"
    " FROM (SELECT max(bytes, length(body)) AS counted"
    "  FROM documents AS d WHERE tier = 2 AND NOT EXISTS (SELECT 1 FROM operations AS o"
    "   WHERE o.entity_type = d.entity_type AND o.entity_id = d.entity_id"
    "   AND (o.state IN (0, 1, 2, 3, 7) OR o.adopted = 0))"
    "  AND NOT EXISTS (SELECT 1 FROM named_entities AS n"
    "   WHERE n.entity_type = d.entity_type AND n.entity_id = d.entity_id))"
    " HAVING sum(counted) > max(counted) + ";

bool waits(const BookedOperation& operation) {
  const std::string state = operation.state();
  return !operation.verdict_at && !operation.discarded && state != "superseded" &&
         state != "cancelled";
}

bool has_server_version(const Json& document) {
  const auto found = document.find("row_version");
  return found != document.end() && found->is_number_integer();
}

Json profile_of(const world::VirtualWorld& world) {
  const Json& config = world.profile_config();
  return config.is_string() ? Json::parse(*schema::profile(config.get<std::string>())) : config;
}

// Those that no pull carries: once they are gone nothing but a question brings them back.
std::set<std::string> types_on_demand(const Json& profile) {
  std::set<std::string> types;
  for (const auto& [type, entity] : profile.at("entities").items()) {
    if (entity.at("tier") == 2 && !entity.contains("scope")) types.insert(type);
  }
  return types;
}

std::int64_t tier2_bytes_max(const Json& profile) {
  return profile.at("limits").at("tier2_bytes_max").get<std::int64_t>();
}

// What the fields of a payload name by the profile's `refers_to`, one or a list of ids each.
std::vector<EntityKey> named_by(const Json& profile, const world::Intent& intent) {
  const Json::json_pointer fields("/entities/" + intent.entity.type + "/actions/" + intent.action +
                                  "/payload");
  const Json payload = Json::parse(intent.payload);
  std::vector<EntityKey> named;
  if (!profile.contains(fields)) return named;
  for (const auto& [name, field] : profile.at(fields).items()) {
    if (!field.contains("refers_to") || !payload.contains(name)) continue;
    const Json& value = payload.at(name);
    for (const Json& id : value.is_array() ? value : Json::array({value}))
      if (id.is_string()) named.push_back({field.at("refers_to"), id.get<std::string>()});
  }
  return named;
}

}  // namespace

void KeptInCache::on_acknowledged(world::World& world, world::Phone& phone,
                                  const world::Intent& intent, const nlohmann::json&) {
  const auto* simulated = dynamic_cast<world::VirtualWorld*>(&world);
  if (simulated == nullptr) return;
  if (!profile_) profile_ = profile_of(*simulated);
  for (const EntityKey& entity : named_by(*profile_, intent)) {
    auto& ids = naming_[{&phone, entity}];
    if (std::ranges::find(ids, intent.id) == ids.end()) ids.push_back(intent.id);
  }
}

void KeptInCache::on_view(world::World& world, world::Phone& phone, const nlohmann::json& params,
                          const nlohmann::json& result) {
  const std::string type = params.value("type", "");
  if (!is_on_demand(world, type)) return;
  const auto commit_seq = result.value("commit_seq", std::int64_t{0});
  std::set<std::string> there;
  for (const auto& document : result.value("documents", Json::array())) {
    if (!has_server_version(document)) continue;
    const std::string id = document.value("entity_id", "");
    auto& newest = shown_[{&phone, {type, id}}];
    newest = std::max(newest, commit_seq);
    there.insert(id);
  }
  const bool is_part = params.contains("filter") || params.contains("text") ||
                       params.contains("after") || result.contains("next");
  if (is_part) return;
  for (const auto& [key, seen] : shown_) {
    const auto& [whose, entity] = key;
    if (whose != &phone || entity.type != type || there.contains(entity.id)) continue;
    if (params.contains("id") && params["id"] != entity.id) continue;
    judge_missing(world, phone, entity, commit_seq);
  }
}

std::vector<std::string> KeptInCache::referring(const Key& entity) const {
  std::vector<std::string> ids = book_.lane(entity);
  const auto naming = naming_.find(entity);
  if (naming != naming_.end()) ids.insert(ids.end(), naming->second.begin(), naming->second.end());
  return ids;
}

bool KeptInCache::is_on_demand(world::World& world, const std::string& type) {
  if (!on_demand_) {
    const auto* simulated = dynamic_cast<world::VirtualWorld*>(&world);
    on_demand_ =
        simulated == nullptr ? std::set<std::string>{} : types_on_demand(profile_of(*simulated));
  }
  return on_demand_->contains(type);
}

void KeptInCache::judge_missing(world::World& world, const world::Phone& phone,
                                const EntityKey& entity, std::int64_t commit_seq) {
  const std::int64_t seen = shown_.at({&phone, entity});
  if (commit_seq < seen) return;  // an older picture that came late
  for (const auto& id : referring({&phone, entity})) {
    const auto* operation = book_.find(id);
    const bool is_about_it = operation->entity == entity;
    if (is_about_it && operation->action == "delete" && waits(*operation)) return;
    if (!waits(*operation) || !operation->commit_seq || *operation->commit_seq > seen) continue;
    const auto at_server =
        world.ask_backend([&](auto& backend) { return backend.find_document(entity); });
    // What had a version there and is not there any more was deleted, and its tombstone forgotten.
    if (!at_server || at_server->deleted) return;
    return world.violate("INV-S2", phone.name() + " showed " + entity.type + "/" + entity.id +
                                       " at commit " + std::to_string(seen) +
                                       " and has no document of it at commit " +
                                       std::to_string(commit_seq) + ", while " +
                                       describe(phone, *operation) + " waits");
  }
}

void KeptInCache::on_crash(world::World&, world::Phone& phone, bool power) {
  if (!power) return;
  std::erase_if(shown_, [&](const auto& entry) { return entry.first.first == &phone; });
}

void KeptInCache::on_end(world::World& world) {
  auto* simulated = dynamic_cast<world::VirtualWorld*>(&world);
  if (simulated == nullptr) return;
  const auto bytes_max = tier2_bytes_max(profile_of(*simulated));
  for (auto* phone : simulated->virtual_phones()) {
    if (!phone->is_ready() || phone->session_status() != "authenticated") continue;
    const auto problem = judge_sizes(phone->disk(), bytes_max);
    if (!problem.empty()) world.violate("INV-S2", phone->name() + ": " + problem);
  }
}

std::string KeptInCache::judge_sizes(const world::MemoryDisk& disk, std::int64_t bytes_max) {
  std::string problem;
  const std::string sql = kTooMuch + std::to_string(bytes_max);
  copy_.for_each(disk, [&](const std::string& name, sqlite3* database, const std::string&) {
    if (database == nullptr || name.find("/partitions/") == std::string::npos) return;
    const std::string too_much = first_text(database, sql.c_str());
    if (too_much.empty()) return;
    problem = "tier 2 may hold " + std::to_string(bytes_max) + " bytes and one document, and " +
              name + " holds " + too_much;
  });
  return problem;
}

}  // namespace landfall::oracles
