#include "ui_imgui/model/phone_screen.hpp"

#include <algorithm>

namespace landfall::ui {
namespace {

// One of those that are theirs now: roles change.
bool has_entered(const IdentityView& identity) {
  const auto& dashboards = identity.route->dashboards;
  return std::any_of(dashboards.begin(), dashboards.end(), [&](const auto& dashboard) {
    return dashboard.role == identity.entered_role;
  });
}

PhoneScreen login_form(const IdentityView& identity) {
  return identity.is_registering && identity.app.can_register ? PhoneScreen::registration
                                                              : PhoneScreen::login;
}

PhoneScreen locked_screen(const IdentityView& identity) {
  if (!identity.app.has_pin || identity.wants_login) return login_form(identity);
  return PhoneScreen::lock;
}

// While something is looked at, the screen stays that it was asked on.
PhoneScreen loading_screen(const IdentityView& identity) {
  if (identity.session.busy == "login") return login_form(identity);
  if (identity.session.busy == "biometric") return locked_screen(identity);
  return PhoneScreen::starting;
}

PhoneScreen screen_behind_login(const IdentityView& identity) {
  if (!identity.route) return PhoneScreen::work;
  const RouteView& route = *identity.route;
  if (route.why == "first_sync") return PhoneScreen::first_sync;
  if (route.why == "no_roles" || route.why == "no_dashboard") return PhoneScreen::login;
  if (route.why == "many_dashboards" && !has_entered(identity)) return PhoneScreen::role_selection;
  return PhoneScreen::work;
}

}  // namespace

PhoneScreen screen_of(const IdentityView& identity, bool is_running,
                      std::string_view engine_state) {
  if (!is_running) return PhoneScreen::off;
  if (identity.update.kind == "force") return PhoneScreen::update;
  if (engine_state == "opening") return PhoneScreen::starting;
  if (identity.route && identity.route->why == "onboarding") return PhoneScreen::onboarding;
  const std::string& status = identity.session.status;
  if (status == "unauthenticated") return login_form(identity);
  if (status == "twoFactor") return PhoneScreen::second_factor;
  if (status == "organizationSelect") return PhoneScreen::organisation;
  if (status == "locked" || status == "biometricPrompt") return locked_screen(identity);
  if (status == "loading") return loading_screen(identity);
  if (status == "reauthRequired" && identity.wants_login) return PhoneScreen::login;
  if (status == "authenticated" || status == "reauthRequired") return screen_behind_login(identity);
  return PhoneScreen::starting;
}

bool may_leave_dashboard(const IdentityView& identity) {
  return identity.screen == PhoneScreen::work && identity.route &&
         identity.route->why == "many_dashboards" && has_entered(identity);
}

bool supports_biometric(const IdentityView& identity) {
  return identity.app.has_biometric && identity.finger != "unavailable";
}

bool may_offer_biometric(const IdentityView& identity) {
  return identity.offers_biometric && identity.session.status == "authenticated" &&
         supports_biometric(identity) && identity.lock.biometric &&
         !identity.lock.biometric->is_enrolled;
}

}  // namespace landfall::ui
