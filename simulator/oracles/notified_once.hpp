#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/zone.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-T2: what the engine promised to show is shown once: not in quiet hours (in the zone in which
// the phone then is) but for override types, not after it expired, not to another user, not twice,
// and never lost. A host that is asked again must be told so, and is asked again only when the
// engine cannot know what became of the first time.
//
// The settings are those of the backend's user profiles, and those that the user has handed in
// since: a notification is right when it is by any of them.
class NotifiedOnce final : public world::Observer {
 public:
  void on_intent(world::World& world, world::Phone& phone, const world::Intent& intent) override;
  void on_push(world::World& world, world::Phone& phone, const nlohmann::json& payload) override;
  void on_push_decided(world::World& world, world::Phone& phone, const nlohmann::json& payload,
                       const nlohmann::json& result) override;
  void on_asked_to_show(world::World& world, world::Phone& phone,
                        const nlohmann::json& data) override;
  void on_shown(world::World& world, world::Phone& phone, const nlohmann::json& data) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_zone(world::World& world, world::Phone& phone, const std::string& zone) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_suspended(world::World& world, world::Phone& phone) override {
    on_crash(world, phone, false);
  }
  void on_end(world::World& world) override;

 private:
  struct Told {
    std::string type;
    int pushes = 0;                     // how often it came
    std::string user;                   // whom the push names, or who uses the phone
    std::optional<Instant> expires_at;  // nothing: never
    bool promised = false;              // the engine said show or hold
    bool dropped = false;               // and gave it up again, with a reason
    bool shown = false;                 // a host showed it
    bool answered = false;              // and the engine that asked has heard so
    int asked = 0;
  };
  using Key = std::pair<const world::Phone*, std::string>;
  struct Window {
    int start = 22 * 60;  // minutes of the day
    int end = 7 * 60;
    std::set<std::string> overrides{"APPROVAL_PENDING"};
  };

  [[nodiscard]] int local_minute(const world::Phone& phone, Instant now);
  [[nodiscard]] std::vector<Window>& windows_of(const std::string& user);
  // Whether a notification of this type must, or may, be held now.
  [[nodiscard]] bool must_be_quiet(const world::Phone& phone, const std::string& type, Instant now);
  [[nodiscard]] bool may_be_quiet(const world::Phone& phone, const std::string& type, Instant now);
  void judge_drop(world::World& world, const world::Phone& phone, const nlohmann::json& payload,
                  const nlohmann::json& result);
  void judge_time(world::World& world, const world::Phone& phone, const nlohmann::json& data,
                  const Told& told);
  void forget_answers(const world::Phone& phone);
  [[nodiscard]] std::vector<std::string> unkept(world::World& world);

  std::map<Key, Told> told_;
  std::map<std::string, std::vector<Window>> windows_;  // by user; the backend's own first
  std::map<const world::Phone*, Instant> moved_at_;
  std::map<std::string, Zone> zones_;
};

}  // namespace landfall::oracles
