#include "tests/bench/enqueuer.hpp"

#include <stdexcept>
#include <utility>

#include "tests/bench/reference.h"

namespace landfall::bench {

Enqueuer::Enqueuer(BenchHost& host, const std::vector<BenchOperation>& operations)
    : host_(host), operations_(operations), latencies_ns_(operations.size()) {}

void Enqueuer::run(std::size_t in_flight) {
  while (next_ < operations_.size() && started_.size() < in_flight) enqueue();
  while (!started_.empty()) {
    note(host_.next_acknowledged());
    if (next_ < operations_.size()) enqueue();
  }
}

std::vector<std::int64_t> Enqueuer::take_latencies_ns() { return std::move(latencies_ns_); }

void Enqueuer::enqueue() {
  const std::int64_t now = reference_now_ns();
  const auto ticket = landfall_enqueue(host_.engine(), operations_[next_].text.c_str());
  if (ticket <= 0) throw std::runtime_error("the engine takes no operation");
  started_.emplace(ticket, Started{next_++, now});
}

void Enqueuer::note(std::int64_t ticket) {
  const auto found = started_.find(ticket);
  if (found == started_.end()) throw std::runtime_error("an acknowledgement that nobody awaits");
  latencies_ns_[found->second.number] = reference_now_ns() - found->second.at_ns;
  started_.erase(found);
}

}  // namespace landfall::bench
