#include "simulator/world/push_traffic.hpp"

#include <array>
#include <utility>

namespace landfall::world {
namespace {

constexpr std::array<const char*, 6> kTypes = {"KPI_ALERT",        "ANOMALY_ALERT",
                                               "APPROVAL_PENDING", "DELIVERY_UPDATE",
                                               "BUDGET_WARNING",   "SUPPLIER_MOVED"};

// A world begins when it is nine o'clock in Pune. Then it is 21:30 in Chicago, 06:30 in Nairobi and
// in the middle of the night in London.
constexpr std::array<const char*, 4> kZones = {"Asia/Kolkata", "Africa/Nairobi", "America/Chicago",
                                               "Europe/London"};

constexpr std::size_t kSentMax = 32;

}  // namespace

PushTraffic::PushTraffic(VirtualWorld& world, Phone& phone, Duration pause_mean)
    : world_(world),
      phone_(phone),
      random_(Random::stream(world.seed(), "pushes/" + phone.name())),
      pause_mean_(pause_mean) {}

void PushTraffic::start() {
  running_ = true;
  phone_.set_zone(kZones[random_.below(kZones.size())]);
  schedule_next();
}

void PushTraffic::schedule_next() {
  const Duration pause{random_.between(1, 2 * pause_mean_.count())};
  world_.after(pause, [this] {
    if (!running_) return;
    act();
    schedule_next();
  });
}

void PushTraffic::act() {
  const auto choice = random_.below(20);
  if (choice == 0) return phone_.set_zone(kZones[random_.below(kZones.size())]);
  if (choice <= 3 && !sent_.empty()) return phone_.push(sent_[random_.below(sent_.size())]);
  nlohmann::json push = draw_push();
  phone_.push(push);
  if (sent_.size() < kSentMax) sent_.push_back(std::move(push));
}

nlohmann::json PushTraffic::draw_push() {
  const std::string number = std::to_string(++pushes_);
  nlohmann::json data{{"type", kTypes[random_.below(kTypes.size())]},
                      {"notification_id", phone_.name() + "-" + number},
                      {"title", "Notification " + number},
                      {"id", "item-" + std::to_string(random_.below(100))},
                      {"code", "CYCLE_TIME"},
                      {"projectId", "metro"},
                      {"user_id", phone_.user_id()}};
  const auto fault = random_.below(12);
  if (fault == 0) data["user_id"] = "somebody-else";
  if (fault == 1) data["ttl_s"] = std::to_string(random_.below(1'200));
  if (fault == 2) data.erase("id");
  if (fault == 3) data["type"] = 7;
  if (fault == 4) data["body"] = std::string(8'000, 'x');
  return nlohmann::json{{"data", std::move(data)}};
}

}  // namespace landfall::world
