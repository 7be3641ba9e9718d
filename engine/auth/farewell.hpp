#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/auth/token_lifecycle.hpp"
#include "engine/base/secret.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::auth {

// What a session has when it ends, copied before it is cleared. Either may be null.
struct SessionTokens {
  SharedSecret<std::string> access;
  SharedSecret<std::string> refresh;
  bool is_refreshing = false;  // another refresh of it is under way, or may be asked again
};

struct FarewellCall {
  http::ApiCall call;
  SharedSecret<std::string> bearer;  // null: none is stamped
};

// What a session that ends says to the server, by the profile's `auth.logout.steps` (I-26, C-15):
// one call after the other, because the last of them makes the others impossible. It has the tokens
// for itself, so that nobody waits for it and nothing of it is left on the phone.
//
// Whoever is logged out for want of use has an access token that ran out long ago: a 401 renews the
// pair once, with the copy, so that the phone is unregistered all the same. Not while a refresh of
// the session may still be under way, or there would be two of them (INV-A1). Whatever else fails
// is passed over; the network that is gone now is not waited for. That refresh carries no id of its
// own (`auth.refresh.id_header`): nobody repeats it, and it is told from a session's by that.
class Farewell final {
 public:
  struct Parts {
    const Profile& profile;
    std::string device_id;
    SessionTokens tokens;
    std::string organisation;  // of the session; empty: none
  };

  explicit Farewell(Parts parts);

  // What is to be sent now; nothing when all is said. Once for each answer.
  [[nodiscard]] std::optional<FarewellCall> next();
  void on_answer(const http::Answer& answer);

 private:
  [[nodiscard]] std::optional<FarewellCall> make(const std::string& endpoint) const;
  [[nodiscard]] bool needs_access(const std::string& endpoint) const;
  [[nodiscard]] bool may_renew() const;

  Parts parts_;
  std::vector<std::string> left_;     // endpoints that were not called yet, the next one last
  std::optional<std::string> asked_;  // what the answer is to
  bool has_renewed_ = false;
};

}  // namespace landfall::auth
