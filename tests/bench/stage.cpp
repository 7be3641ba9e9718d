#include "tests/bench/stage.hpp"

#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "tests/bench/child_process.hpp"
#include "tests/bench/documents.hpp"
#include "tests/bench/operations.hpp"
#include "tests/bench/prepared_phone.hpp"
#include "tests/bench/reference_database.hpp"

namespace landfall::bench {
namespace {

namespace fs = std::filesystem;

// What `bare` opens: the texts of the same operations, and the documents as they are.
void fill_bare(const std::string& path, const Filling& filling) {
  sqlite3* database = nullptr;
  check(reference_open(path.c_str(), "unix-excl", 0, bare_schema, &database));
  const auto operations = make_operations(filling.operations);
  const auto references = as_references(operations);
  std::vector<std::int64_t> ignored(filling.operations);
  const reference_job job{nullptr, references.data(), references.size(), references.size(),
                          ignored.data()};
  check(bare_accept(database, &job));
  check(bare_add_documents(database, document_data(kDocumentBytes, 0).c_str(), filling.documents,
                           filling.documents));
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
  job.n = workload.n;
  job.in_flight = workload.in_flight;
  job.keys = workload.keys;
  job.stored_operations = workload.stored_operations;
  job.surroundings = workload.surroundings;
  job.moves_log = workload.moves_log;
  job.sync_extra_us = sync_extra_us_;
  const std::string& phone = phone_of(workload);
  if (workload.work != Work::open) return run_on_copy(std::move(job), phone);
  job.folder = phone;
  // What is measured is opening, not reading a disk: the run before brings the pages that this
  // contestant touches, of the file and of the program, into the system's cache.
  (void)run_in_child(job);
  return run_in_child(job);
}

Figures Stage::run_on_copy(Job job, const std::string& of) {
  job.folder = workspace_.path() + "/sample";
  fs::copy(of, job.folder, fs::copy_options::recursive);
  const Figures figures = run_in_child(job);
  fs::remove_all(job.folder);
  return figures;
}

const std::string& Stage::phone_of(const Workload& workload) {
  const Filling filling{workload.stored_operations, workload.stored_documents};
  if (filling.operations == 0 && filling.documents == 0) return phone_;
  const auto [entry, is_new] =
      stores_.try_emplace({filling.operations, filling.documents},
                          workspace_.path() + "/store-" + std::to_string(stores_.size()));
  if (!is_new) return entry->second;
  std::fprintf(stderr, "filling a store with %zu operations and %zu documents\n",
               filling.operations, filling.documents);
  fs::copy(phone_, entry->second, fs::copy_options::recursive);
  fill_phone(entry->second, filling);
  fill_bare(entry->second + "/bare.db", filling);
  return entry->second;
}

}  // namespace landfall::bench
