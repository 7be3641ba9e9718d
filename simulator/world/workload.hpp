#pragma once

#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "simulator/world/virtual_phone.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::world {

// A procurement officer's day on one phone: approves, rejects, comments, writes requisitions and
// edits them again, books goods receipts, looks at lists, retries what failed. Everything is drawn;
// everything goes through the host interface.
class Workload final {
 public:
  Workload(VirtualWorld& world, VirtualPhone& phone, Duration pause_mean);

  void start();
  void stop() { running_ = false; }
  [[nodiscard]] std::uint64_t intents() const { return intents_; }

 private:
  void schedule_next();
  void schedule_erase();
  void act();
  void decide_approval();
  void decide_in_bulk();
  // One word about these, signed where the server wants it so.
  void approve(const std::vector<std::string>& approvals, const std::string& comment,
               const nlohmann::json& extra);
  // What the user proved, or something else that a careless app makes of it.
  void hand_in_proven(const nlohmann::json& operations, const nlohmann::json& extra);
  void create_requisition();
  void edit_requisition();
  void submit_requisition();
  void receive_goods();
  void take_photo(const std::string& operation);
  void look_at(const std::string& type);
  void look_at_requisitions();
  void look(const Json& params);
  void refresh_orders();
  void settle_failures();
  void decide_conflict(const Json& conflict);
  void leave_for_a_while();
  void read_back(const EntityKey& entity, const nlohmann::json& acknowledgement);
  void hand_in(EntityKey entity, std::string action, nlohmann::json payload,
               nlohmann::json extra = {}, bool with_photo = false);
  void hand_in_as(const std::string& id, EntityKey entity, std::string action,
                  nlohmann::json payload, nlohmann::json extra, bool with_photo);

  VirtualWorld& world_;
  VirtualPhone& phone_;
  Random random_;
  Random erases_;
  Duration pause_mean_;
  bool running_ = false;
  bool signs_approvals_ = false;  // the server wants to see who approves (C-25)
  std::uint64_t intents_ = 0;
  std::vector<std::string> approvals_;     // seen in the last list
  std::vector<std::string> requisitions_;  // written on this phone
  std::vector<std::string> orders_;
};

}  // namespace landfall::world
