#include "simulator/demo/script.hpp"

#include <cstddef>

namespace landfall::demo {
namespace {

using faults::Fault;

constexpr std::size_t kClassesOnTop = 4;

}  // namespace

std::vector<Fault> promised_faults() {
  return {Fault::refused,       Fault::lost_answer,       Fault::server_error,
          Fault::retry_after,   Fault::unauthorized,      Fault::cut_body,
          Fault::offline_spell, Fault::duplicate_request, Fault::edited_by_other};
}

std::vector<faults::ScriptedFault> scripted_faults(const std::string& push_path,
                                                   const std::string& pull_path) {
  return {{Fault::server_error, push_path, 0, 1, 503},
          {Fault::unauthorized, push_path},
          {Fault::lost_answer, push_path},
          {Fault::duplicate_request, push_path},
          {Fault::cut_body, pull_path},
          {Fault::retry_after, pull_path, 0, 1, 503, Duration{5'000}},
          {Fault::lost_answer, pull_path}};
}

faults::FaultPlan draw_plan(Random& random) {
  std::vector<Fault> classes{Fault::slow,        Fault::server_error, Fault::late_error,
                             Fault::retry_after, Fault::lost_answer,  Fault::lost_request,
                             Fault::cut_body,    Fault::garbage_body, Fault::duplicate_request};
  faults::FaultPlan plan;
  while (plan.per_call.size() < kClassesOnTop) {
    const auto at = static_cast<std::ptrdiff_t>(random.below(classes.size()));
    plan.per_call[classes[static_cast<std::size_t>(at)]] = 0.05 + 0.10 * random.unit();
    classes.erase(classes.begin() + at);
  }
  return plan;
}

}  // namespace landfall::demo
