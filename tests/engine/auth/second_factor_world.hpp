#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "engine/auth/session.hpp"
#include "engine/profile/profile.hpp"
#include "tests/engine/auth/model_server.hpp"
#include "tests/engine/auth/session_world.hpp"

// A session whose server asks for a second factor, and what that server says.
namespace landfall::test::second_factor {

using nlohmann::json;

// ProKure's profile with a second factor in it, changed by a merge patch.
[[nodiscard]] Profile profile_with(const json& change = json::object());
// The field that such a profile is refused for; empty: it is taken.
[[nodiscard]] std::string mistake_in(const json& change);

[[nodiscard]] http::Answer challenge(json more = json::object());
[[nodiscard]] http::Answer welcome();
[[nodiscard]] http::Answer refusal(const std::string& code, json details = json::object(),
                                   int status = 401);

struct World : SessionWorld {
  explicit World(const json& change = json::object());

  // As far as the gate.
  void login(const http::Answer& answer = challenge());
  Result<auth::LoginCall> hand_in(const std::string& code,
                                  auth::FactorMethod method = auth::FactorMethod::totp,
                                  Instant now = kStart);
  // The code of the error that its answer means.
  std::string judge(const http::Answer& answer);
};

}  // namespace landfall::test::second_factor
