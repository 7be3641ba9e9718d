#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/auth/session.hpp"
#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

using namespace landfall;
using auth::AuthStatus;

namespace {

const Secret<std::string> kPassword{"password-marker"};

struct Form {
  Form() : profile(Profile::load(*schema::profile("almafrica")).value()) {}

  Result<auth::LoggedIn> answered(int status, const Json& body) {
    REQUIRE(session.on_login("kofi", kPassword, Instant{1}));
    return session.on_login_answer(
        http::Answer{http::Response{status, {}, dump_json(body)}, std::nullopt}, Instant{2});
  }

  Result<auth::LoggedIn> refused(int status, const std::string& code) {
    return answered(status, {{"error", {{"code", code}, {"message", "server text"}}}});
  }

  Profile profile;
  auth::Session session{auth::Session::Parts{profile, "device-1", "ANDROID"}};
};

// A-10's reply.
Json welcome() {
  return {{"accessToken", "access-1"},
          {"refreshToken", "refresh-1"},
          {"expiresIn", 900},
          {"tokenType", "Bearer"},
          {"authUserId", "auth-1"},
          {"userId", "user-1"},
          {"username", "kofi"},
          {"email", "kofi@almafrica.example"},
          {"fullName", "Kofi Mensah"},
          {"roles", {"agent"}},
          {"permissions", {"EditFarmers", "CreateFarmers"}}};
}

}  // namespace

TEST_CASE("A-7: a login is asked with email or username, password and whether to remember") {
  Form form;
  const auto call = form.session.on_login("kofi", kPassword, Instant{1});
  REQUIRE(call.has_value());
  CHECK(call->call.endpoint == "login");
  CHECK(Json::parse(call->call.body) ==
        Json{{"emailOrUsername", "kofi"}, {"password", "password-marker"}, {"rememberMe", false}});
}

TEST_CASE("A-10 A-11: a login brings tokens, user, roles and the flat list of rights") {
  Form form;
  const auto logged_in = form.answered(200, welcome());
  REQUIRE(logged_in.has_value());
  CHECK(logged_in->user.user_id == "auth-1");
  CHECK(logged_in->user.organisation.empty());
  CHECK(logged_in->tokens.access_lifetime == Duration{900'000});
  CHECK(logged_in->record.name == "Kofi Mensah");
  CHECK(logged_in->record.account_id == "user-1");
  CHECK(logged_in->record.roles == std::vector<std::string>{"agent"});
  CHECK(logged_in->granted.roles == std::vector<std::string>{"agent"});
  CHECK(logged_in->granted.permissions == std::vector<std::string>{"CreateFarmers", "EditFarmers"});
}

TEST_CASE("A-14: another user is another partition, and one who is not named is nobody") {
  Form form;
  const auto kofi = form.answered(200, welcome());
  REQUIRE(kofi.has_value());
  CHECK(kofi->user.partition == auth::partition_id_for("auth-1", ""));
  CHECK(kofi->user.partition != auth::partition_id_for("auth-2", ""));
  Form other;
  Json nameless = welcome();
  nameless.erase("authUserId");
  const auto nobody = other.answered(200, nameless);
  REQUIRE_FALSE(nobody.has_value());
  CHECK(nobody.error().code == "login.answer_invalid");
}

TEST_CASE("A-16 C-26: each refusal of a login has its own text") {
  struct Row {
    int status;
    const char* code;
    const char* key;
    const char* text;
  };
  for (const Row& row :
       {Row{401, "INVALID_CREDENTIALS", "login.invalid_credentials", "Invalid credentials"},
        Row{401, "SOMETHING_ELSE", "login.invalid_credentials", "Invalid credentials"},
        Row{401, "ACCOUNT_LOCKED", "login.account_locked",
            "Account locked. Please try again later."},
        Row{500, "INTERNAL", "login.server_error",
            "Something went wrong. Please try again later."}}) {
    Form form;
    const auto refusal = form.refused(row.status, row.code);
    REQUIRE_FALSE(refusal.has_value());
    CHECK(refusal.error().code == row.key);
    CHECK(refusal.error().message == row.text);
    CHECK(form.session.status() == AuthStatus::initial);
  }
}
