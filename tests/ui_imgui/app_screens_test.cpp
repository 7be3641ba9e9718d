#include <catch2/catch.hpp>

#include <map>
#include <string>

#include "tests/ui_imgui/screen.hpp"
#include "ui_imgui/draw/theme.hpp"

using namespace landfall::ui;

// The app's screens on the window, from views that a test wrote.
namespace {

constexpr std::int64_t kNow = 1'767'583'800'000;  // 2026-01-05T03:30:00Z

Snapshot on_screen(PhoneScreen screen) {
  Snapshot snapshot;
  snapshot.clock = {kNow, kNow - 60'000, true, 10};
  snapshot.phone.name = "phone";
  snapshot.phone.is_running = true;
  snapshot.phones = {"phone"};
  snapshot.identity.screen = screen;
  snapshot.identity.app.name = "IMS";
  snapshot.identity.app.takes_emails = true;
  snapshot.identity.app.remembers_email = true;
  return snapshot;
}

void look(Screen& screen) {
  screen.frame();
  screen.frame();
}

PinView pin_of_six() {
  PinView pin;
  pin.is_configured = true;
  pin.digits_min = pin.digits_max = 6;
  pin.failures_left = 10;
  return pin;
}

ConflictView note_conflict() {
  ConflictView conflict;
  conflict.id = "op-1";
  conflict.title = "Gravel";
  conflict.state = "open";
  conflict.reason = "field";
  conflict.is_open = true;
  conflict.fields = {
      {"title", "Gravel", "Gravel and sand", "Gravel", "Gravel and sand", "mine"},
      {"note", "", "two trucks", "after the audit", "after the audit", "open", true}};
  return conflict;
}

}  // namespace

TEST_CASE("I-35: while a login is under way nothing on its screen can be pressed") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::login);
  screen.snapshot.identity.session.busy = "login";
  screen.click("Login");
  CHECK(screen.shows("One moment"));
  CHECK(screen.take_commands().empty());
  screen.snapshot.identity.session.busy.clear();
  screen.click("Login");
  CHECK(only<SubmitLogin>(screen.take_commands()));
  CHECK_FALSE(screen.shows("One moment"));
}

TEST_CASE(
    "I-24: hands are on the phone's screen while they move over it or type, and not beside it") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::login);
  look(screen);
  screen.click("Email");
  CHECK(screen.take_uses() > 0);
  look(screen);
  CHECK(screen.take_uses() == 0);
  screen.type("lina");
  CHECK(screen.take_uses() > 0);
  screen.click("+1 min");
  CHECK(screen.take_uses() == 0);
}

TEST_CASE("I-4 I-5: the engine's word about a field stands at it, any other above the form") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::login);
  auto& identity = screen.snapshot.identity;
  identity.session.message = "You have been logged out due to inactivity.";
  look(screen);
  CHECK(screen.find("due to inactivity").color == palette().bad);
  identity.refusal = RefusalView{"session.login", "password", "", "Password is required"};
  look(screen);
  CHECK_FALSE(screen.shows("due to inactivity"));
  CHECK(screen.find("Password is required").begin.y < screen.find("Remember me").begin.y);
  CHECK(screen.find("Password is required").begin.y > screen.find("Email").begin.y);
}

TEST_CASE("I-2: the link to a new account stands where the app has such a form") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::login);
  look(screen);
  CHECK_FALSE(screen.shows("Register"));
  screen.snapshot.identity.app.can_register = true;
  screen.click("Don't have an account? Register");
  const auto open = only<OpenRegistration>(screen.take_commands());
  REQUIRE(open);
  CHECK(open->is_open);
  screen.snapshot.identity.screen = PhoneScreen::registration;
  screen.click("Name");
  screen.type("Nour");
  screen.click("Email");
  screen.type("new@ims.example");
  screen.click("Password");
  screen.type("long-enough");
  screen.click("Register");
  const auto made = only<SubmitRegistration>(screen.take_commands());
  REQUIRE(made);
  CHECK(made->name == "Nour");
  CHECK(made->email == "new@ims.example");
  CHECK(made->password == "long-enough");
}

TEST_CASE("I-7: the remembered address stands in the form, and the tick with it") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::login);
  screen.snapshot.identity.session.remembered_email = "lina@ims.example";
  screen.click("Login");
  const auto login = only<SubmitLogin>(screen.take_commands());
  REQUIRE(login);
  CHECK(login->email == "lina@ims.example");
  CHECK(login->remember);
}

TEST_CASE("what was typed as a password is gone when another screen was shown") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::login);
  screen.click("Password");
  screen.type("lina-pass-1");
  screen.snapshot.identity.screen = PhoneScreen::work;
  look(screen);
  screen.snapshot.identity.screen = PhoneScreen::login;
  screen.click("Login");
  const auto login = only<SubmitLogin>(screen.take_commands());
  REQUIRE(login);
  CHECK(login->password.empty());
}

TEST_CASE("I-19 I-22 I-36: a finger has its button where the phone can look at one") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::login);
  auto& identity = screen.snapshot.identity;
  identity.session.status = "biometricPrompt";
  look(screen);
  CHECK_FALSE(screen.shows("Use your finger or face"));
  identity.supports_biometric = true;
  screen.click("Use your finger or face");
  CHECK(only<UnlockByBiometric>(screen.take_commands()));
  identity.session.busy = "biometric";
  identity.app.texts["busy.biometric"] = "Authenticating...";
  look(screen);
  CHECK(screen.shows("Authenticating..."));
}

TEST_CASE("A-51 A-54: the lock takes a PIN, says how many tries are left and until when it waits") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::lock);
  auto& identity = screen.snapshot.identity;
  identity.lock.pin = pin_of_six();
  screen.click("PIN, 6 digits");
  screen.type("481629");
  look(screen);
  CHECK(screen.shows("******"));
  CHECK_FALSE(screen.shows("481629"));
  CHECK_FALSE(screen.shows("attempts left"));
  screen.click("Unlock");
  const auto unlock = only<UnlockByPin>(screen.take_commands());
  REQUIRE(unlock);
  CHECK(unlock->pin == "481629");

  identity.lock.pin->failures = 5;
  identity.lock.pin->failures_left = 5;
  identity.lock.pin->wait_until_ms = kNow + 30'000;
  look(screen);
  CHECK(screen.shows("5 attempts left"));
  CHECK(screen.shows("Locked until 03:30:30, in 30 s"));
  screen.click("Unlock");
  CHECK(screen.take_commands().empty());
  screen.click("Use your password");
  CHECK(only<UsePassword>(screen.take_commands()));

  identity.lock.pin->is_hard_locked = true;
  identity.app.texts["pin.hard_locked"] = "Too many wrong PINs. Please log in.";
  look(screen);
  CHECK(screen.shows("Too many wrong PINs"));
  CHECK_FALSE(screen.shows("Unlock"));
}

TEST_CASE("A-32: a login's code is handed in by the way that its user chooses") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::second_factor);
  auto& session = screen.snapshot.identity.session;
  session.message = "Enter the code of your authenticator.";
  session.challenge =
      ChallengeView{{"totp", "sms", "backup_code"}, kNow + 300'000, "+233 *** 01", 4};
  screen.snapshot.identity.authenticator_code = "123456";
  look(screen);
  CHECK(screen.shows("Enter the code of your authenticator."));
  CHECK(screen.shows("4 attempts left"));
  CHECK(screen.shows("This login ends in 5:00 min"));
  screen.click("Fill in");
  screen.click("Verify");
  auto code = only<SubmitCode>(screen.take_commands());
  REQUIRE(code);
  CHECK(code->code == "123456");
  CHECK(code->method == "totp");
  screen.click("Text message");
  look(screen);
  CHECK(screen.shows("Sent to +233 *** 01"));
  screen.click("Send a text message");
  CHECK(only<SendCode>(screen.take_commands()));
  screen.click("Backup code");
  screen.click("Verify");
  code = only<SubmitCode>(screen.take_commands());
  REQUIRE(code);
  CHECK(code->method == "backup_code");
}

TEST_CASE("I-29: organisations are listed by name and industry, and one is chosen") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::organisation);
  screen.snapshot.identity.session.organisations = {{"o-1", "North Hardware", "Retail"},
                                                    {"o-2", "South Pharmacy", "Health"}};
  look(screen);
  CHECK(screen.shows("North Hardware"));
  CHECK(screen.shows("Health"));
  screen.click("Choose", 2);  // the head says it first
  const auto chosen = only<ChooseOrganisation>(screen.take_commands());
  REQUIRE(chosen);
  CHECK(chosen->id == "o-2");
}

TEST_CASE("I-21 I-30: the account switches the organisation and the finger") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::work);
  auto& identity = screen.snapshot.identity;
  identity.session.organisation = {"o-1", "North Hardware", "Retail"};
  identity.session.organisations = {{"o-1", "North Hardware", "Retail"},
                                    {"o-2", "South Pharmacy", "Health"}};
  identity.app.has_biometric = identity.supports_biometric = true;
  identity.lock.biometric.emplace();
  screen.click("Account");
  screen.click("Switch");
  const auto chosen = only<SwitchOrganisation>(screen.take_commands());
  REQUIRE(chosen);
  CHECK(chosen->id == "o-2");
  screen.click("Biometric Login");
  CHECK(only<EnrolBiometric>(screen.take_commands()));
  identity.lock.biometric->is_enrolled = true;
  screen.click("Biometric Login");
  const auto off = only<RemoveProof>(screen.take_commands());
  REQUIRE(off);
  CHECK(off->what == "biometric");
  identity.supports_biometric = false;
  look(screen);
  CHECK_FALSE(screen.shows("Biometric Login"));  // I-22
}

TEST_CASE("A-55: the account takes the PIN that is set and the one in its place") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::work);
  screen.snapshot.identity.lock.pin = pin_of_six();
  screen.click("Account");
  screen.click("The PIN now");
  screen.type("481629");
  screen.click("New PIN, 6 digits");
  screen.type("591730");
  look(screen);
  CHECK_FALSE(screen.shows("481629"));
  CHECK_FALSE(screen.shows("591730"));
  screen.click("Change the PIN");
  const auto change = only<ChangePin>(screen.take_commands());
  REQUIRE(change);
  CHECK(change->pin == "481629");
  CHECK(change->new_pin == "591730");
  screen.click("Change the PIN");
  const auto again = only<ChangePin>(screen.take_commands());
  REQUIRE(again);
  CHECK(again->pin.empty());
}

TEST_CASE("A-27: a code of the authenticator gets new backup codes, or turns the factor off") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::work);
  screen.snapshot.identity.app.has_second_factor = true;
  screen.click("Account");
  screen.click("Code of the authenticator");
  screen.type("123456");
  screen.click("New backup codes");
  const auto renewed = only<NewBackupCodes>(screen.take_commands());
  REQUIRE(renewed);
  CHECK(renewed->code == "123456");
  screen.click("Code of the authenticator");
  screen.type("654321");
  screen.click("Turn it off");
  const auto off = only<DisableSecondFactor>(screen.take_commands());
  REQUIRE(off);
  CHECK(off->code == "654321");
  screen.snapshot.identity.set_up.manual_key = "KEY";
  look(screen);
  CHECK_FALSE(screen.shows("New backup codes"));
  screen.click("Turn it on");
  CHECK(only<VerifySecondFactor>(screen.take_commands()));
}

TEST_CASE("A-13 C-14: a password is kept by explicit word, in an app that keeps any") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::login);
  auto& identity = screen.snapshot.identity;
  identity.session.remembered_email = "lina@ims.example";
  look(screen);
  CHECK_FALSE(screen.shows("Keep my password"));
  CHECK_FALSE(screen.shows("Use the kept password"));
  identity.app.remembers_password = true;
  screen.click("Login");
  auto login = only<SubmitLogin>(screen.take_commands());
  REQUIRE(login);
  CHECK_FALSE(login->remember_password);
  screen.click("Keep my password on this phone");
  screen.click("Login");
  login = only<SubmitLogin>(screen.take_commands());
  REQUIRE(login);
  CHECK(login->remember_password);
  screen.click("Use the kept password");
  CHECK(only<LoginRemembered>(screen.take_commands()));
  identity.session.remembered_email.clear();
  look(screen);
  CHECK_FALSE(screen.shows("Use the kept password"));
}

TEST_CASE("I-17: behind a login the app asks for a finger in its own words") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::work);
  auto& identity = screen.snapshot.identity;
  identity.app.texts["unlock.biometric_enrol"] = "Enable biometric login for faster access?";
  look(screen);
  CHECK_FALSE(screen.shows("Enable biometric login"));
  identity.asks_for_biometric = true;
  screen.click("Not now");
  CHECK(only<DeclineBiometric>(screen.take_commands()));
  CHECK(screen.shows("Enable biometric login for faster access?"));
}

TEST_CASE("A-33: a start leads through onboarding and the first sync") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::onboarding);
  screen.click("Get started");
  CHECK(only<FinishOnboarding>(screen.take_commands()));
  screen.snapshot.identity.screen = PhoneScreen::first_sync;
  look(screen);
  CHECK(screen.shows("Getting your data for the first time"));
}

TEST_CASE("A-35 A-38: each dashboard has a card with its name, picture and description") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::role_selection);
  RouteView& route = screen.snapshot.identity.route.emplace();
  route.why = "many_dashboards";
  route.dashboards = {
      {"fsa", "/fsa-home", "Field Support", "Register farmers", "farmers"},
      {"csa", "/csa-home", "Collection Support", "Weigh what they bring", "collections"}};
  look(screen);
  CHECK(screen.shows("Field Support"));
  CHECK(screen.shows("farmers"));
  CHECK(screen.shows("Weigh what they bring"));
  screen.click("Open", 1);
  const auto role = only<ChooseRole>(screen.take_commands());
  REQUIRE(role);
  CHECK(role->role == "csa");

  screen.snapshot.identity.entering_role = "csa";
  look(screen);
  CHECK(screen.find("Opening").begin.y > screen.find("Field Support").begin.y);
  screen.click("Open", 0);
  CHECK(screen.take_commands().empty());
}

TEST_CASE("A-35: from one of several dashboards a way leads back to the choice") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::work);
  screen.click("Account");
  look(screen);
  CHECK_FALSE(screen.shows("Work somewhere else"));
  screen.snapshot.identity.may_leave_dashboard = true;
  screen.click("Work somewhere else");
  CHECK(only<LeaveDashboard>(screen.take_commands()));
}

TEST_CASE("P-101: a recommended update is a banner over the work, a forced one is all there is") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::work);
  auto& update = screen.snapshot.identity.update;
  update = {"soft", "A newer version of the app is available.", "", "1.4.0"};
  look(screen);
  CHECK(screen.shows("A newer version of the app"));
  CHECK(screen.shows("1.4.0"));
  CHECK(screen.shows("Documents"));
  update = {"force", "Please update the app to continue.", "2.0.0", ""};
  screen.snapshot.identity.screen = PhoneScreen::update;
  look(screen);
  CHECK(screen.shows("Please update the app to continue."));
  CHECK(screen.shows("The server takes version 2.0.0 and later."));
  CHECK_FALSE(screen.shows("Documents"));
}

TEST_CASE("I-31 A-45: what the engine has to say lies above the work") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::work);
  screen.snapshot.identity.banner = BannerView{"You are offline. Some features may be", "#faad14"};
  screen.snapshot.identity.said = "Your permissions have been updated.";
  look(screen);
  CHECK(screen.shows("You are offline."));
  CHECK(screen.shows("Your permissions have been updated."));
  CHECK(color_of("#faad14", 0) == IM_COL32(0xfa, 0xad, 0x14, 0xff));
  CHECK(color_of("orange", 7) == 7);
  CHECK(color_of("#faad1x", 7) == 7);
}

TEST_CASE(
    "P-29: a conflict shows what was seen, mine and theirs, and is decided by field or word") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::work);
  screen.snapshot.conflicts = {note_conflict()};
  screen.click("Conflicts 1");
  look(screen);
  for (const char* words : {"Gravel and sand", "two trucks", "after the audit", "theirs"}) {
    INFO(words);
    CHECK(screen.shows(words));
  }
  screen.click("Keep merged");
  auto word = only<ResolveConflict>(screen.take_commands());
  REQUIRE(word);
  CHECK(word->choice.empty());
  CHECK(word->choices == std::map<std::string, std::string>{{"note", "theirs"}});
  screen.click("take mine");
  screen.click("Keep merged");
  word = only<ResolveConflict>(screen.take_commands());
  REQUIRE(word);
  CHECK(word->id == "op-1");
  CHECK(word->choices == std::map<std::string, std::string>{{"note", "mine"}});
  screen.click("Keep mine");
  word = only<ResolveConflict>(screen.take_commands());
  REQUIRE(word);
  CHECK(word->choice == "mine");
  screen.click("Keep theirs");
  word = only<ResolveConflict>(screen.take_commands());
  REQUIRE(word);
  CHECK(word->choice == "theirs");
}

TEST_CASE("P-29: a decision is taken back from the inbox") {
  Screen screen;
  screen.snapshot = on_screen(PhoneScreen::work);
  ConflictView conflict = note_conflict();
  conflict.state = "chosen";
  conflict.is_open = false;
  conflict.can_reopen = true;
  screen.snapshot.conflicts = {conflict};
  screen.click("Conflicts");
  CHECK_FALSE(screen.shows("Keep mine"));
  screen.click("Take the decision back");
  const auto again = only<ReopenConflict>(screen.take_commands());
  REQUIRE(again);
  CHECK(again->id == "op-1");
}
