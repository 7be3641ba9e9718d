#include "tests/bench/stepped_network.hpp"

#include <utility>

namespace landfall::bench {

void SteppedNetwork::start(std::uint64_t call, const http::Request& request, Duration, std::size_t,
                           Done done) {
  open_.push_back({call, request, std::move(done)});
}

void SteppedNetwork::cancel(std::uint64_t call) {
  std::erase_if(open_, [&](const Open& open) { return open.call == call; });
}

bool SteppedNetwork::serve() {
  if (held_ || open_.empty()) return false;
  while (!open_.empty()) {
    const Open open = std::move(open_.front());
    open_.pop_front();
    open.done(answer_ ? answer_(open.request)
                      : http::Answer{std::nullopt, http::TransportFailure::not_sent});
  }
  return true;
}

}  // namespace landfall::bench
