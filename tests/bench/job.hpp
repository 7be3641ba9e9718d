#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/figures.hpp"

namespace landfall::bench {

enum class Work {
  accept,           // W1
  drain,            // W2: what is queued goes to the server
  open,             // W3
  read_through,     // W4: the cache
  pull,             // W5
  deliver,          // W6: one operation after the other reaches the server
  accept_draining,  // W7
  meet_expiry,      // W8: an expired token
  wait,             // W9
  switch_user       // W10
};

enum class Contestant { engine, raw, bare };

// What a phone waits in.
enum class Surroundings { connected, offline, unavailable };

[[nodiscard]] const char* to_string(Contestant contestant);

// One sample: a process of its own does it, so that no contestant finds another's memory.
struct Job {
  Work work = Work::accept;
  Contestant contestant = Contestant::engine;
  bool in_process = false;    // the engine is stepped by the thread that calls it
  bool is_full = true;        // synced before the acknowledgement
  std::size_t n = 0;          // operations, documents, gets or seconds
  std::size_t in_flight = 1;  // operations on their way to their acknowledgement, or of a request
  std::size_t keys = 0;       // that gets are of
  std::size_t stored_operations = 0;  // in the phone's store when the job begins
  Surroundings surroundings = Surroundings::connected;
  bool moves_log = false;  // it is over when what it left in the log is in the file
  std::string folder;      // a prepared phone; of a reference that accepts: an empty folder
  std::int64_t sync_extra_us = 0;
};

[[nodiscard]] nlohmann::json to_json(const Job& job);
[[nodiscard]] Job job_from(const nlohmann::json& json);

// Does the job in this process. Throws std::runtime_error.
[[nodiscard]] Figures do_job(const Job& job);
[[nodiscard]] Figures accept_by_engine(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures accept_by_reference(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures drain_by_engine(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures drain_by_reference(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures open_by_engine(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures open_by_reference(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures read_through_by_engine(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures read_through_by_reference(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures pull_by_engine(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures pull_by_reference(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures deliver_by_engine(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures accept_draining_by_engine(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures meet_expiry_by_engine(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures wait_by_engine(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures switch_user_by_engine(const Job& job, CountingVfs& vfs);

// The files of a reference in the job's folder.
[[nodiscard]] std::string raw_file(const Job& job);
[[nodiscard]] std::string bare_file(const Job& job);

}  // namespace landfall::bench
