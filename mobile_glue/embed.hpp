#pragma once

#include "actors/environment.hpp"
#include "actors/stepped.hpp"
#include "mobile_glue/c/landfall.h"

namespace landfall::glue {

// Private to the house: the engine of landfall_open over a given environment. The handle is used
// with the functions of landfall.h.

// As landfall_open. What the environment points to outlives the handle's close. With stepped
// scheduling every call and every step is on one thread, and landfall_poll never waits.
[[nodiscard]] landfall_engine* open_embedded(const char* config_json,
                                             actors::Environment environment, char** error_json);

// The clockwork behind a handle that was opened with stepped scheduling; valid until it is closed
// or abandoned. Null for any other handle.
[[nodiscard]] actors::SteppedRuntime* stepped_of(landfall_engine* engine);

// The process dies: nothing is closed in order, no promise is kept, the handle is gone. Requires a
// stepped engine.
void abandon(landfall_engine* engine);

}  // namespace landfall::glue
