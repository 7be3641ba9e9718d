#pragma once

#include "tests/bench/job.hpp"

namespace landfall::bench {

// The flag by which a process of this program is told to do one job and to print its figures.
inline constexpr const char* kJobFlag = "--job";

// Does the job in a new process of this program. Throws std::runtime_error when that fails, and
// when this process is asked to stop meanwhile (SIGINT, SIGTERM): the job's process is ended first.
[[nodiscard]] Figures run_in_child(const Job& job);

// From here on SIGINT and SIGTERM end jobs instead of this process, so that it can tidy up.
void catch_stop_signals();

}  // namespace landfall::bench
