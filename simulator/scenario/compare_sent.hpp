#pragma once

#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "simulator/scenario/match.hpp"
#include "simulator/scenario/recorder.hpp"
#include "simulator/scenario/stage.hpp"

namespace landfall::scenario {

// The last call of each endpoint that left since the mark, held against `expected`: its method, a
// part of its headers, and the whole of its body. "*" stands for any text, and null for a header
// that is not there.
[[nodiscard]] std::optional<Mismatch> compare_sent(const Stage& stage, const PhoneRecord& record,
                                                   const nlohmann::json& expected);

}  // namespace landfall::scenario
