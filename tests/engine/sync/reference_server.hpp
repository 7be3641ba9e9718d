#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/engine/sync/queue_fixture.hpp"

namespace landfall::test {

// The server of wire.md in sixty lines, written from the page and not from the engine: it decides
// pushes by id, keeps receipts, and writes down what no server may ever see.
class ReferenceServer final {
 public:
  std::vector<std::string> violations;
  std::set<std::string> forgiven;  // entities where the user decided without knowing: conflicts
                                   // with oneself may happen

  [[nodiscard]] std::int64_t version(const std::string& entity) const {
    const auto found = versions_.find(entity);
    return found == versions_.end() ? 0 : found->second;
  }
  // Somebody else changes it.
  void change(const std::string& entity) {
    versions_[entity] += 1;
    makers_[entity] = "";
  }
  [[nodiscard]] bool has_effect(const std::string& id) const { return effects_.contains(id); }

  // `busy`: it has no time for the last one.
  std::vector<Json> push(const sync::PushCall& call, bool busy = false) {
    std::vector<Json> answer;
    for (const Json& item : items_of(call)) {
      const std::string id = item.at("id");
      const auto [sent, is_new] = bytes_.emplace(id, item.dump());
      if (!is_new && sent->second != item.dump())
        violations.push_back("INV-Q2: the bytes of " + id + " changed");
      const bool undecided =
          busy && answer.size() + 1 == call.operations.size() && !receipts_.contains(id);
      answer.push_back(undecided ? Json{{"id", id}, {"status", "retry"}, {"reason", "busy"}}
                                 : decide(id, item));
    }
    return answer;
  }

  std::vector<Json> receipts(const Json& ids) const {
    std::vector<Json> answer;
    for (const std::string id : ids) {
      const auto found = receipts_.find(id);
      answer.push_back(found == receipts_.end() ? Json{{"id", id}, {"status", "unseen"}}
                                                : found->second);
    }
    return answer;
  }

 private:
  Json decide(const std::string& id, const Json& item) {
    if (const auto found = receipts_.find(id); found != receipts_.end()) return found->second;
    const EntityKey entity{item.at("entity_type"), item.at("entity_id")};
    const int number = number_of(*parse_id<OperationId>(id));
    const std::int64_t current = version(entity.id);
    bool fits = true;
    if (item.contains("after")) {
      const auto below = receipts_.find(item.at("after"));
      if (below == receipts_.end() || below->second.at("status") != "applied")
        return retry(number, "after_failed");
      fits = below->second.at("entity").at("row_version") == current;
    } else if (item.contains("base_version")) {
      fits = item.at("base_version") == current;
    } else if (item.at("action") != "count") {
      violations.push_back("an update without a version: " + id);
    }
    Json verdict;
    if (!fits) {
      const std::string& maker = makers_[entity.id];
      if (!maker.empty() && maker < id && !forgiven.contains(entity.id)) {
        violations.push_back("INV-Q16: " + id + " conflicts with the device's own " + maker);
      }
      verdict = conflicting(number, entity, current);
    } else if (number % 11 == 0) {
      verdict = rejected(number, "NO");
    } else {
      versions_[entity.id] = current + 1;
      makers_[entity.id] = id;
      effects_.insert(id);
      verdict = applied(number, entity, current + 1);
    }
    receipts_.emplace(id, verdict);
    return verdict;
  }

  std::map<std::string, std::int64_t> versions_;
  std::map<std::string, std::string> makers_;  // id of our operation that made the current version
  std::map<std::string, Json> receipts_;
  std::map<std::string, std::string> bytes_;
  std::set<std::string> effects_;
};

}  // namespace landfall::test
