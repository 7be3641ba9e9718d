// W7: operations are accepted while a full queue goes to the server.

#include <nlohmann/json.hpp>

#include "tests/bench/bench_host.hpp"
#include "tests/bench/bench_profile.hpp"
#include "tests/bench/enqueuer.hpp"
#include "tests/bench/http_server.hpp"
#include "tests/bench/job.hpp"
#include "tests/bench/operations.hpp"
#include "tests/bench/quick_backend.hpp"
#include "tests/bench/reference.h"

namespace landfall::bench {

Figures accept_draining_by_engine(const Job& job, CountingVfs& vfs) {
  const auto operations = make_operations(job.n, job.stored_operations);
  QuickBackend backend;
  HttpServer server(
      [&](const http::Request& request, std::int64_t) { return backend.answer(request); });
  HostOptions options{job.folder, vfs.name()};
  options.profile = make_profile({});
  options.origin = server.origin();
  BenchHost host(options);
  host.wait_for_state("ready");
  (void)host.request("operations.list", {{"limit", 1}});
  server.open_gate();
  while (backend.counts().operations == 0) host.hear_one();
  const ServerCounts sent_before = backend.counts();
  Enqueuer enqueuer(host, operations);
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  enqueuer.run(job.in_flight);
  const std::int64_t taken = reference_now_ns() - started;
  const ServerCounts sent = backend.counts();
  Figures figures = figures_of(enqueuer.take_latencies_ns(), taken, vfs.counts() - before);
  figures.counts["operations_sent"] = static_cast<double>(sent.operations - sent_before.operations);
  figures.counts["pushes"] = static_cast<double>(sent.pushes - sent_before.pushes);
  return figures;
}

}  // namespace landfall::bench
