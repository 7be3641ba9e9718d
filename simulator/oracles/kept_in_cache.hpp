#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/ids.hpp"
#include "simulator/oracles/database_copy.hpp"
#include "simulator/oracles/operation_book.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-S2: a document that an operation without an end refers to, by being about it or by naming it,
// is not thrown away, however full the cache is: what a phone showed under such an operation it
// shows as long as the operation waits. And at the end, once a pull has completed, what may be
// thrown away of tier 2 is no more than its limit and one document, by the rows of the file. (That
// nothing is thrown away of tier 1 is INV-Q11's: nothing would bring it back.)
class KeptInCache final : public world::Observer {
 public:
  explicit KeptInCache(const OperationBook& book) : book_(book) {}

  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;
  void on_view(world::World& world, world::Phone& phone, const nlohmann::json& params,
               const nlohmann::json& result) override;
  // A power cut may take back what was pulled but not yet synced.
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_end(world::World& world) override;

  // What is wrong with the sizes in these files; empty when nothing is.
  [[nodiscard]] std::string judge_sizes(const world::MemoryDisk& disk, std::int64_t bytes_max);

 private:
  using Key = std::pair<const world::Phone*, EntityKey>;

  [[nodiscard]] std::vector<std::string> referring(const Key& entity) const;
  [[nodiscard]] bool is_on_demand(world::World& world, const std::string& type);
  void judge_missing(world::World& world, const world::Phone& phone, const EntityKey& entity,
                     std::int64_t commit_seq);

  const OperationBook& book_;
  DatabaseCopy copy_;
  std::optional<nlohmann::json> profile_;           // the world's
  std::optional<std::set<std::string>> on_demand_;  // types of tier 2 by the world's profile
  std::map<Key, std::vector<std::string>> naming_;  // operations that name it in their payloads
  std::map<Key, std::int64_t>
      shown_;  // of tier 2: the last commit that showed the server's version
};

}  // namespace landfall::oracles
