#pragma once

#include <functional>
#include <memory>

#include "actors/environment.hpp"
#include "engine/host/config.hpp"
#include "mobile_glue/c/landfall.h"

namespace landfall::glue {

// The edges of one engine; `owner` keeps alive what the environment points to, and is null when
// somebody else does.
struct Edges {
  std::shared_ptr<void> owner;
  actors::Environment environment;
};

// landfall_open over the edges that `make_edges` returns, which is called once the config is known
// to be right. Nothing is thrown.
[[nodiscard]] landfall_engine* open_handle(
    const char* config_json, char** error_json,
    const std::function<Edges(const host::Config&)>& make_edges) noexcept;

}  // namespace landfall::glue
