// W8: some hundred calls wait for the network, and the token that they would go with has expired.
// Each operation is a call of its own; those in flight are refused together, share one new token
// and are sent again.

#include <nlohmann/json.hpp>

#include "tests/bench/bench_host.hpp"
#include "tests/bench/bench_profile.hpp"
#include "tests/bench/http_server.hpp"
#include "tests/bench/job.hpp"
#include "tests/bench/quick_backend.hpp"
#include "tests/bench/reference.h"

namespace landfall::bench {

Figures meet_expiry_by_engine(const Job& job, CountingVfs& vfs) {
  QuickBackend backend;
  backend.expire_tokens();
  HttpServer server(
      [&](const http::Request& request, std::int64_t) { return backend.answer(request); });
  HostOptions options{job.folder, vfs.name()};
  options.profile = make_profile({.by_endpoint = true});
  options.origin = server.origin();
  BenchHost host(options);
  host.wait_for_state("ready");
  (void)host.request("operations.list", {{"limit", 1}});
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  server.open_gate();
  while (backend.counts().operations < job.n) host.hear_one();
  host.wait_until_settled();
  const std::int64_t taken = reference_now_ns() - started;
  const ServerCounts seen = backend.counts();
  Figures figures = figures_of(job.n, taken, vfs.counts() - before);
  figures.counts["seconds"] = static_cast<double>(taken) / 1e9;
  figures.counts["refreshes"] = static_cast<double>(seen.refreshes);
  figures.counts["unauthorized"] = static_cast<double>(seen.unauthorized);
  figures.counts["operations_sent"] = static_cast<double>(seen.operations);
  figures.counts["requests"] = static_cast<double>(seen.requests);
  return figures;
}

}  // namespace landfall::bench
