#pragma once

#include <functional>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/base/ids.hpp"
#include "simulator/world/observer.hpp"
#include "ui_imgui/model/event_log.hpp"

namespace landfall::ui {

// Whoever holds the phone: logs in, hands operations in and says what becomes of them, all over the
// host interface. What the engine refuses is logged and kept as the last refusal.
class PhoneUser final : public world::Observer {
 public:
  explicit PhoneUser(EventLog& log) : log_(log) {}

  [[nodiscard]] const std::string& last_refusal() const { return last_refusal_; }

  // Tells the engine that somebody is there. Nothing on a phone that is off or asleep.
  void touch(world::World& world, world::Phone& phone);
  void login(world::World& world, world::Phone& phone);
  using Reply = std::function<void(const nlohmann::json& reply)>;
  // Any other request; `then` hears what came of it, where that does not show by itself.
  void ask(world::World& world, world::Phone& phone, const std::string& request,
           nlohmann::json params, Reply then = {});
  void enqueue(world::World& world, world::Phone& phone, EntityKey entity, std::string action,
               const nlohmann::json& payload);
  // Hands the same intent in as a new operation in place of this one. Nothing happens for an
  // operation that nobody handed in here.
  void supersede(world::World& world, world::Phone& phone, const std::string& operation);

  void on_intent(world::World& world, world::Phone& phone, const world::Intent& intent) override;
  void on_acknowledged(world::World& world, world::Phone& phone, const world::Intent& intent,
                       const nlohmann::json& result) override;
  void on_refused(world::World& world, world::Phone& phone, const world::Intent& intent,
                  const std::string& code) override;

 private:
  EventLog& log_;
  std::map<std::string, world::Intent> handed_in_;
  std::string last_refusal_;
};

}  // namespace landfall::ui
