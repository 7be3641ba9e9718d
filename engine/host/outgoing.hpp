#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

namespace landfall::host {

// The texts that the host polls. Replies carry the request's id; a ticket is the id of a
// landfall_enqueue.
[[nodiscard]] std::string reply_text(std::int64_t id, const Json& result);
[[nodiscard]] std::string reply_error_text(std::optional<std::int64_t> id, const Error& error);
[[nodiscard]] std::string ticket_text(std::int64_t ticket, const Result<Json>& result);
// The same around a result that is compact JSON already.
[[nodiscard]] std::string reply_around(std::int64_t id, std::string_view result_json);
[[nodiscard]] std::string ticket_around(std::int64_t ticket, std::string_view result_json);
[[nodiscard]] std::string event_text(std::string_view event, const Json& data);
[[nodiscard]] std::string event_around(std::string_view event, std::string_view data_json);
[[nodiscard]] std::string question_text(std::int64_t question, std::string_view port,
                                        const Json& data);
[[nodiscard]] std::string cancel_text(std::int64_t question);

[[nodiscard]] Json room_json(const Room& room);
[[nodiscard]] Json error_json(const Error& error);

}  // namespace landfall::host
