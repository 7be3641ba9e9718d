#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/auth/token_lifecycle.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/database.hpp"
#include "engine/store/sealer.hpp"
#include "tests/engine/store/store_fixture.hpp"

namespace landfall::test {

inline constexpr Instant kStart{1'800'000'000'000};
inline constexpr const char* kUser = "u-1";

// ProKure's profile as it is shipped.
[[nodiscard]] Profile shipped_profile();

// The pair in the body of an answer that has no headers.
[[nodiscard]] Result<auth::TokenPair> pair_in(const Profile& profile, std::string_view endpoint,
                                              std::string body);

// A phone with a real device.db: the token machine, the file under it, and a process that can die
// between any two steps. The key outlives the process, as in a keychain.
class Phone final {
 public:
  explicit Phone(Profile profile = shipped_profile());

  // Logs in with the body of a login's answer and remembers the effects.
  auth::TokenEffects login(const std::string& body, Instant now);

  // Runs one step in a durable transaction: `[](TokenLifecycle& machine, Transaction& tx)`. Fails
  // the test on an error.
  template <class Step>
  auth::TokenEffects step(Step run) {
    auto effects = device_->write("test.step", store::Durability::durable,
                                  [&](store::Transaction& tx) { return run(*machine_, tx); });
    require(effects);
    return std::move(*effects);
  }

  // The same step, but the process dies before its commit is whole.
  template <class Step>
  void torn_step(Step run) {
    (void)device_->write("test.torn", store::Durability::durable,
                         [&](store::Transaction& tx) -> Result<auth::TokenEffects> {
                           require(run(*machine_, tx));
                           return failure(ErrorClass::internal, "test.torn",
                                          "the process died here");
                         });
    die();
  }

  auth::TokenEffects rejected(std::int64_t generation, Instant now);
  auth::TokenEffects accepted(std::int64_t generation);
  auth::TokenEffects answered(std::int64_t attempt, const http::Answer& answer, Instant now);
  auth::TokenEffects woken(Instant now);
  auth::TokenEffects edge(Instant now);
  auth::TokenEffects needed(Instant now);
  auth::TokenEffects cleared();

  // Everything in memory is gone.
  void die();
  // A new process opens the same file.
  Result<auth::TokenEffects> try_start(Instant now);
  auth::TokenEffects start(Instant now);

  [[nodiscard]] auth::TokenLifecycle& machine() { return *machine_; }
  [[nodiscard]] store::Database& device() { return *device_; }
  [[nodiscard]] store::Sealer& key() { return *key_; }
  [[nodiscard]] const Profile& profile() const { return profile_; }
  // All bytes of the database and its log.
  [[nodiscard]] std::string file_bytes() const;
  [[nodiscard]] std::string path() const { return directory_.file("device.db"); }

 private:
  static void require(const Result<auth::TokenEffects>& effects);
  void boot();

  Profile profile_;
  TemporaryDirectory directory_;
  SeededSecureRandom random_;
  std::unique_ptr<store::Sealer> key_;
  std::unique_ptr<store::Database> device_;
  http::RepeatBudget repeats_;
  std::unique_ptr<auth::TokenLifecycle> machine_;
};

// The bearer token to stamp with; fails the test when there is none.
[[nodiscard]] auth::AccessToken bearer(const auth::TokenLifecycle& machine);

// The id that a refresh call carries.
[[nodiscard]] std::string refresh_id(const auth::TokenEffects& effects);

}  // namespace landfall::test
