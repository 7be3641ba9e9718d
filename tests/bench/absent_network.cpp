#include "tests/bench/absent_network.hpp"

#include <utility>

namespace landfall::bench {

void AbsentNetwork::start(std::uint64_t call, const http::Request& request, Duration, std::size_t,
                          Done done) {
  open_.push_back({call, request, std::move(done)});
}

void AbsentNetwork::cancel(std::uint64_t call) {
  std::erase_if(open_, [&](const Open& open) { return open.call == call; });
}

void AbsentNetwork::serve() {
  while (!open_.empty()) {
    const Open open = std::move(open_.front());
    open_.pop_front();
    open.done(answer_ ? answer_(open.request)
                      : http::Answer{std::nullopt, http::TransportFailure::not_sent});
  }
}

}  // namespace landfall::bench
