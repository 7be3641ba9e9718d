#include "tests/bench/job.hpp"

#include <array>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace landfall::bench {
namespace {

using Do = Figures (*)(const Job& job, CountingVfs& vfs);

struct Doers {
  Work work;
  Do by_engine;
  Do by_reference;  // null: there is none
};

constexpr std::array<Doers, 10> kDoers = {{
    {Work::accept, accept_by_engine, accept_by_reference},
    {Work::drain, drain_by_engine, drain_by_reference},
    {Work::open, open_by_engine, open_by_reference},
    {Work::read_through, read_through_by_engine, read_through_by_reference},
    {Work::pull, pull_by_engine, pull_by_reference},
    {Work::deliver, deliver_by_engine, nullptr},
    {Work::accept_draining, accept_draining_by_engine, nullptr},
    {Work::meet_expiry, meet_expiry_by_engine, nullptr},
    {Work::wait, wait_by_engine, nullptr},
    {Work::switch_user, switch_user_by_engine, nullptr},
}};

}  // namespace

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
  return {{"work", job.work},
          {"contestant", job.contestant},
          {"in_process", job.in_process},
          {"is_full", job.is_full},
          {"n", job.n},
          {"in_flight", job.in_flight},
          {"keys", job.keys},
          {"stored_operations", job.stored_operations},
          {"surroundings", job.surroundings},
          {"moves_log", job.moves_log},
          {"folder", job.folder},
          {"sync_extra_us", job.sync_extra_us}};
}

Job job_from(const nlohmann::json& json) {
  return {json.at("work"),
          json.at("contestant"),
          json.at("in_process"),
          json.at("is_full"),
          json.at("n"),
          json.at("in_flight"),
          json.at("keys"),
          json.at("stored_operations"),
          json.at("surroundings"),
          json.at("moves_log"),
          json.at("folder"),
          json.at("sync_extra_us")};
}

std::string raw_file(const Job& job) { return job.folder + "/raw.db"; }

std::string bare_file(const Job& job) { return job.folder + "/bare.db"; }

Figures do_job(const Job& job) {
  CountingVfs vfs({job.is_full, job.sync_extra_us});
  for (const Doers& each : kDoers) {
    if (each.work != job.work) continue;
    const Do does = job.contestant == Contestant::engine ? each.by_engine : each.by_reference;
    if (does != nullptr) return does(job, vfs);
  }
  throw std::runtime_error(std::string{to_string(job.contestant)} + " does no such work");
}

}  // namespace landfall::bench
