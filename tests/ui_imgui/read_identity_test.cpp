#include "ui_imgui/model/read_identity.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "schema/embedded.hpp"
#include "ui_imgui/model/read_conflict.hpp"

using namespace landfall;
using namespace landfall::ui;
using nlohmann::json;

namespace {

AppView app(const char* profile) { return app_of(json::parse(*schema::profile(profile))); }

}  // namespace

TEST_CASE("I-2 I-3 I-22: the profile says what an app's screens offer") {
  const AppView ims = app("ims");
  CHECK(ims.name == "IMS");
  CHECK(ims.takes_emails);
  CHECK(ims.can_register);
  CHECK(ims.remembers_email);
  CHECK_FALSE(ims.remembers_password);
  CHECK_FALSE(ims.has_pin);
  CHECK(ims.has_biometric);
  CHECK_FALSE(ims.has_second_factor);
  CHECK(ims.text("unlock.biometric_enrol") == "Enable biometric login for faster access?");
  CHECK(ims.text("no.such").empty());
  const AppView almafrica = app("almafrica");
  CHECK(almafrica.name == "Almafrica");
  CHECK_FALSE(almafrica.takes_emails);
  CHECK(almafrica.has_pin);
  CHECK_FALSE(almafrica.has_biometric);
  CHECK(almafrica.has_second_factor);
  CHECK_FALSE(ims.has_approvals);
  CHECK(app("prokure").has_approvals);
  CHECK_FALSE(app("prokure").can_register);
  CHECK(app("prokure").name == "ProKure");
  CHECK(app_of(json::parse(R"({"name": "plain"})")).name == "plain");
}

TEST_CASE("A-54: an app's text is shown, and its key where the profile has none") {
  CHECK(app("prokure").message("pin.hard_locked") == "Too many wrong PINs. Please log in.");
  CHECK(app("prokure").message("no.such") == "no.such");
}

TEST_CASE("I-40: a session is read with all that it says, and without what it does not") {
  const SessionView nobody = session_of({{"status", "unauthenticated"}, {"allowed", false}});
  CHECK(nobody.status == "unauthenticated");
  CHECK(nobody.organisation.id.empty());
  CHECK_FALSE(nobody.challenge);
  const SessionView waits = session_of({{"status", "twoFactor"},
                                        {"message", "Enter the code of your authenticator."},
                                        {"second_factor",
                                         {{"methods", json::array({"totp", "sms"})},
                                          {"expires_at", "2026-01-05T03:35:00Z"},
                                          {"sent_to", "+233 *** 01"},
                                          {"attempts_left", 4}}}});
  REQUIRE(waits.challenge);
  CHECK(waits.challenge->methods == std::vector<std::string>{"totp", "sms"});
  CHECK(waits.challenge->expires_ms == 1'767'584'100'000);
  CHECK(waits.challenge->sent_to == "+233 *** 01");
  CHECK(waits.challenge->attempts_left == 4);
  const SessionView omar =
      session_of({{"status", "authenticated"},
                  {"allowed", true},
                  {"organisation", {{"id", "o-2"}, {"name", "South"}, {"industry", "Health"}}},
                  {"organisations", json::parse(R"([{"id": "o-1", "name": "North"}])")},
                  {"remembered_email", "omar@ims.example"}});
  CHECK(omar.is_allowed);
  CHECK(omar.organisation.industry == "Health");
  REQUIRE(omar.organisations.size() == 1);
  CHECK(omar.organisations.front().name == "North");
  CHECK(omar.remembered_email == "omar@ims.example");
}

TEST_CASE("A-54 A-56: a lock says what is left, and until when it waits") {
  const LockView lock = lock_of({{"locked", true},
                                 {"protected", true},
                                 {"help", json::array({"login"})},
                                 {"pin",
                                  {{"configured", true},
                                   {"digits_min", 4},
                                   {"digits_max", 6},
                                   {"failures", 5},
                                   {"failures_left", 5},
                                   {"hard_locked", false},
                                   {"wait_ms", 30'000}}}},
                                1'000);
  CHECK(lock.is_locked);
  REQUIRE(lock.pin);
  CHECK(lock.pin->failures_left == 5);
  CHECK(lock.pin->wait_until_ms == 31'000);
  CHECK_FALSE(lock.biometric);
  CHECK(lock_of(json::parse(R"({"pin": {"wait_ms": 0}})"), 1'000).pin->wait_until_ms ==
        std::nullopt);
}

TEST_CASE("I-4: a refusal names the field of the form") {
  const RefusalView missing = refusal_of("session.login", {{"code", "login.email_missing"},
                                                           {"message", "Email is required"},
                                                           {"field", "params.email"}});
  CHECK(missing.field == "email");
  CHECK(missing.message == "Email is required");
  CHECK(
      refusal_of("session.login", json::parse(R"({"code": "login.no_connection"})")).field.empty());
}

TEST_CASE("P-29: a conflict is read field by field in its four versions") {
  const ConflictView view = conflict_of(
      {{"id", "op-1"},
       {"entity_type", "pr"},
       {"state", "open"},
       {"reason", "field"},
       {"deleted", false},
       {"base", {{"title", "Gravel"}, {"lines", json::parse(R"({"3.5": 1})")}}},
       {"mine", {{"title", "Sand"}, {"note", "mine"}, {"lines", json::parse(R"({"3.5": 2})")}}},
       {"theirs",
        {{"title", "Gravel"}, {"note", "theirs"}, {"lines", json::parse(R"({"3.5": 1})")}}},
       {"merged", {{"title", "Sand"}, {"note", "theirs"}, {"lines", json::parse(R"({"3.5": 2})")}}},
       {"fields", json::array({{{"field", "title"}, {"taken", "mine"}, {"rule", nullptr}},
                               {{"field", R"(lines.3\.5)"}, {"taken", "mine"}}})},
       {"open", json::parse(R"([{"field": "note", "rule": "ask", "reason": "ask"}])")}});
  CHECK(view.is_open);
  CHECK_FALSE(view.can_reopen);
  REQUIRE(view.fields.size() == 3);
  CHECK(view.fields[0].base == "Gravel");
  CHECK(view.fields[0].merged == "Sand");
  CHECK(view.fields[0].taken == "mine");
  CHECK_FALSE(view.fields[0].is_open);
  CHECK(view.fields[1].mine == "2");
  CHECK(view.fields[2].name == "note");
  CHECK(view.fields[2].base.empty());
  CHECK(view.fields[2].theirs == "theirs");
  CHECK(view.fields[2].is_open);
  CHECK(conflict_of(json::parse(R"({"state": "chosen"})")).can_reopen);
  CHECK_FALSE(conflict_of(json::parse(R"({"state": "kept_theirs"})")).can_reopen);
}

TEST_CASE("P-29: behind a long history the conflicts that wait for their user are still shown") {
  // An inbox as an engine lists it: the oldest first, in pages, with open ones among and behind
  // many that were decided.
  constexpr std::int64_t kLast = 130, kOpenEvery = 60;
  std::size_t pages = 0;
  const AskConflicts ask = [&pages](const json& params, const auto& then) {
    ++pages;
    const std::int64_t after = params.value("after_seq", std::int64_t{0});
    const std::size_t limit = params.at("limit");
    json page = json::array();
    std::int64_t seq = after;
    while (seq < kLast && page.size() < limit) {
      const bool is_open = ++seq % kOpenEvery == 0 || seq == kLast;
      if (is_open || params.at("settled") == true)
        page.push_back({{"seq", seq}, {"state", is_open ? "open" : "chosen"}});
    }
    json result{{"conflicts", std::move(page)}};
    if (seq < kLast) result["next"] = seq;
    then(result);
  };
  const auto inbox = std::make_shared<ConflictInbox>();
  ask_conflicts(ask, 50, inbox);
  CHECK(pages == 4);
  REQUIRE(inbox->open.size() == 3);
  CHECK(inbox->open.rbegin()->first == kLast);
  REQUIRE(inbox->decided.size() == 50);
  CHECK(inbox->decided.rbegin()->first == kLast - 1);
  CHECK_FALSE(inbox->decided.contains(2 * kOpenEvery));
}

TEST_CASE("P-29: a conflict that is decided between two answers is shown once, as decided") {
  const AskConflicts ask = [](const json& params, const auto& then) {
    const char* state = params.at("settled") == true ? "chosen" : "open";
    then(json{{"conflicts", json::array({json{{"seq", 7}, {"state", state}}})}});
  };
  const auto inbox = std::make_shared<ConflictInbox>();
  ask_conflicts(ask, 50, inbox);
  CHECK(inbox->open.empty());
  CHECK(inbox->decided.size() == 1);
}
