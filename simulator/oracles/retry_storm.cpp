#include "simulator/oracles/retry_storm.hpp"

#include <chrono>
#include <cstddef>
#include <utility>

#include "simulator/world/world.hpp"

namespace landfall::oracles {
namespace {

constexpr Duration kWindow = std::chrono::minutes{1};
constexpr std::size_t kRepeatsMax = 30;

}  // namespace

void RetryStorm::on_request(world::World& world, world::Phone& phone, const http::Request& request,
                            const std::vector<world::SentOperation>& operations) {
  PhoneCalls& calls = phones_[&phone];
  const bool is_new = carries_only_new(calls, operations);
  const Instant now = world.now();
  while (!calls.repeats.empty() && calls.repeats.front() + kWindow <= now)
    calls.repeats.pop_front();
  // A connection to the hub is negotiated anew only when the one before is lost.
  const bool reconnects = world.route_of(request) == backend::RouteId::negotiate &&
                          std::exchange(calls.negotiated, true);
  const bool repeats = calls.failed[request.target] && !is_new;
  if (!reconnects && !repeats) return;
  calls.repeats.push_back(now);
  const bool is_storm = calls.repeats.size() > kRepeatsMax;
  if (is_storm && !calls.told) {
    world.violate("INV-Q9", phone.name() + " repeats " + request.target + " and others " +
                                std::to_string(calls.repeats.size()) +
                                " times within a minute, at " + format_rfc3339(now));
  }
  calls.told = is_storm;
}

bool RetryStorm::carries_only_new(PhoneCalls& calls,
                                  const std::vector<world::SentOperation>& operations) {
  bool is_new = !operations.empty();
  for (const auto& operation : operations) {
    const bool leaves_first = calls.sent.insert(operation.id).second;
    is_new = is_new && leaves_first;
  }
  return is_new;
}

void RetryStorm::on_answer(world::World&, world::Phone& phone, const http::Request& request,
                           const http::Answer& answer) {
  phones_[&phone].failed[request.target] = !answer.response || answer.response->status / 100 != 2;
}

// The new process knows nothing of what failed, and its first calls are no repeats.
void RetryStorm::on_crash(world::World&, world::Phone& phone, bool) {
  PhoneCalls anew;
  anew.sent = std::move(phones_[&phone].sent);
  phones_[&phone] = std::move(anew);
}

}  // namespace landfall::oracles
