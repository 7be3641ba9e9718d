#pragma once

#include <optional>

#include "engine/http/message.hpp"
#include "mobile_glue/device_clock.hpp"
#include "simulator/backend/backend.hpp"

namespace landfall::net {

// What a running reference backend tells a phone's clock and a test, beside the routes that apps
// use. They need no token and can only be read; no real server has them.
//
//   GET /_sim/clock    {"epoch","speed","now"}: the pace, so that a phone can run at the same one
//   GET /_sim/ledger   {"operations":{"<id>":{"effects":1,"server_seq","device_id","entity_type",
//                      "entity_id","action"}},"violations":[{"kind","operation_id","detail"}],
//                      "dropped":0}: how often each operation id changed a document since this
//                      process began (INV-Q2), and the place of its last effect in the order of all
//                      changes. With a positive `dropped` the ledger was full and proves nothing.
//
// Nothing when the request is for none of them.
[[nodiscard]] std::optional<http::Response> answer_inspection(const http::Request& request,
                                                              const backend::Backend& backend,
                                                              const glue::DeviceClock& clock);

}  // namespace landfall::net
