// W1a and W1b: operations are accepted, one after the other or some at a time, each acknowledged by
// itself.

#include <array>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"
#include "tests/bench/bench_host.hpp"
#include "tests/bench/job.hpp"
#include "tests/bench/operations.hpp"

namespace landfall::bench {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};

void check(int sqlite_code) {
  if (sqlite_code != SQLITE_OK) throw std::runtime_error(sqlite3_errstr(sqlite_code));
}

std::string schema_of(const Job& job) {
  if (job.contestant == Contestant::bare) return bare_schema;
  std::string schema;
  for (const auto& migration : schema::partition_migrations()) schema += migration.sql;
  return schema + raw_counters;
}

// Keeps `in_flight` operations on their way and notes how long each took.
class Enqueuer final {
 public:
  Enqueuer(BenchHost& host, const std::vector<BenchOperation>& operations)
      : host_(host), operations_(operations), latencies_ns_(operations.size()) {}

  void run(std::size_t in_flight) {
    while (next_ < operations_.size() && started_.size() < in_flight) enqueue();
    while (!started_.empty()) {
      note(host_.next_acknowledged());
      if (next_ < operations_.size()) enqueue();
    }
  }

  [[nodiscard]] std::vector<std::int64_t> take_latencies() { return std::move(latencies_ns_); }

 private:
  struct Started {
    std::size_t number;
    std::int64_t at_ns;
  };

  void enqueue() {
    const std::int64_t now = reference_now_ns();
    const auto ticket = landfall_enqueue(host_.engine(), operations_[next_].text.c_str());
    if (ticket <= 0) throw std::runtime_error("the engine takes no operation");
    started_.emplace(ticket, Started{next_++, now});
  }

  void note(std::int64_t ticket) {
    const auto found = started_.find(ticket);
    if (found == started_.end()) throw std::runtime_error("an acknowledgement that nobody awaits");
    latencies_ns_[found->second.number] = reference_now_ns() - found->second.at_ns;
    started_.erase(found);
  }

  BenchHost& host_;
  const std::vector<BenchOperation>& operations_;
  std::vector<std::int64_t> latencies_ns_;
  std::unordered_map<std::int64_t, Started> started_;
  std::size_t next_ = 0;
};

}  // namespace

Figures accept_by_engine(const Job& job, CountingVfs& vfs) {
  const auto operations = make_operations(job.operations);
  AbsentNetwork network;
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
  return figures_of(enqueuer.take_latencies(), taken, vfs.counts() - before);
}

Figures accept_by_reference(const Job& job, CountingVfs& vfs) {
  const auto operations = make_operations(job.operations);
  const auto references = as_references(operations);
  std::vector<std::int64_t> latencies_ns(operations.size());
  std::array<unsigned char, 32> key{};
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
  randombytes_buf(key.data(), key.size());
  const bool is_raw = job.contestant == Contestant::raw;
  const std::string path = is_raw ? raw_file(job) : bare_file(job);
  sqlite3* opened = nullptr;
  const int code = reference_open(path.c_str(), vfs.name().c_str(), job.is_full ? 1 : 0,
                                  schema_of(job).c_str(), &opened);
  const std::unique_ptr<sqlite3, CloseDatabase> database(opened);
  check(code);
  const reference_job work{key.data(), references.data(), references.size(), job.in_flight,
                           latencies_ns.data()};
  const DiskCounts before = vfs.counts();
  const std::int64_t started = reference_now_ns();
  check(is_raw ? raw_accept(database.get(), &work) : bare_accept(database.get(), &work));
  const std::int64_t taken = reference_now_ns() - started;
  return figures_of(std::move(latencies_ns), taken, vfs.counts() - before);
}

}  // namespace landfall::bench
