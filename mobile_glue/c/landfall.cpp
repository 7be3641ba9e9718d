#include "mobile_glue/c/landfall.h"

#include <cstdlib>
#include <cstring>
#include <string_view>

#include "mobile_glue/device_environment.hpp"
#include "mobile_glue/engine_handle.hpp"
#include "mobile_glue/open.hpp"
#include "schema/limits.hpp"

// Converts types and catches; what an engine does is decided below.

namespace {

using landfall::Duration;
using landfall::glue::HandleTable;

// A text is read to one byte beyond the largest that is taken, then refused for its size.
std::string_view text_of(const char* text) {
  return {text, ::strnlen(text, landfall::limits::kRequestJsonBytesMax + 1)};
}

// Why there is nothing behind a handle.
int refused(const landfall_engine* engine) {
  return HandleTable::instance().was_given(engine) ? LANDFALL_CLOSED : LANDFALL_BAD_ARGUMENT;
}

// Runs `call` on the engine of the handle.
template <class Code, class Call>
Code with_engine(landfall_engine* engine, Call call) noexcept {
  try {
    const auto handle = HandleTable::instance().find(engine);
    return handle ? call(*handle) : refused(engine);
  } catch (...) {
    return LANDFALL_FAILED;
  }
}

// The same, with the `text` that came with it.
template <class Code, class Call>
Code with_text(landfall_engine* engine, const char* text, Call call) noexcept {
  if (text == nullptr) return LANDFALL_BAD_ARGUMENT;
  return with_engine<Code>(engine, [&](auto& handle) { return call(handle, text_of(text)); });
}

}  // namespace

extern "C" {

landfall_engine* landfall_open(const char* config_json, char** error_json) {
  return landfall::glue::open_handle(
      config_json, error_json,
      [](const landfall::host::Config& config) { return landfall::glue::device_edges(config); });
}

int landfall_send(landfall_engine* engine, const char* request_json) {
  return with_text<int>(engine, request_json,
                        [](auto& handle, std::string_view text) { return handle.send(text); });
}

int64_t landfall_enqueue(landfall_engine* engine, const char* params_json) {
  return with_text<int64_t>(engine, params_json, [](auto& handle, std::string_view params) {
    return handle.enqueue(params);
  });
}

const char* landfall_poll(landfall_engine* engine, int timeout_ms) {
  try {
    auto& table = HandleTable::instance();
    const auto handle = table.find(engine);
    if (!handle) return nullptr;
    const char* text = handle->poll(Duration{timeout_ms});
    if (text == nullptr && handle->is_drained()) table.remove(engine);
    return text;
  } catch (...) {
    return nullptr;
  }
}

int landfall_suspend(landfall_engine* engine, int deadline_ms) {
  return with_engine<int>(engine,
                          [&](auto& handle) { return handle.suspend(Duration{deadline_ms}); });
}

int landfall_resume(landfall_engine* engine) {
  return with_engine<int>(engine, [](auto& handle) { return handle.resume(); });
}

int landfall_run_window(landfall_engine* engine, int budget_ms) {
  return with_engine<int>(engine,
                          [&](auto& handle) { return handle.run_window(Duration{budget_ms}); });
}

int64_t landfall_next_window(landfall_engine* engine) {
  return with_engine<int64_t>(engine, [](auto& handle) { return handle.next_window(); });
}

void landfall_close(landfall_engine* engine) {
  try {
    auto& table = HandleTable::instance();
    const auto handle = table.find(engine);
    if (handle && handle->close()) table.keep_closed(engine);
  } catch (...) {
    // Out of memory: the engine stays as it is, and the host may close it again.
  }
}

void landfall_free_text(char* text) { std::free(text); }

const char* landfall_version(void) { return LANDFALL_VERSION; }

}  // extern "C"
