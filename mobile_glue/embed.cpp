#include "mobile_glue/embed.hpp"

#include <exception>
#include <utility>

#include "engine/base/assert.hpp"
#include "mobile_glue/engine_handle.hpp"
#include "mobile_glue/open.hpp"

namespace landfall::glue {

landfall_engine* open_embedded(const char* config_json, actors::Environment environment,
                               char** error_json) {
  return open_handle(config_json, error_json, [&](const host::Config&) {
    return Edges{nullptr, std::move(environment)};
  });
}

actors::SteppedRuntime* stepped_of(landfall_engine* engine) {
  const auto handle = HandleTable::instance().find(engine);
  return handle ? handle->stepped() : nullptr;
}

void abandon(landfall_engine* engine) {
  const auto handle = HandleTable::instance().find(engine);
  LANDFALL_ASSERT(handle != nullptr);
  handle->abandon();
  HandleTable::instance().remove(engine);
}

}  // namespace landfall::glue
