#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What the app shows in front of its work: who is logged in, what opens it, where to go. As the
// engine told it last; times are UTC milliseconds of the world's own clock, words are those of the
// host interface.
namespace landfall::ui {

// The one screen that the app shows.
enum class PhoneScreen {
  off,       // no process runs
  starting,  // the engine has not said yet who is here
  onboarding,
  login,
  registration,
  second_factor,
  organisation,
  lock,
  first_sync,
  role_selection,
  update,  // the server serves this version no more: there is nothing else (P-101)
  work
};

// What the profile says of the app.
struct AppView {
  std::string name;  // as its users know it
  bool takes_emails = false;
  bool can_register = false;
  bool remembers_password = false;
  bool remembers_email = false;
  bool has_pin = false;
  bool has_biometric = false;
  bool has_second_factor = false;
  bool has_approvals = true;  // and what goes with them: it is the app that the window was made for
  std::map<std::string, std::string> texts;  // its messages by key

  // Empty: it has none.
  [[nodiscard]] std::string text(const std::string& key) const {
    const auto found = texts.find(key);
    return found == texts.end() ? std::string{} : found->second;
  }
  // The key itself where it has none, as the engine does it: something is always shown.
  [[nodiscard]] std::string message(const std::string& key) const {
    const auto found = texts.find(key);
    return found == texts.end() ? key : found->second;
  }
};

struct OrganisationView {
  std::string id;
  std::string name;
  std::string industry;
};

// Of a login that waits for its code.
struct ChallengeView {
  std::vector<std::string> methods;
  std::optional<std::int64_t> expires_ms;
  std::string sent_to;
  std::optional<int> attempts_left;
};

// session.status
struct SessionView {
  std::string status = "initial";
  std::string email;
  std::string user_name;
  std::string busy;
  std::string message;
  std::string remembered_email;
  bool is_allowed = false;
  bool is_biometric_enabled = false;
  OrganisationView organisation;  // without an id: none
  std::vector<OrganisationView> organisations;
  std::optional<ChallengeView> challenge;
};

struct PinView {
  bool is_configured = false;
  bool is_hard_locked = false;
  int digits_min = 0;
  int digits_max = 0;
  int failures = 0;
  int failures_left = 0;
  std::optional<std::int64_t> wait_until_ms;
};

struct BiometricView {
  bool is_enrolled = false;
  bool is_expired = false;
  int failures_left = 0;
};

// unlock.status; of what the profile has.
struct LockView {
  bool is_locked = false;
  bool is_protected = false;
  std::vector<std::string> help;  // the best first
  std::optional<PinView> pin;
  std::optional<BiometricView> biometric;
};

struct DashboardView {
  std::string role;
  std::string route;
  std::string name;
  std::string description;
  std::string icon;
};

// routing.start and its event
struct RouteView {
  std::string route;
  std::string why;
  std::string active_role;
  std::vector<DashboardView> dashboards;
};

// update.changed
struct UpdateView {
  std::string kind = "none";
  std::string message;
  std::string minimum_version;
  std::string recommended_version;
};

// Of connectivity.changed.
struct BannerView {
  std::string message;
  std::string background;  // #rrggbb
};

// Why the engine refused what was asked on a screen.
struct RefusalView {
  std::string request;
  std::string field;  // the last part of its path; empty: none in particular
  std::string code;
  std::string message;
};

// What a user who sets a second factor up is told once.
struct SetUpView {
  std::string manual_key;
  std::vector<std::string> backup_codes;
};

struct IdentityView {
  PhoneScreen screen = PhoneScreen::work;
  AppView app;
  SessionView session;
  LockView lock;
  std::optional<RouteView> route;  // of a profile that leads to screens
  UpdateView update;
  std::optional<BannerView> banner;
  std::string entered_role;   // the dashboard that was chosen since the app began; empty: none
  std::string entering_role;  // the one that was asked for, until the engine has answered
  bool may_leave_dashboard = false;    // there is a choice to go back to
  std::optional<RefusalView> refusal;  // of the last that was asked
  std::string said;                    // the engine's last word to the user beside a session's
  bool is_registering = false;         // the form for a new account is wanted
  bool wants_login = false;            // the password form is, where something else would do
  bool offers_biometric = false;       // behind a login with a password, until answered
  bool asks_for_biometric = false;     // and the app and the phone have such a thing (I-17, I-22)
  bool supports_biometric = false;     // they do
  std::string finger = "good";         // what a look at the user's finger finds
  SetUpView set_up;
  // What the user has beside the phone; empty: nothing.
  std::string authenticator_code;
  std::string text_message_code;
  // Of the phone's owner, who is no secret in a simulation.
  std::string owner_email;
  std::string owner_password;
};

}  // namespace landfall::ui
