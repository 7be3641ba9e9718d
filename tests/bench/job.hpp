#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/figures.hpp"

namespace landfall::bench {

enum class Work { accept, open };
enum class Contestant { engine, raw, bare };

[[nodiscard]] const char* to_string(Contestant contestant);

// One sample: a process of its own does it, so that no contestant finds another's memory.
struct Job {
  Work work = Work::accept;
  Contestant contestant = Contestant::engine;
  bool in_process = false;  // the engine is stepped by the thread that calls it
  bool is_full = true;      // synced before the acknowledgement
  std::size_t operations = 0;
  std::size_t in_flight = 1;
  std::string folder;  // a prepared phone; of a reference that accepts: an empty folder
  std::int64_t sync_extra_us = 0;
};

[[nodiscard]] nlohmann::json to_json(const Job& job);
[[nodiscard]] Job job_from(const nlohmann::json& json);

// Does the job in this process. Throws std::runtime_error.
[[nodiscard]] Figures do_job(const Job& job);
[[nodiscard]] Figures accept_by_engine(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures accept_by_reference(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures open_by_engine(const Job& job, CountingVfs& vfs);
[[nodiscard]] Figures open_by_reference(const Job& job, CountingVfs& vfs);

// The files of a reference in the job's folder.
[[nodiscard]] std::string raw_file(const Job& job);
[[nodiscard]] std::string bare_file(const Job& job);

}  // namespace landfall::bench
