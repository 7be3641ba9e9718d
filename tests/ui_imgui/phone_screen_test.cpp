#include "ui_imgui/model/phone_screen.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace landfall::ui;

namespace {

IdentityView with_status(const std::string& status) {
  IdentityView identity;
  identity.session.status = status;
  return identity;
}

IdentityView with_route(const std::string& why) {
  IdentityView identity = with_status("authenticated");
  identity.route.emplace();
  identity.route->why = why;
  identity.route->dashboards = {{"fsa", "/fsa-home", "Field Support", "", ""},
                                {"csa", "/csa-home", "Collection Support", "", ""}};
  return identity;
}

PhoneScreen shown(const IdentityView& identity) { return screen_of(identity, true, "ready"); }

}  // namespace

TEST_CASE("I-39: each status of a session has its screen") {
  CHECK(shown(with_status("initial")) == PhoneScreen::starting);
  CHECK(shown(with_status("unauthenticated")) == PhoneScreen::login);
  CHECK(shown(with_status("twoFactor")) == PhoneScreen::second_factor);
  CHECK(shown(with_status("organizationSelect")) == PhoneScreen::organisation);
  CHECK(shown(with_status("authenticated")) == PhoneScreen::work);
  CHECK(shown(with_status("reauthRequired")) == PhoneScreen::work);
  CHECK(screen_of(with_status("authenticated"), false, "ready") == PhoneScreen::off);
  CHECK(screen_of(with_status("unauthenticated"), true, "opening") == PhoneScreen::starting);
}

TEST_CASE("I-35 I-36: while something is under way its screen stays") {
  IdentityView identity = with_status("loading");
  CHECK(shown(identity) == PhoneScreen::starting);
  identity.session.busy = "login";
  CHECK(shown(identity) == PhoneScreen::login);
  identity.session.busy = "biometric";
  CHECK(shown(identity) == PhoneScreen::login);
  identity.app.has_pin = true;
  CHECK(shown(identity) == PhoneScreen::lock);
}

TEST_CASE("I-2: the form for an account is shown where it is wanted and the app has one") {
  IdentityView identity = with_status("unauthenticated");
  identity.is_registering = true;
  CHECK(shown(identity) == PhoneScreen::login);
  identity.app.can_register = true;
  CHECK(shown(identity) == PhoneScreen::registration);
}

TEST_CASE("I-20 A-51: a lock without a PIN is the login form, and the password is never barred") {
  IdentityView identity = with_status("biometricPrompt");
  CHECK(shown(identity) == PhoneScreen::login);
  identity.app.has_pin = true;
  CHECK(shown(identity) == PhoneScreen::lock);
  identity.session.status = "locked";
  CHECK(shown(identity) == PhoneScreen::lock);
  identity.wants_login = true;
  CHECK(shown(identity) == PhoneScreen::login);
}

TEST_CASE("A-33 A-35 A-36 A-39: the route decides where somebody who is logged in is led") {
  CHECK(shown(with_route("onboarding")) == PhoneScreen::onboarding);
  CHECK(shown(with_route("first_sync")) == PhoneScreen::first_sync);
  CHECK(shown(with_route("one_dashboard")) == PhoneScreen::work);
  CHECK(shown(with_route("no_dashboard")) == PhoneScreen::login);
  CHECK(shown(with_route("no_roles")) == PhoneScreen::login);
  IdentityView identity = with_route("many_dashboards");
  CHECK(shown(identity) == PhoneScreen::role_selection);
  identity.entered_role = "csa";
  CHECK(shown(identity) == PhoneScreen::work);
  identity.entered_role = "dataAgent";  // a role that was taken away
  CHECK(shown(identity) == PhoneScreen::role_selection);
}

TEST_CASE("A-33: onboarding comes before the login") {
  IdentityView identity = with_route("onboarding");
  identity.session.status = "unauthenticated";
  CHECK(shown(identity) == PhoneScreen::onboarding);
}

TEST_CASE("P-101: a version that is served no more leaves no other screen") {
  for (const char* status : {"unauthenticated", "locked", "authenticated"}) {
    IdentityView identity = with_status(status);
    identity.update.kind = "soft";
    CHECK(shown(identity) != PhoneScreen::update);
    identity.update.kind = "force";
    CHECK(shown(identity) == PhoneScreen::update);
  }
}

TEST_CASE("I-17 I-22: a finger is asked for behind a password, where there is such a thing") {
  IdentityView identity = with_status("authenticated");
  identity.app.has_biometric = true;
  identity.lock.biometric.emplace();
  CHECK_FALSE(may_offer_biometric(identity));
  identity.offers_biometric = true;
  CHECK(may_offer_biometric(identity));
  identity.lock.biometric->is_enrolled = true;
  CHECK_FALSE(may_offer_biometric(identity));
  identity.lock.biometric->is_enrolled = false;
  identity.finger = "unavailable";
  CHECK_FALSE(may_offer_biometric(identity));
  CHECK_FALSE(supports_biometric(identity));
  identity.finger = "failed";
  CHECK(supports_biometric(identity));
  identity.app.has_biometric = false;
  CHECK_FALSE(supports_biometric(identity));
}

TEST_CASE("A-35: who works in one of several dashboards may leave it") {
  IdentityView identity = with_route("many_dashboards");
  identity.screen = shown(identity);
  CHECK_FALSE(may_leave_dashboard(identity));
  identity.entered_role = "csa";
  identity.screen = shown(identity);
  REQUIRE(identity.screen == PhoneScreen::work);
  CHECK(may_leave_dashboard(identity));
  identity.screen = PhoneScreen::lock;
  CHECK_FALSE(may_leave_dashboard(identity));
  IdentityView only = with_route("one_dashboard");
  only.entered_role = "csa";
  only.screen = shown(only);
  CHECK_FALSE(may_leave_dashboard(only));
}
