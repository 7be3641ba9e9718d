#pragma once

#include <string_view>

#include "ui_imgui/identity.hpp"

namespace landfall::ui {

// Which screen an app shows for what its engine said. Pure.
//
// A version that is served no more leaves nothing else (P-101). Then comes what the app leads to at
// its start: onboarding, the session and what a login still waits for, the lock, the first
// sync, the choice of a dashboard. Who has no place here is led to the login with their
// session kept. A lock that knows no PIN is the login form with a button for the
// finger, so that nobody is ever barred from their password (I-19, I-20).
[[nodiscard]] PhoneScreen screen_of(const IdentityView& identity, bool is_running,
                                    std::string_view engine_state);

// Whether the app asks its user for their finger: once they are in by a password, where the app and
// the phone have such a thing (I-17, I-22).
[[nodiscard]] bool may_offer_biometric(const IdentityView& identity);

// Whether the user works in one of several dashboards, and may choose another.
[[nodiscard]] bool may_leave_dashboard(const IdentityView& identity);

// Whether this phone can look at fingers at all (I-22).
[[nodiscard]] bool supports_biometric(const IdentityView& identity);

}  // namespace landfall::ui
