#pragma once

#include "engine/base/result.hpp"

namespace landfall::sync {

class QueueStep;

// Operations that an older version of the app accepted and that never left: their payloads get the
// form that the profile's actions have now (`upcasts`), so that the server hears one language. What
// was sent keeps its bytes, and so does what the profile cannot raise: it goes under the number of
// its own schema, and the server decides (wire.md, "Push").
[[nodiscard]] Status upcast_unsent(QueueStep& step);

}  // namespace landfall::sync
