// W9: what a phone costs that waits. In virtual time a wake-up is an instant at which a timer
// fires, so that an hour is counted exactly; in the time of the machine it is a switch of any
// thread of this process that gave its processor away before, over a shorter span.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "mobile_glue/device_clock.hpp"
#include "tests/bench/bench_host.hpp"
#include "tests/bench/bench_profile.hpp"
#include "tests/bench/http_server.hpp"
#include "tests/bench/job.hpp"
#include "tests/bench/quick_backend.hpp"

namespace landfall::bench {
namespace {

// From the opening until the waits between two probes are at their longest.
constexpr Duration kUntilAtRest{120'000};
// The same of a process: behind the ballast, which is written once in an installation's life, and
// behind the probes' short waits. A look of two seconds has no time for it.
Duration until_at_rest_for_real(std::size_t seconds) { return Duration{seconds * 750}; }

void add_counts(const Job& job, std::uint64_t wake_ups, std::uint64_t requests, Figures& figures) {
  figures.counts["seconds"] = static_cast<double>(job.n);
  figures.counts["wake_ups"] = static_cast<double>(wake_ups);
  figures.counts["wake_ups_s"] = static_cast<double>(wake_ups) / static_cast<double>(job.n);
  figures.counts["requests"] = static_cast<double>(requests);
}

Figures wait_in_virtual_time(const Job& job, CountingVfs& vfs) {
  QuickBackend backend;
  if (job.surroundings == Surroundings::unavailable) backend.break_down();
  std::uint64_t asked = 0;
  SteppedNetwork network([&](const http::Request& request) {
    ++asked;
    if (job.surroundings == Surroundings::offline)
      return http::Answer{std::nullopt, http::TransportFailure::not_sent};
    return http::Answer{backend.answer(request), std::nullopt};
  });
  network.hold(true);
  VirtualClock clock(glue::DeviceClock::wall_clock());
  HostOptions options{job.folder, vfs.name(), Caller::in_process, &network, &clock};
  options.profile = make_profile({});
  BenchHost host(options);
  host.wait_for_state("ready");
  network.hold(false);
  if (job.surroundings != Surroundings::unavailable) (void)host.live_for(kUntilAtRest);
  const std::uint64_t asked_before = asked;
  const DiskCounts before = vfs.counts();
  const std::uint64_t wake_ups = host.live_for(std::chrono::seconds{job.n});
  Figures figures = figures_of(vfs.counts() - before);
  add_counts(job, wake_ups, asked - asked_before, figures);
  return figures;
}

// Of all threads that are there.
std::uint64_t switches() {
  std::uint64_t sum = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream status(task.path() / "status");
    for (std::string name; status >> name;) {
      std::uint64_t count = 0;
      if (name == "voluntary_ctxt_switches:" && status >> count) sum += count;
    }
  }
  return sum;
}

Figures wait_for_real(const Job& job, CountingVfs& vfs) {
  QuickBackend backend;
  HttpServer server(
      [&](const http::Request& request, std::int64_t) { return backend.answer(request); });
  server.open_gate();
  HostOptions options{job.folder, vfs.name()};
  options.profile = make_profile({});
  const bool is_connected = job.surroundings == Surroundings::connected;
  if (is_connected) options.origin = server.origin();
  BenchHost host(options);
  host.wait_for_state("ready");
  if (is_connected) host.wait_for_event("pull.completed");
  host.wait_for(until_at_rest_for_real(job.n));
  const std::uint64_t asked_before = backend.counts().requests;
  const DiskCounts before = vfs.counts();
  const std::uint64_t switches_before = switches();
  host.wait_for(std::chrono::seconds{job.n});
  const std::uint64_t wake_ups = switches() - switches_before;
  Figures figures = figures_of(vfs.counts() - before);
  add_counts(job, wake_ups, backend.counts().requests - asked_before, figures);
  return figures;
}

}  // namespace

Figures wait_by_engine(const Job& job, CountingVfs& vfs) {
  return job.in_process ? wait_in_virtual_time(job, vfs) : wait_for_real(job, vfs);
}

}  // namespace landfall::bench
