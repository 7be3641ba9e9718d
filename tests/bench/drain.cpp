// W2: what is queued goes to a server on loopback, many operations a request or one, until nothing
// waits and that is committed.

#include <stdexcept>
#include <string>

#include <unistd.h>
#include <nlohmann/json.hpp>

#include "simulator/backend/options.hpp"
#include "tests/bench/bench_host.hpp"
#include "tests/bench/bench_profile.hpp"
#include "tests/bench/http_server.hpp"
#include "tests/bench/job.hpp"
#include "tests/bench/operations.hpp"
#include "tests/bench/prepared_phone.hpp"
#include "tests/bench/quick_backend.hpp"
#include "tests/bench/reference.h"
#include "tests/bench/reference_database.hpp"
#include "tests/bench/reference_http.h"

namespace landfall::bench {
namespace {

// A backend behind its server, and what a contestant sent to it.
struct Site {
  QuickBackend backend;
  HttpServer server{
      [this](const http::Request& request, std::int64_t) { return backend.answer(request); }};

  void add_counts(const Job& job, Figures& figures) const {
    const ServerCounts seen = backend.counts();
    if (seen.operations != job.n)
      throw std::runtime_error(std::to_string(seen.operations) + " operations were sent in " +
                               std::to_string(seen.pushes) + " pushes, not " +
                               std::to_string(job.n));
    figures.counts["requests"] = static_cast<double>(seen.requests);
    figures.counts["pushes"] = static_cast<double>(seen.pushes);
    figures.counts["pulls"] = static_cast<double>(seen.pulls);
    figures.counts["wire_bytes_per_op"] =
        static_cast<double>(server.bytes_to(backend::Routes{}.push)) / static_cast<double>(job.n);
  }
};

}  // namespace

Figures drain_by_engine(const Job& job, CountingVfs& vfs) {
  Site site;
  HostOptions options{job.folder, vfs.name()};
  options.profile = make_profile({.batch_operations_max = job.in_flight, .http2 = true});
  options.origin = site.server.origin();
  const double rss_before_mb = resident_mb();
  BenchHost host(options);
  host.wait_for_state("ready");
  (void)host.request("operations.list", {{"limit", 1}});
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  site.server.open_gate();
  // What was sent last is still to be settled, and that is told.
  while (site.backend.counts().operations < job.n) host.hear_one();
  host.wait_until_settled();
  const std::int64_t taken = reference_now_ns() - started;
  Figures figures = figures_of(job.n, taken, vfs.counts() - before);
  figures.counts["rss_grown_mb"] = figures.rss_mb - rss_before_mb;
  site.add_counts(job, figures);
  return figures;
}

Figures drain_by_reference(const Job& job, CountingVfs& vfs) {
  const bool is_raw = job.contestant == Contestant::raw;
  Site site;
  site.server.open_gate();
  const std::string key = is_raw ? outbox_key(job.folder) : "";
  const ReferenceDatabase database =
      open_reference(is_raw ? partition_file(job.folder) : bare_file(job), vfs);
  const int connection = reference_connect(site.server.port());
  if (connection < 0) throw std::runtime_error("the server cannot be reached");
  const std::string target = backend::Routes{}.push;
  const reference_drain work{is_raw ? reinterpret_cast<const unsigned char*>(key.data()) : nullptr,
                             connection, target.c_str(), job.in_flight};
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  const int code = is_raw ? raw_drain(database.get(), &work) : bare_drain(database.get(), &work);
  const std::int64_t taken = reference_now_ns() - started;
  ::close(connection);
  check(code);
  Figures figures = figures_of(job.n, taken, vfs.counts() - before);
  site.add_counts(job, figures);
  return figures;
}

}  // namespace landfall::bench
