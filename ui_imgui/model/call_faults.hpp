#pragma once

#include <array>

#include "simulator/faults/fault_plan.hpp"

namespace landfall::ui {

// The faults of a call that have a slider, in the order in which they strike it.
inline constexpr std::array<faults::Fault, 11> kCallFaults{
    faults::Fault::refused,           faults::Fault::lost_request, faults::Fault::slow,
    faults::Fault::duplicate_request, faults::Fault::server_error, faults::Fault::retry_after,
    faults::Fault::unauthorized,      faults::Fault::late_error,   faults::Fault::lost_answer,
    faults::Fault::cut_body,          faults::Fault::garbage_body};

}  // namespace landfall::ui
