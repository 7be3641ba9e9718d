#include "actors/transport/wire.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace landfall::transport {
namespace {

// Never zero: what is already due still fires from the loop, not from inside `arm`.
std::chrono::microseconds real_time(Duration engine_time, double speed) {
  const double us = static_cast<double>(engine_time.count()) * 1'000.0 / speed;
  return std::chrono::microseconds{std::max<std::int64_t>(1, static_cast<std::int64_t>(us))};
}

}  // namespace

std::shared_ptr<Connection> Wire::make_connection(Offer offer) {
  if (!origin.tls) return make_plain_connection(io, offer);
  if (!tls) tls.emplace(options.trust);
  return tls->make_connection(io, origin.host, offer, desk);
}

void Deadline::arm(Duration after, std::function<void()> then) {
  timer_.expires_after(real_time(after, clock_.speed()));
  // A timer that has fired cannot be cancelled any more, so its handler asks whether it still
  // counts.
  timer_.async_wait([generation = generation_, armed = ++*generation_,
                     then = std::move(then)](boost::system::error_code) {
    if (*generation == armed) then();
  });
}

void Deadline::disarm() {
  ++*generation_;
  timer_.cancel();
}

}  // namespace landfall::transport
