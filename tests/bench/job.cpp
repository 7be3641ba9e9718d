#include "tests/bench/job.hpp"

#include <nlohmann/json.hpp>

namespace landfall::bench {

const char* to_string(Contestant contestant) {
  switch (contestant) {
    case Contestant::engine:
      return "engine";
    case Contestant::raw:
      return "raw";
    case Contestant::bare:
      break;
  }
  return "bare";
}

nlohmann::json to_json(const Job& job) {
  return {
      {"work", job.work},       {"contestant", job.contestant},      {"in_process", job.in_process},
      {"is_full", job.is_full}, {"operations", job.operations},      {"in_flight", job.in_flight},
      {"folder", job.folder},   {"sync_extra_us", job.sync_extra_us}};
}

Job job_from(const nlohmann::json& json) {
  return {json.at("work"),    json.at("contestant"),   json.at("in_process"),
          json.at("is_full"), json.at("operations"),   json.at("in_flight"),
          json.at("folder"),  json.at("sync_extra_us")};
}

std::string raw_file(const Job& job) { return job.folder + "/raw.db"; }

std::string bare_file(const Job& job) { return job.folder + "/bare.db"; }

Figures do_job(const Job& job) {
  CountingVfs vfs({job.is_full, job.sync_extra_us});
  const bool is_engine = job.contestant == Contestant::engine;
  if (job.work == Work::accept) {
    return is_engine ? accept_by_engine(job, vfs) : accept_by_reference(job, vfs);
  }
  return is_engine ? open_by_engine(job, vfs) : open_by_reference(job, vfs);
}

}  // namespace landfall::bench
