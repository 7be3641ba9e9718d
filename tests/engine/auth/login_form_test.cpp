#include "engine/auth/login_form.hpp"

#include "engine/auth/email_form.hpp"
#include "engine/auth/registration.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/auth/model_server.hpp"
#include "tests/engine/auth/phone.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>

using namespace landfall;
using namespace landfall::test;

namespace {

Profile ims() { return Profile::load(schema::profile("ims").value()).value(); }

SharedSecret<std::string> secret(const char* text) {
  return std::make_shared<const Secret<std::string>>(text);
}

http::Answer refusal(int status) {
  return respond(status, R"({"error":{"code":"NOPE","message":"server text","details":{}}})");
}

}  // namespace

TEST_CASE("I-5: what can be an address is told from what cannot") {
  for (const char* good : {"ann@example.com", "a.b+c_d@sub.example.co.uk", "o'neil@example.org",
                           "1@2.org", "ann@xn--bcher-kva.example", "\xc3\xa9ric@exemple.fr"}) {
    INFO(good);
    CHECK(auth::is_email(good));
  }
  const std::string long_local(65, 'a');
  const std::string long_domain = std::string(250, 'a') + ".com";
  for (const std::string& bad : {std::string{""},
                                 std::string{"ann"},
                                 std::string{"ann@"},
                                 std::string{"@example.com"},
                                 std::string{"ann@example"},
                                 std::string{"ann@@example.com"},
                                 std::string{"a@b@example.com"},
                                 std::string{"ann smith@example.com"},
                                 std::string{" ann@example.com"},
                                 std::string{"ann@example.com "},
                                 std::string{".ann@example.com"},
                                 std::string{"ann.@example.com"},
                                 std::string{"a..n@example.com"},
                                 std::string{"ann@-example.com"},
                                 std::string{"ann@example-.com"},
                                 std::string{"ann@example..com"},
                                 std::string{"ann@.example.com"},
                                 std::string{"ann@example.com."},
                                 std::string{"ann@exam\nple.com"},
                                 std::string{"ann@exa_mple.com"},
                                 long_local + "@example.com",
                                 "a@" + long_domain}) {
    INFO(bad);
    CHECK_FALSE(auth::is_email(bad));
  }
}

TEST_CASE("I-4 I-5: the form is judged before anything leaves, in the app's words") {
  const Profile profile = ims();
  const auto error = [&](const char* email, const char* password) {
    const auto checked = auth::check_login_form(profile, email, Secret<std::string>{password});
    REQUIRE_FALSE(checked.has_value());
    return checked.error();
  };
  CHECK(error("  ", "x").message == "Email is required");
  CHECK(error("ann@", "x").code == "login.email_invalid");
  CHECK(error("ann@", "x").message == "Enter a valid email address");
  CHECK(error("ann@", "").field == "params.email");
  CHECK(error("ann@example.com", "").message == "Password is required");
  CHECK(auth::check_login_form(profile, "ann@example.com", Secret<std::string>{"x"}));
}

TEST_CASE("A-7 I-5: where users have names, no address is asked for") {
  CHECK(auth::check_login_form(shipped_profile(), "ann", Secret<std::string>{"x"}));
}

TEST_CASE("I-2: an account is made with email, password and name, and nothing else") {
  const Profile profile = ims();
  const auto call =
      auth::register_call(profile, {"ann@example.com", secret("secret-1"), "Ann"}, "device-1");
  REQUIRE(call);
  CHECK(call->endpoint == "register");
  CHECK(nlohmann::json::parse(call->body) ==
        nlohmann::json{{"email", "ann@example.com"}, {"password", "secret-1"}, {"name", "Ann"}});
  CHECK(auth::register_call(profile, {"ann", secret("secret-1"), ""}, "d").error().code ==
        "login.email_invalid");
  CHECK(auth::register_call(shipped_profile(), {"ann@example.com", secret("x"), ""}, "d")
            .error()
            .code == "register.unsupported");
}

TEST_CASE("I-2 C-26: what an answer to a registration means") {
  const Profile profile = ims();
  const auto code = [&](const http::Answer& answer) {
    const auto read = auth::read_registered(profile, answer);
    return read ? std::string{} : read.error().code;
  };
  CHECK(code(respond(201, "{}")).empty());
  CHECK(code(portal_page(200)) == "login.answer_invalid");
  CHECK(code(refusal(409)) == "register.email_taken");
  CHECK(code(refusal(422)) == "register.refused");
  CHECK(code(portal_page(409)) == "login.answer_invalid");
  CHECK(code(respond(503, "")) == "login.server_error");
  CHECK(code(fail_with(http::TransportFailure::not_sent)) == "login.no_connection");
}

TEST_CASE("the form says what it was refused for, and nothing of the phone's own troubles (C-26)") {
  const auto of = [](const char* code) { return Error{ErrorClass::refused, code, "text"}; };
  for (const char* code :
       {"login.invalid_credentials", "login.no_connection", "login.email_missing", "device.limit"})
    CHECK(auth::is_for_login_form(of(code)));
  for (const char* code : {"session.busy", "session.login_abandoned", "second_factor.expired",
                           "storage.full", "keychain.locked", "device.limits", "relogin.x"})
    CHECK_FALSE(auth::is_for_login_form(of(code)));
}
