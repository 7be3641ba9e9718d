#pragma once

#include <variant>

#include "engine/base/json.hpp"
#include "engine/realtime/data_changed.hpp"
#include "engine/realtime/realtime_link.hpp"

namespace landfall::realtime {

// The rights of the user changed. What the arguments say of them is read by Revocation.
struct ChangedRights {
  Json arguments;
};

// Nothing: a call that this engine does not know or understand, which is ignored. The next pull
// finds what it was about.
using HubNews = std::variant<std::monostate, ChangedRights, ChangedDocument>;

// What a call of the hub is about (A-40, wire.md "Realtime").
[[nodiscard]] HubNews news_in(HubCall call);

}  // namespace landfall::realtime
