#include "simulator/oracles/calls_in_flight.hpp"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "simulator/oracles/organisation.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

constexpr std::ptrdiff_t kEndpointCallsMax = 4;
constexpr Duration kCallMax = std::chrono::seconds{30};

}  // namespace

void CallsInFlight::on_request(world::World& world, world::Phone& phone,
                               const http::Request& request,
                               const std::vector<world::SentOperation>& operations) {
  if (operations.empty()) return;
  auto& calls = phones_[&phone];
  std::erase_if(calls, [&](const auto& call) { return call.second.at + kCallMax <= world.now(); });
  const auto route = world.route_of(request);
  Call call{organisation_of(world, request).value_or(""),
            route == backend::RouteId::push || route == backend::RouteId::bulk,
            world.now(),
            {}};
  for (const auto& operation : operations) call.lanes.push_back(operation.entity);
  judge(world, phone, calls, call);
  calls.insert_or_assign(http::header_text(request.headers, "X-Request-Id"), std::move(call));
}

void CallsInFlight::judge(world::World& world, const world::Phone& phone, const Calls& calls,
                          const Call& call) {
  const auto others = std::count_if(calls.begin(), calls.end(), [&](const auto& other) {
    return other.second.organisation == call.organisation &&
           other.second.is_together == call.is_together;
  });
  const std::string what = phone.name() + " sends a call at " + format_rfc3339(world.now());
  if (call.is_together && others > 0)
    world.violate("INV-Q5", what + " while another push is in flight");
  if (!call.is_together && others >= kEndpointCallsMax)
    world.violate("INV-Q5", what + " while four others are in flight");
  for (const auto& [id, other] : calls) {
    if (other.organisation != call.organisation) continue;
    for (const EntityKey& lane : call.lanes) {
      const bool is_busy =
          std::find(other.lanes.begin(), other.lanes.end(), lane) != other.lanes.end();
      if (!is_busy) continue;
      world.violate("INV-Q5", what + " with " + lane.type + "/" + lane.id +
                                  ", of which another call is in flight since " +
                                  format_rfc3339(other.at));
      return;
    }
  }
}

void CallsInFlight::on_answer(world::World&, world::Phone& phone, const http::Request& request,
                              const http::Answer&) {
  phones_[&phone].erase(http::header_text(request.headers, "X-Request-Id"));
}

void CallsInFlight::on_event(world::World&, world::Phone& phone, const std::string& event,
                             const nlohmann::json& data) {
  // Where a store is opened anew nobody waits for the calls of before; one of them may leave in
  // that instant, behind the first word and before the second.
  const std::string state = data.value("state", "");
  const bool begins_again = event == "engine.state" && (state == "opening" || state == "ready");
  if (event == "session.status" || begins_again) phones_[&phone].clear();
}

void CallsInFlight::on_crash(world::World&, world::Phone& phone, bool) { phones_[&phone].clear(); }

}  // namespace landfall::oracles
