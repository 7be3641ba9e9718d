// W1a and W1b: operations are accepted, one after the other or some at a time, each acknowledged by
// itself.

#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/bench/bench_host.hpp"
#include "tests/bench/enqueuer.hpp"
#include "tests/bench/job.hpp"
#include "tests/bench/operations.hpp"
#include "tests/bench/reference_database.hpp"

namespace landfall::bench {

Figures accept_by_engine(const Job& job, CountingVfs& vfs) {
  const auto operations = make_operations(job.n);
  const double rss_before_mb = resident_mb();
  SteppedNetwork network;
  BenchHost host({job.folder, vfs.name(), job.in_process ? Caller::in_process : Caller::host_thread,
                  &network});
  host.wait_for_state("ready");
  (void)host.request("network.hint", {{"up", false}});
  // Its reply comes after everything that opening the store set off in the queue.
  (void)host.request("operations.list", {{"limit", 1}});
  Enqueuer enqueuer(host, operations);
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  enqueuer.run(job.in_flight);
  const std::int64_t taken = reference_now_ns() - started;
  Figures figures = figures_of(enqueuer.take_latencies_ns(), taken, vfs.counts() - before);
  figures.counts["rss_grown_mb"] = figures.rss_mb - rss_before_mb;
  return figures;
}

Figures accept_by_reference(const Job& job, CountingVfs& vfs) {
  const auto operations = make_operations(job.n);
  const auto references = as_references(operations);
  std::vector<std::int64_t> latencies_ns(operations.size());
  const ReferenceKey key = random_key();
  const ReferenceDatabase database = create_reference(job, vfs);
  const reference_job work{key.data(), references.data(), references.size(), job.in_flight,
                           latencies_ns.data()};
  const auto accept = job.contestant == Contestant::raw ? raw_accept : bare_accept;
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  check(accept(database.get(), &work));
  const std::int64_t taken = reference_now_ns() - started;
  return figures_of(std::move(latencies_ns), taken, vfs.counts() - before);
}

}  // namespace landfall::bench
