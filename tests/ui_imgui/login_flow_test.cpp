#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "simulator/scenario/read_scenario.hpp"
#include "tests/ui_imgui/screen.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/model/simulation.hpp"

using namespace landfall::ui;

// The app's screens on the window before a real engine: what is typed and pressed goes to it, and
// what is shown is its answer.
namespace {

SimulationOptions app(const std::string& profile) {
  SimulationOptions options;
  options.profile = profile;
  return options;
}

// A simulation whose time moves only when a test lets it, and the window before it.
class Rig {
 public:
  explicit Rig(SimulationOptions options) : simulation(std::move(options)) {
    simulation.execute(SetPaused{true});
    simulation.tick(0);
  }

  void execute(const Command& command) {
    simulation.execute(command);
    simulation.tick(0);
  }
  void pass(int seconds) { execute(PassTime{seconds * 1'000}); }
  void play(int steps) {
    for (int i = 0; i < steps; ++i) execute(PlayStep{});
  }
  const IdentityView& now() { return simulation.snapshot().identity; }

  // Draws what the engine said, presses, and hands on what was asked for.
  void click(const std::string& words) {
    look();
    screen.click(words, nth_in_app(words));
    hand_on();
  }
  void type(const std::string& words) { screen.type(words); }
  void look() {
    screen.snapshot = simulation.snapshot();
    screen.frame();
    screen.frame();
  }

  // The app alone: the log may say the same.
  bool shows(const std::string& words) {
    const auto& lines = screen.lines();
    return std::any_of(lines.begin(), lines.end(), [&](const DrawnText& line) {
      return is_in_app(line) && line.text.find(words) != std::string::npos;
    });
  }

  Simulation simulation;
  Screen screen;

 private:
  static bool is_in_app(const DrawnText& line) {
    return line.begin.x > ImGui::GetIO().DisplaySize.x - em(24.7F);
  }
  // Of the lines with these words, the first that the app shows.
  std::size_t nth_in_app(const std::string& words) {
    std::size_t before = 0;
    for (const auto& line : screen.lines()) {
      if (line.text.find(words) == std::string::npos) continue;
      if (is_in_app(line)) break;
      ++before;
    }
    return before;
  }
  void hand_on() {
    for (const auto& command : screen.take_commands()) simulation.execute(command);
    simulation.tick(0);
    look();
  }
};

SimulationOptions scenario_of(const std::string& head, const std::string& steps) {
  auto scenario = landfall::scenario::read_scenario(
      R"({"name": "of a test", "requirements": ["P-101"], "phones": [{"name": "asha", "user": )"
      R"("asha"}],)" +
          head + R"("steps": [{"boot": "asha"}, {"login": "asha"}, {"run": "10s"})" + steps + "]}",
      "test.json");
  INFO((scenario ? "" : scenario.error().message));
  REQUIRE(scenario.has_value());
  SimulationOptions options;
  options.scenario = std::move(*scenario);
  return options;
}

void log_in(Rig& rig, const std::string& email, const std::string& password) {
  rig.execute(SubmitLogin{email, password, false});
  rig.pass(10);
}

}  // namespace

TEST_CASE("I-3: the login screen is filled in, shows or hides its password, and lets its user in") {
  Rig rig{app("ims")};
  REQUIRE(rig.now().screen == PhoneScreen::login);
  rig.look();
  for (const char* words : {"IMS", "Email", "Password", "Remember me", "Login", "Forgot Password?",
                            "Don't have an account? Register"}) {
    INFO(words);
    CHECK(rig.shows(words));
  }

  rig.click("Email");
  rig.type("lina@ims.example");
  rig.click("Password");
  rig.type("lina-pass-1");
  rig.look();
  CHECK(rig.shows("lina@ims.example"));
  CHECK(rig.shows("***********"));
  CHECK_FALSE(rig.shows("lina-pass-1"));
  rig.click("Show");
  CHECK(rig.shows("lina-pass-1"));
  rig.click("Hide");
  CHECK_FALSE(rig.shows("lina-pass-1"));

  rig.click("Login");
  rig.pass(10);
  CHECK(rig.now().session.status == "authenticated");
  CHECK(rig.now().session.user_name == "Lina Haddad");
  CHECK(rig.now().screen == PhoneScreen::work);
  rig.look();
  CHECK_FALSE(rig.shows("Forgot Password?"));
  CHECK(rig.shows("Documents"));
  // "Remember me" is off unless somebody turns it on (I-7).
  rig.execute(Logout{});
  rig.pass(5);
  CHECK(rig.now().screen == PhoneScreen::login);
  CHECK(rig.now().session.remembered_email.empty());
}

TEST_CASE("I-4 I-5 I-8: what is wrong with the form is said in the engine's words") {
  Rig rig{app("ims")};
  rig.click("Login");
  CHECK(rig.shows("Email is required"));
  rig.click("Email");
  rig.type("lina@ims");
  rig.click("Login");
  CHECK(rig.shows("Enter a valid email address"));
  rig.execute(SubmitLogin{"lina@ims.example", "", false});
  rig.look();
  CHECK(rig.shows("Password is required"));
  log_in(rig, "lina@ims.example", "wrong-one");
  rig.look();
  CHECK(rig.shows("Invalid email or password"));
  CHECK(rig.now().screen == PhoneScreen::login);
}

TEST_CASE("I-9 I-10 I-31: no network and a server in trouble have words of their own") {
  Rig rig{app("ims")};
  rig.execute(SetServerDown{true});
  log_in(rig, "lina@ims.example", "lina-pass-1");
  REQUIRE(rig.now().refusal);
  CHECK(rig.now().refusal->message == "Something went wrong. Please try again later.");
  rig.execute(SetServerDown{false});
  rig.execute(SetNetwork{false, true});
  log_in(rig, "lina@ims.example", "lina-pass-1");
  REQUIRE(rig.now().refusal);
  CHECK(rig.now().refusal->message == "No internet connection. Please check your network.");
  REQUIRE(rig.now().banner);
  CHECK(rig.now().banner->message == "You are offline. Some features may be unavailable.");
  CHECK(rig.now().banner->background == "#faad14");
}

TEST_CASE("I-35: while the engine asks the server, the screen waits and takes no second login") {
  Rig rig{app("ims")};
  rig.execute(SubmitLogin{"lina@ims.example", "lina-pass-1", false});
  for (int i = 0; i < 100 && rig.now().session.busy.empty(); ++i) rig.execute(PassTime{1});
  REQUIRE(rig.now().session.busy == "login");
  CHECK(rig.now().screen == PhoneScreen::login);
  rig.screen.snapshot = rig.simulation.snapshot();
  rig.screen.click("Login");
  CHECK(rig.screen.take_commands().empty());
}

TEST_CASE("I-7: a remembered address is back at the next start") {
  Rig rig{app("ims")};
  rig.click("Remember me");
  rig.click("Email");
  rig.type("lina@ims.example");
  rig.click("Password");
  rig.type("lina-pass-1");
  rig.click("Login");
  rig.pass(10);
  REQUIRE(rig.now().session.status == "authenticated");
  rig.execute(Logout{});
  rig.pass(5);
  rig.execute(KillProcess{});
  CHECK(rig.now().screen == PhoneScreen::off);
  rig.execute(BootPhone{});
  rig.pass(5);
  CHECK(rig.now().session.remembered_email == "lina@ims.example");
}

TEST_CASE("I-2: an account is made and one that exists already is refused") {
  Rig rig{app("ims")};
  rig.click("Don't have an account? Register");
  REQUIRE(rig.now().screen == PhoneScreen::registration);
  rig.execute(SubmitRegistration{"lina@ims.example", "long-enough", "Lina"});
  rig.pass(10);
  REQUIRE(rig.now().refusal);
  CHECK(rig.now().refusal->message == "An account with this email exists already");
  CHECK(rig.now().screen == PhoneScreen::registration);
  rig.execute(SubmitRegistration{"new@ims.example", "long-enough", "Nour"});
  rig.pass(10);
  CHECK(rig.now().screen == PhoneScreen::login);
}

TEST_CASE("I-29 I-30: who belongs to several organisations chooses one, and switches") {
  Rig rig{app("ims")};
  rig.execute(SelectPhone{"omar"});
  rig.execute(BootPhone{});
  rig.pass(5);
  log_in(rig, "omar@ims.example", "omar-pass-1");
  REQUIRE(rig.now().screen == PhoneScreen::organisation);
  rig.look();
  CHECK(rig.shows("North Hardware"));
  CHECK(rig.shows("South Pharmacy"));
  rig.execute(ChooseOrganisation{"org-north-hardware"});
  rig.pass(10);
  CHECK(rig.now().screen == PhoneScreen::work);
  CHECK(rig.now().session.organisation.name == "North Hardware");
  CHECK(rig.simulation.snapshot().outbox_is_readable);
  CHECK(rig.simulation.snapshot().documents.size() == 3);
  rig.execute(SwitchOrganisation{"org-south-pharmacy"});
  rig.pass(10);
  CHECK(rig.now().session.organisation.name == "South Pharmacy");
  CHECK(rig.simulation.snapshot().documents.size() == 2);
}

TEST_CASE("I-29: healing chooses for whoever stands before the choice, and waits no hours for it") {
  Rig rig{app("ims")};
  rig.execute(SelectPhone{"omar"});
  rig.execute(BootPhone{});
  rig.pass(5);
  log_in(rig, "omar@ims.example", "omar-pass-1");
  REQUIRE(rig.now().screen == PhoneScreen::organisation);
  const std::int64_t before_ms = rig.simulation.snapshot().clock.now_ms;
  rig.execute(HealAndCheck{});
  CHECK(rig.now().session.status == "authenticated");
  CHECK(rig.now().session.organisation.id == rig.now().session.organisations.front().id);
  CHECK(rig.simulation.snapshot().clock.now_ms - before_ms < 3'600'000);
}

TEST_CASE("I-17 I-19 I-21: a finger is enrolled behind the login, opens the next start, and goes") {
  Rig rig{app("ims")};
  log_in(rig, "lina@ims.example", "lina-pass-1");
  REQUIRE(rig.now().asks_for_biometric);
  rig.execute(EnrolBiometric{});
  rig.pass(10);
  CHECK_FALSE(rig.now().asks_for_biometric);
  CHECK(rig.now().session.is_biometric_enabled);
  rig.execute(KillProcess{});
  rig.execute(BootPhone{});
  rig.pass(10);
  CHECK(rig.now().session.status == "biometricPrompt");
  CHECK(rig.now().screen == PhoneScreen::login);
  rig.click("Use your finger or face");
  rig.pass(10);
  CHECK(rig.now().screen == PhoneScreen::work);
  rig.execute(RemoveProof{"biometric"});
  rig.pass(10);
  CHECK_FALSE(rig.now().session.is_biometric_enabled);
}

TEST_CASE("A-33 A-35 A-38: an agent is led through onboarding and login to a choice of two") {
  Rig rig{app("almafrica")};
  REQUIRE(rig.now().screen == PhoneScreen::onboarding);
  rig.click("Get started");
  rig.pass(2);
  REQUIRE(rig.now().screen == PhoneScreen::login);
  log_in(rig, "kofi", "kofi-pass-1");
  REQUIRE(rig.now().screen == PhoneScreen::role_selection);
  rig.look();
  CHECK(rig.shows("Field Support"));
  CHECK(rig.shows("Weigh and record"));
  rig.execute(ChooseRole{"csa"});
  rig.pass(5);
  CHECK(rig.now().entered_role == "csa");
  CHECK(rig.now().entering_role.empty());
  CHECK(rig.now().screen == PhoneScreen::work);
  REQUIRE(rig.now().may_leave_dashboard);
  rig.execute(LeaveDashboard{});
  CHECK(rig.now().screen == PhoneScreen::role_selection);
  rig.execute(ChooseRole{"fsa"});
  rig.pass(5);
  CHECK(rig.now().entered_role == "fsa");
}

TEST_CASE("A-34: who works in the web application alone is led back and told so") {
  Rig rig{app("almafrica")};
  rig.execute(SelectPhone{"esi"});
  rig.execute(BootPhone{});
  rig.pass(5);
  rig.execute(FinishOnboarding{});
  rig.pass(2);
  log_in(rig, "esi", "esi-pass-1");
  rig.pass(10);
  REQUIRE(rig.now().screen == PhoneScreen::login);
  rig.look();
  CHECK(rig.shows("Your role works in the web application."));
}

TEST_CASE("A-26 A-27 A-32: a second factor is set up, and stands in the next login") {
  Rig rig{app("almafrica")};
  rig.execute(FinishOnboarding{});
  rig.pass(2);
  log_in(rig, "kofi", "kofi-pass-1");
  rig.execute(SetUpSecondFactor{""});
  rig.pass(5);
  REQUIRE_FALSE(rig.now().set_up.manual_key.empty());
  rig.execute(VerifySecondFactor{rig.now().authenticator_code});
  rig.pass(5);
  CHECK_FALSE(rig.now().set_up.backup_codes.empty());
  rig.pass(60);
  rig.execute(Logout{});
  rig.pass(5);
  log_in(rig, "kofi", "kofi-pass-1");
  REQUIRE(rig.now().screen == PhoneScreen::second_factor);
  REQUIRE(rig.now().session.challenge);
  const std::string right = rig.now().authenticator_code;
  rig.execute(SubmitCode{right == "123456" ? "654321" : "123456", "totp"});
  rig.pass(2);
  rig.look();
  CHECK(rig.shows("This code is not right."));
  CHECK(rig.now().session.challenge->attempts_left == 4);
  rig.click("Fill in");
  rig.click("Verify");
  rig.pass(5);
  CHECK(rig.now().session.status == "authenticated");
}

TEST_CASE("A-27: new backup codes come for a code, and a factor that is off asks for none") {
  Rig rig{app("almafrica")};
  rig.execute(FinishOnboarding{});
  rig.pass(2);
  log_in(rig, "kofi", "kofi-pass-1");
  rig.execute(SetUpSecondFactor{""});
  rig.pass(5);
  rig.execute(VerifySecondFactor{rig.now().authenticator_code});
  rig.pass(60);
  const auto first = rig.now().set_up.backup_codes;
  REQUIRE_FALSE(first.empty());
  rig.execute(NewBackupCodes{rig.now().authenticator_code});
  rig.pass(60);
  CHECK(rig.now().set_up.backup_codes.size() == first.size());
  CHECK(rig.now().set_up.backup_codes != first);
  rig.execute(DisableSecondFactor{rig.now().authenticator_code});
  rig.pass(5);
  CHECK_FALSE(rig.now().refusal);
  CHECK(rig.now().set_up.backup_codes.empty());
  rig.execute(Logout{});
  rig.pass(5);
  log_in(rig, "kofi", "kofi-pass-1");
  CHECK(rig.now().session.status == "authenticated");
}

TEST_CASE("A-13: a password that was kept logs its user in again") {
  Rig rig{scenario_of(R"("virtual": true, "profile_patch": {"auth": {"remember": "credentials"}},)",
                      "")};
  rig.play(3);
  REQUIRE(rig.now().app.remembers_password);
  const std::string email = rig.now().owner_email, password = rig.now().owner_password;
  rig.execute(Logout{});
  rig.pass(5);
  rig.execute(LoginRemembered{});
  rig.pass(5);
  REQUIRE(rig.now().refusal);
  CHECK(rig.now().refusal->code == "login.not_remembered");
  rig.execute(SubmitLogin{email, password, true, true});
  rig.pass(10);
  REQUIRE(rig.now().session.status == "authenticated");
  rig.execute(Logout{});
  rig.pass(5);
  rig.click("Use the kept password");
  rig.pass(10);
  CHECK(rig.now().session.status == "authenticated");
}

TEST_CASE("P-22 P-24 A-51: a PIN is set, locks the app, and says how many tries are left") {
  // One pass over 8 KiB: the cost of a guess is not what is shown here.
  Rig rig{scenario_of(
      R"("virtual": true, "profile_patch": {"unlock": {"pin": {"kdf": {"memory_kib": 8, "passes":)"
      R"( 1}}}},)",
      "")};
  rig.play(3);
  REQUIRE(rig.now().screen == PhoneScreen::work);
  rig.execute(SetPin{"481629"});
  rig.pass(5);
  REQUIRE(rig.now().lock.is_protected);
  rig.execute(LockApp{});
  rig.pass(1);
  REQUIRE(rig.now().screen == PhoneScreen::lock);
  const int left = rig.now().lock.pin->failures_left;
  rig.execute(UnlockByPin{"481628"});
  rig.pass(5);
  rig.look();
  CHECK(rig.now().screen == PhoneScreen::lock);
  CHECK(rig.shows("This PIN is not right."));
  CHECK(rig.now().lock.pin->failures_left == left - 1);
  CHECK(rig.shows("attempts left"));
  rig.click("PIN, 6 digits");
  rig.type("481629");
  rig.click("Unlock");
  rig.pass(5);
  CHECK(rig.now().screen == PhoneScreen::work);

  rig.execute(ChangePin{"481628", "591730"});
  rig.pass(5);
  REQUIRE(rig.now().refusal);
  CHECK(rig.now().refusal->message == "This PIN is not right.");
  rig.execute(ChangePin{"481629", "591730"});
  rig.pass(5);
  CHECK_FALSE(rig.now().refusal);
  rig.execute(LockApp{});
  rig.pass(1);
  rig.execute(UnlockByPin{"591730"});
  rig.pass(5);
  CHECK(rig.now().screen == PhoneScreen::work);
}

TEST_CASE("P-101: the server's demand for a newer app leaves nothing else on the phone") {
  Rig rig{scenario_of(R"("virtual": true,)",
                      R"(, {"server": "minimum_version", "version": "2.0.0"},)"
                      R"({"enqueue": "asha", "as": "yes", "entity": "approval#1", "action": )"
                      R"("approve"}, {"run": "1m"})")};
  rig.play(6);
  CHECK(rig.now().screen == PhoneScreen::update);
  rig.look();
  CHECK(rig.shows("The server takes version 2.0.0 and later."));
  CHECK_FALSE(rig.shows("Documents"));
}
