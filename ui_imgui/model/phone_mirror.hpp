#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/ids.hpp"
#include "simulator/world/observer.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// What a phone's engine says when it is asked over the host interface, as an app would ask: the
// outbox, what holds its operations, documents, notices and conflicts. It asks when the engine has
// told of a change, and now and then. Answers need no virtual time.
class PhoneMirror final : public world::Observer {
 public:
  // Asks if there is a reason to, and lays what came back into the snapshot; the selected operation
  // is explained.
  void refresh(world::World& world, world::Phone& phone, Snapshot& snapshot);

  // Somebody asked this phone for something: it is read again at the next refresh.
  void expect_change(const world::Phone& phone) { stale_.insert(&phone); }

  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;

 private:
  struct Reading;
  struct Title {
    std::string name;
    std::string detail;
  };
  using SharedReading = std::shared_ptr<Reading>;

  [[nodiscard]] bool is_due(const world::World& world, const world::Phone& phone,
                            const std::string& selected) const;
  void ask_all(world::World& world, world::Phone& phone, const SharedReading& reading);
  static void ask_other_types(world::Phone& phone, const nlohmann::json& entities,
                              const SharedReading& reading);
  void ask_explanations(world::Phone& phone, const SharedReading& reading,
                        const std::string& selected);
  void show(const Reading& reading, Snapshot& snapshot);
  void show_documents(const Reading& reading, Snapshot& snapshot);
  void show_conflicts(const Reading& reading, Snapshot& snapshot) const;
  void learn_titles(const Snapshot& snapshot);
  [[nodiscard]] Title title_of(const EntityKey& entity) const;
  [[nodiscard]] std::vector<LaneView> lanes_of(const Reading& reading) const;

  std::set<const world::Phone*> stale_;
  const world::Phone* shown_ = nullptr;
  std::string shown_selected_;
  std::int64_t asked_ms_ = 0;
  std::map<EntityKey, Title> titles_;  // also of documents that are gone
};

}  // namespace landfall::ui
