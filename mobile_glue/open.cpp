#include "mobile_glue/open.hpp"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "actors/runtime.hpp"
#include "actors/stepped.hpp"
#include "engine/base/json.hpp"
#include "engine/host/outgoing.hpp"
#include "mobile_glue/engine_handle.hpp"
#include "schema/limits.hpp"

namespace landfall::glue {
namespace {

using MakeEdges = std::function<Edges(const host::Config&)>;

Result<RunningEngine> open_running(const char* config_json, const MakeEdges& make_edges) {
  if (config_json == nullptr) {
    return failure(ErrorClass::invalid, "config.missing", "there is no config");
  }
  // Reads no further than one byte beyond what a config may have.
  const std::string_view text{config_json,
                              ::strnlen(config_json, limits::kRequestJsonBytesMax + 1)};
  LANDFALL_TRY_ASSIGN(host::Config config, host::parse_config(text));
  Edges edges = make_edges(config);
  RunningEngine running;
  running.edges = std::move(edges.owner);
  if (edges.environment.scheduling == actors::Scheduling::stepped) {
    LANDFALL_TRY_ASSIGN(auto stepped,
                        actors::open_stepped(std::move(config), std::move(edges.environment)));
    running.stepped = stepped.get();
    running.runtime = std::move(stepped);
  } else {
    LANDFALL_TRY_ASSIGN(running.runtime,
                        actors::Runtime::open(std::move(config), std::move(edges.environment)));
  }
  return running;
}

// The host frees it with landfall_free_text, whatever its own allocator is.
char* copy_text(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

void tell(char** error_json, const Error& error) {
  if (error_json != nullptr) *error_json = copy_text(dump_json(host::error_json(error)));
}

landfall_engine* try_open(const char* config_json, char** error_json, const MakeEdges& make_edges) {
  auto running = open_running(config_json, make_edges);
  if (!running) {
    tell(error_json, running.error());
    return nullptr;
  }
  return HandleTable::instance().add(std::make_shared<EngineHandle>(std::move(*running)));
}

}  // namespace

landfall_engine* open_handle(const char* config_json, char** error_json,
                             const MakeEdges& make_edges) noexcept {
  if (error_json != nullptr) *error_json = nullptr;
  try {
    try {
      return try_open(config_json, error_json, make_edges);
    } catch (const std::exception& caught) {
      tell(error_json, Error{ErrorClass::internal, "engine.failed", quote_input(caught.what())});
    }
  } catch (...) {
    // No memory is left even for the message.
  }
  return nullptr;
}

}  // namespace landfall::glue
