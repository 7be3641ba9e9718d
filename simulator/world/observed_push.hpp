#pragma once

#include <string_view>
#include <vector>

#include "engine/http/message.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::world {

// The operations of a push as they leave; empty for every other request.
[[nodiscard]] std::vector<SentOperation> operations_of_push(const http::Request& request,
                                                            std::string_view push_path);

}  // namespace landfall::world
