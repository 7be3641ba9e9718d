#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "tests/bench/bench_host.hpp"
#include "tests/bench/operations.hpp"

namespace landfall::bench {

// Keeps some operations on their way to their acknowledgement and notes how long each took. What
// it refers to outlives it. Throws std::runtime_error.
class Enqueuer final {
 public:
  Enqueuer(BenchHost& host, const std::vector<BenchOperation>& operations);

  // All of them, `in_flight` at a time; once.
  void run(std::size_t in_flight);
  [[nodiscard]] std::vector<std::int64_t> take_latencies_ns();

 private:
  struct Started {
    std::size_t number;
    std::int64_t at_ns;
  };

  void enqueue();
  void note(std::int64_t ticket);

  BenchHost& host_;
  const std::vector<BenchOperation>& operations_;
  std::vector<std::int64_t> latencies_ns_;
  std::unordered_map<std::int64_t, Started> started_;
  std::size_t next_ = 0;
};

}  // namespace landfall::bench
