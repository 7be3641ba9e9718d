#pragma once

#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "simulator/scenario/match.hpp"
#include "simulator/scenario/recorder.hpp"
#include "simulator/scenario/stage.hpp"

namespace landfall::scenario {

// The calls that left since the mark, held against `expected`, by endpoint: an object is the last
// one, a list is all of them in order. Of each its method, its path, a part of its headers, and the
// whole of its body (`body`) or a part of it (`body_has`). "*" stands for any text that is not
// empty and "Bearer *" for one that begins so; null for a header or field that is not there.
[[nodiscard]] std::optional<Mismatch> compare_sent(const Stage& stage, const PhoneRecord& record,
                                                   const nlohmann::json& expected);

// These headers stand in every call that left since the mark, of which there is one at least.
[[nodiscard]] std::optional<Mismatch> compare_every(const PhoneRecord& record,
                                                    const nlohmann::json& headers);

}  // namespace landfall::scenario
