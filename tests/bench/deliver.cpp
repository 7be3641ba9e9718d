// W6: the user does one thing after the other while the server is in reach; measured is from the
// call to the first byte of the request that carries it at the server.

#include <atomic>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/ids.hpp"
#include "simulator/backend/options.hpp"
#include "tests/bench/bench_host.hpp"
#include "tests/bench/bench_profile.hpp"
#include "tests/bench/http_server.hpp"
#include "tests/bench/job.hpp"
#include "tests/bench/operations.hpp"
#include "tests/bench/quick_backend.hpp"
#include "tests/bench/reference.h"

namespace landfall::bench {

Figures deliver_by_engine(const Job& job, CountingVfs& vfs) {
  const auto operations = make_operations(job.n);
  const std::string push = backend::Routes{}.push;
  QuickBackend backend;
  std::atomic<std::int64_t> arrived_ns = 0;
  HttpServer server([&](const http::Request& request, std::int64_t at_ns) {
    if (request.target == push) arrived_ns = at_ns;
    return backend.answer(request);
  });
  server.open_gate();
  HostOptions options{job.folder, vfs.name()};
  options.profile = make_profile({});
  options.origin = server.origin();
  BenchHost host(options);
  host.wait_for_event("pull.completed");
  std::vector<std::int64_t> latencies_ns;
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  for (const auto& operation : operations) {
    const std::int64_t at_ns = reference_now_ns();
    if (landfall_enqueue(host.engine(), operation.text.c_str()) <= 0)
      throw std::runtime_error("the engine takes no operation");
    // A verdict makes the phone ask for changes; with their end it is at rest again.
    host.wait_for_event("pull.completed");
    latencies_ns.push_back(arrived_ns - at_ns);
  }
  const std::int64_t taken = reference_now_ns() - started;
  const ServerCounts seen = backend.counts();
  if (seen.pushes != operations.size())
    throw std::runtime_error("an operation did not go by itself");
  Figures figures = figures_of(std::move(latencies_ns), taken, vfs.counts() - before);
  figures.counts["requests"] = static_cast<double>(seen.requests);
  return figures;
}

}  // namespace landfall::bench
