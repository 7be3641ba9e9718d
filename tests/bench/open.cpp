// W3: a new process opens a filled store until it has the first operation in clear. What it reads
// is in the system's cache, as after a short while in the background: the stage runs a job twice.

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "tests/bench/bench_host.hpp"
#include "tests/bench/job.hpp"
#include "tests/bench/prepared_phone.hpp"
#include "tests/bench/reference.h"

namespace landfall::bench {
namespace {

constexpr std::size_t kTextBytesMax = 4'096;

Figures figures_of_open(std::int64_t started, CountingVfs& vfs) {
  const std::int64_t taken = reference_now_ns() - started;
  return figures_of(std::vector<std::int64_t>{taken}, taken, vfs.counts());
}

}  // namespace

// The list names the operation; its payload is opened for the view that the operation lies over.
Figures open_by_engine(const Job& job, CountingVfs& vfs) {
  SteppedNetwork network;
  const std::int64_t started = reference_now_ns();
  BenchHost host({job.folder, vfs.name(), Caller::host_thread, &network});
  host.wait_for_state("ready");
  const auto list = host.request("operations.list", {{"limit", 1}});
  const auto& operation = list.at("operations").at(0);
  const auto views = host.request("documents.query", {{"type", operation.at("entity_type")},
                                                      {"id", operation.at("entity_id")}});
  const Figures figures = figures_of_open(started, vfs);
  if (views.dump().find("Cement for the north wing") == std::string::npos) {
    throw std::runtime_error("the first operation is not shown: " + views.dump());
  }
  return figures;
}

Figures open_by_reference(const Job& job, CountingVfs& vfs) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
  const bool is_raw = job.contestant == Contestant::raw;
  const std::string path = is_raw ? partition_file(job.folder) : bare_file(job);
  const std::string key = is_raw ? outbox_key(job.folder) : "";
  std::array<char, kTextBytesMax> text{};
  std::size_t bytes = 0;
  const std::int64_t started = reference_now_ns();
  const int code =
      is_raw ? raw_read_first(path.c_str(), vfs.name().c_str(),
                              reinterpret_cast<const unsigned char*>(key.data()), text.data(),
                              text.size(), &bytes)
             : bare_read_first(path.c_str(), vfs.name().c_str(), text.data(), text.size(), &bytes);
  const Figures figures = figures_of_open(started, vfs);
  if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errstr(code));
  if (std::string(text.data(), bytes).find("Cement for the north wing") == std::string::npos) {
    throw std::runtime_error("the first operation does not open");
  }
  return figures;
}

}  // namespace landfall::bench
