#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "ui_imgui/identity.hpp"

// What the host interface says of sessions, locks and routes, as the window shows it. A field that
// is missing leaves its view as a new one is.
namespace landfall::ui {

// Of a whole profile.
[[nodiscard]] AppView app_of(const nlohmann::json& profile);

// Of the event session.status and of its requests.
[[nodiscard]] SessionView session_of(const nlohmann::json& status);

// Of unlock.*; a wait is counted from `now_ms`.
[[nodiscard]] LockView lock_of(const nlohmann::json& status, std::int64_t now_ms);

// Of routing.*.
[[nodiscard]] RouteView route_of(const nlohmann::json& routing);

// Of update.changed.
[[nodiscard]] UpdateView update_of(const nlohmann::json& update);

// Of an error reply to `request`.
[[nodiscard]] RefusalView refusal_of(const std::string& request, const nlohmann::json& error);

}  // namespace landfall::ui
