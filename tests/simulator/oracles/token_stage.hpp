#pragma once

#include <string>

#include "simulator/oracles/token_pairs.hpp"
#include "tests/simulator/oracles/session_stage.hpp"

namespace landfall::oracles {

// A stage whose server gives out pairs "a1" and "r1", "a2" and "r2", … that live a quarter of an
// hour.
class TokenStage : public SessionStage {
 public:
  static constexpr std::int64_t kLifeMs = 900'000;

  using SessionStage::SessionStage;

  void log_in(int pair) {
    answer(send(routes().login), 200, body(pair));
    tell_status("authenticated");
  }
  // A refresh leaves with the token of that pair.
  http::Request refresh(int pair, const std::string& id = "i1") {
    return send(routes().refresh, Json{{"refreshToken", token("r", pair)}}, {{"X-Refresh-Id", id}});
  }
  void answer_pair(const http::Request& request, int pair) { answer(request, 200, body(pair)); }
  void refuse(const http::Request& request, int status = 401) {
    answer(request, status, Json{{"error", {{"code", "invalid_grant"}, {"message", "no"}}}});
  }
  // A pull leaves with the access token of that pair.
  http::Request call(int pair, const std::string& cursor = "") {
    return send(routes().pull, Json{{"cursor", cursor}}, bearer(pair));
  }
  void accept_call(int pair) { answer(call(pair), 200); }

  void crash(bool power = true) { world.observe_crash(phone, power); }

  [[nodiscard]] static std::string token(const char* kind, int pair) {
    return "token-of-the-session-" + std::string{kind} + std::to_string(pair);
  }
  [[nodiscard]] static http::Headers bearer(int pair) {
    return {{"Authorization", "Bearer " + token("a", pair)}};
  }
  [[nodiscard]] static Json body(int pair) {
    return {{"accessToken", token("a", pair)},
            {"refreshToken", token("r", pair)},
            {"expiresIn", kLifeMs / 1'000}};
  }
};

}  // namespace landfall::oracles
