#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/auth/remembered_login.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/base/time.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"
#include "engine/profile/second_factor_rules.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::auth {

using profile::FactorMethod;

// Names of endpoints in a profile.
inline constexpr std::string_view kSecondFactorLoginEndpoint = "second_factor_login";
inline constexpr std::string_view kSecondFactorSendEndpoint = "second_factor_send";

// What a server asks for behind a right password. The token is a credential for one code: it
// lives in memory alone, so that a process that ends ends the login with it.
struct Challenge {
  std::string email;  // who logs in
  Secret<std::string> token;
  std::vector<FactorMethod> methods;  // one at least
  std::optional<Instant> expires_at;  // nothing: the server did not say
  std::string sent_to;                // the phone as the server masks it; may be empty
  RememberWish wish = {};             // of who logs in
};

// What the host is shown of it. Nothing here is secret.
struct SecondFactorView {
  std::vector<FactorMethod> methods;
  std::optional<Instant> expires_at;
  std::string sent_to;
  std::string code;  // why the last code opened nothing: second_factor.wrong_code | code_used
  std::optional<int> attempts_left;
};

[[nodiscard]] std::string_view to_string(FactorMethod method) noexcept;
[[nodiscard]] std::optional<FactorMethod> parse_factor_method(std::string_view text);

// The challenge that a login was answered with. Nothing: it is none, but a login or a refusal. An
// error (login.answer_invalid): it is a challenge that nobody can answer here.
[[nodiscard]] std::optional<Result<Challenge>> challenge_in(const Profile& profile,
                                                            const http::Response& response,
                                                            const std::string& email, Instant now);

// A login that waits for its second factor: which code may be tried, and what its refusal means.
// Nothing of it is stored and nothing of it works without a network.
class SecondFactor final {
 public:
  explicit SecondFactor(Challenge challenge) : challenge_(std::move(challenge)) {}

  struct Parts {
    const Profile& profile;
    const std::string& device_id;
    const std::string& platform;
  };

  // The call that hands a code in. Refused before it costs a try: second_factor.method_unavailable,
  // second_factor.malformed, second_factor.expired (the login is over), session.busy.
  [[nodiscard]] Result<http::ApiCall> on_code(const Parts& parts, const Secret<std::string>& code,
                                              FactorMethod method, Instant now);
  // The call that asks for a text message. Errors as above.
  [[nodiscard]] Result<http::ApiCall> on_send(const Parts& parts, Instant now);
  // Something came back, or nothing: the next may be tried.
  void on_answered() { is_checking_ = false; }

  // What the server's refusal means. `otherwise`: what it means where the profile does not map the
  // server's code. Errors: second_factor.wrong_code, .code_used, .expired, .exhausted,
  // .method_unavailable, .not_sent, .send_wait, or `otherwise`.
  [[nodiscard]] Error on_refused(const Profile& profile, const http::Response& response,
                                 const Error& otherwise);
  // What the refusal of a text message means, which says nothing of the last code. Errors:
  // second_factor.expired and .exhausted (the login is over), .method_unavailable, .send_wait, and
  // .not_sent for all that the profile does not map to one of these.
  [[nodiscard]] Error on_send_refused(const Profile& profile, const http::Response& response) const;
  // The server's word on a message that it sent.
  void on_sent(const Profile& profile, const http::Response& response);

  [[nodiscard]] bool is_checking() const { return is_checking_; }
  [[nodiscard]] bool is_over(Instant now) const {
    return challenge_.expires_at && now >= *challenge_.expires_at;
  }
  [[nodiscard]] const Challenge& challenge() const { return challenge_; }
  [[nodiscard]] SecondFactorView view() const;

 private:
  [[nodiscard]] Status may_try(FactorMethod method, const Profile& profile, Instant now) const;

  Challenge challenge_;
  bool is_checking_ = false;
  std::string code_;
  std::optional<int> attempts_left_;
};

// Whether an error of SecondFactor ends the login that it belongs to.
[[nodiscard]] bool ends_login(const Error& error);

}  // namespace landfall::auth
