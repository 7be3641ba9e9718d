#include "tests/bench/stage.hpp"

#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "tests/bench/child_process.hpp"
#include "tests/bench/operations.hpp"
#include "tests/bench/prepared_phone.hpp"

namespace landfall::bench {
namespace {

namespace fs = std::filesystem;

void check(int sqlite_code) {
  if (sqlite_code != SQLITE_OK) throw std::runtime_error(sqlite3_errstr(sqlite_code));
}

// What `bare` opens: the texts of the same operations, and the documents as they are.
void fill_bare(const std::string& path, const Workload& workload) {
  sqlite3* database = nullptr;
  check(reference_open(path.c_str(), "unix-excl", 0, bare_schema, &database));
  const auto operations = make_operations(workload.n);
  const auto references = as_references(operations);
  std::vector<std::int64_t> ignored(workload.n);
  const reference_job job{nullptr, references.data(), references.size(), references.size(),
                          ignored.data()};
  check(bare_accept(database, &job));
  check(bare_add_documents(database, document_data().c_str(), workload.documents));
  check(sqlite3_close(database));
}

}  // namespace

Stage::Stage(std::int64_t sync_extra_us)
    : sync_extra_us_(sync_extra_us), phone_(workspace_.path() + "/phone") {
  std::fprintf(stderr, "data on %s%s\n", workspace_.file_system().c_str(),
               workspace_.is_in_memory() ? ": in memory, so that no sync means anything" : "");
  prepare_phone(phone_);
}

Figures Stage::take_sample(const Workload& workload, Contestant contestant) {
  Job job;
  job.work = workload.work;
  job.contestant = contestant;
  job.in_process = workload.in_process;
  job.is_full = workload.is_full;
  job.operations = workload.n;
  job.in_flight = workload.in_flight;
  job.sync_extra_us = sync_extra_us_;
  if (workload.work == Work::accept) return accept(std::move(job));
  job.folder = filled_store(workload);
  // What is measured is opening, not reading a disk: the run before brings the pages that this
  // contestant touches, of the file and of the program, into the system's cache.
  (void)run_in_child(job);
  return run_in_child(job);
}

Figures Stage::accept(Job job) {
  job.folder = workspace_.path() + "/sample";
  if (job.contestant == Contestant::engine) {
    fs::copy(phone_, job.folder, fs::copy_options::recursive);
  } else {
    fs::create_directory(job.folder);
  }
  const Figures figures = run_in_child(job);
  fs::remove_all(job.folder);
  return figures;
}

const std::string& Stage::filled_store(const Workload& workload) {
  const auto [entry, is_new] =
      stores_.try_emplace(workload.n, workspace_.path() + "/store-" + std::to_string(workload.n));
  if (!is_new) return entry->second;
  std::fprintf(stderr, "filling a store with %zu operations and %zu documents\n", workload.n,
               workload.documents);
  fs::copy(phone_, entry->second, fs::copy_options::recursive);
  fill_phone(entry->second, {workload.n, workload.documents});
  fill_bare(entry->second + "/bare.db", workload);
  return entry->second;
}

}  // namespace landfall::bench
