// W10: one phone, two users in turn. Measured is from the logout to the first view of the other's
// data, two requests to the server among it. What one of them has waiting is refused with a long
// wait, so that nothing is drained meanwhile.

#include <array>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/secure_random.hpp"
#include "mobile_glue/device_clock.hpp"
#include "simulator/backend/backend.hpp"
#include "tests/bench/bench_host.hpp"
#include "tests/bench/bench_profile.hpp"
#include "tests/bench/http_server.hpp"
#include "tests/bench/job.hpp"
#include "tests/bench/quick_backend.hpp"
#include "tests/bench/reference.h"

namespace landfall::bench {
namespace {

constexpr double kNsPerMs = 1e6;

// The reference backend knows who logs in; everything else takes no time. A logout and the login
// behind it come on connections, and so threads, of their own.
class LoginServer final {
 public:
  LoginServer() {
    auto opened = backend::Backend::open({}, random_, glue::DeviceClock::wall_clock());
    if (!opened) throw std::runtime_error(opened.error().message);
    accounts_ = std::move(*opened);
  }

  http::Response answer(const http::Request& request) {
    const auto& routes = accounts_->options().routes;
    if (request.target == routes.login || request.target == routes.logout) {
      const std::lock_guard lock(mutex_);
      return accounts_->handle(request, glue::DeviceClock::wall_clock());
    }
    if (request.target == routes.push) return {503, {{"Retry-After", "3600"}}, "{}"};
    return quick_.answer(request);
  }

 private:
  LibsodiumRandom random_;
  std::mutex mutex_;  // of the backend, which one thread may ask at a time
  std::unique_ptr<backend::Backend> accounts_;
  QuickBackend quick_;
};

void switch_to(BenchHost& host, std::size_t user) {
  const auto& next = backend::Backend::seed_users().at(user);
  (void)host.request("session.logout", nlohmann::json::object());
  host.wait_for_state("locked");
  (void)host.request("session.login", {{"email", next.email}, {"password", next.password}});
  host.wait_for_state("ready");
  (void)host.ask("documents.query", R"({"type":"po","id":"po-1"})");
}

double median_ms(const std::vector<std::int64_t>& times_ns) {
  std::vector<double> ms;
  for (const auto ns : times_ns) ms.push_back(static_cast<double>(ns) / kNsPerMs);
  return median_of(std::move(ms));
}

}  // namespace

Figures switch_user_by_engine(const Job& job, CountingVfs& vfs) {
  LoginServer accounts;
  HttpServer server(
      [&](const http::Request& request, std::int64_t) { return accounts.answer(request); });
  server.open_gate();
  HostOptions options{job.folder, vfs.name()};
  options.profile = make_profile({});
  options.origin = server.origin();
  BenchHost host(options);
  host.wait_for_state("ready");
  switch_to(host, 1);  // makes the other's partition
  std::array<std::vector<std::int64_t>, 2> times_ns;
  std::vector<std::int64_t> all_ns;
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  for (std::size_t i = 0; i < job.n; ++i) {
    const std::int64_t at_ns = reference_now_ns();
    switch_to(host, i % 2);
    all_ns.push_back(reference_now_ns() - at_ns);
    times_ns.at(i % 2).push_back(all_ns.back());
  }
  const std::int64_t taken = reference_now_ns() - started;
  Figures figures = figures_of(std::move(all_ns), taken, vfs.counts() - before);
  figures.counts["to_filled_ms"] = median_ms(times_ns[0]);
  figures.counts["to_empty_ms"] = median_ms(times_ns[1]);
  return figures;
}

}  // namespace landfall::bench
