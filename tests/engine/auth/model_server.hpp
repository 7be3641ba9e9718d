#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"

namespace landfall::test {

// What a server does with a refresh token that was exchanged before (wire.md, "Tokens").
enum class RefreshMode { grace, until_used, strict };

[[nodiscard]] std::string_view to_string(RefreshMode mode);

// One family of tokens, as small as a server can be that still tells a retry from a theft.
class ModelServer final {
 public:
  explicit ModelServer(RefreshMode mode) : mode_(mode) {}

  // The body of a good login; starts the family.
  [[nodiscard]] std::string login();
  [[nodiscard]] http::Answer refresh(const http::ApiCall& call, Instant now);
  // Whether a call with this bearer token is accepted; a first use counts.
  [[nodiscard]] bool accepts(const std::string& bearer);

  // From now on access tokens up to the newest are refused, as if they had run out.
  void expire_access() { accepted_from_ = generations_.size(); }
  // A backup is restored: the newest generation was never issued.
  void forget_newest();
  void revoke() { revoked_ = true; }

  [[nodiscard]] int rotations() const { return rotations_; }
  [[nodiscard]] int alarms() const { return alarms_; }
  // The ids of all refresh calls that arrived, in order.
  [[nodiscard]] const std::vector<std::string>& refresh_ids() const { return refresh_ids_; }
  // Every token that was ever issued.
  [[nodiscard]] const std::vector<std::string>& issued() const { return issued_; }

 private:
  struct Generation {
    std::string access;
    std::string refresh;
    std::string exchanged_by;  // id of the refresh that made the next one
    Instant exchanged_at;
    bool used = false;
  };

  void issue();
  [[nodiscard]] http::Answer pair(std::size_t index) const;
  [[nodiscard]] bool may_repeat(std::size_t index, const std::string& id, Instant now) const;

  RefreshMode mode_;
  std::vector<Generation> generations_;
  std::size_t accepted_from_ = 0;
  bool revoked_ = false;
  int rotations_ = 0;
  int alarms_ = 0;
  std::vector<std::string> refresh_ids_;
  std::vector<std::string> issued_;
};

// Answers by hand.
[[nodiscard]] http::Answer respond(int status, std::string body, http::Headers headers = {});
[[nodiscard]] http::Answer fail_with(http::TransportFailure failure);
// What the reference backend says when a refresh token is no good.
[[nodiscard]] http::Answer refuse();
[[nodiscard]] http::Answer portal_page(int status);
[[nodiscard]] std::string pair_body(std::string_view access, std::string_view refresh,
                                    std::int64_t expires_in_s);

}  // namespace landfall::test
