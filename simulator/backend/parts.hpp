#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/http/gzip.hpp"
#include "simulator/backend/accounts.hpp"
#include "simulator/backend/attestations.hpp"
#include "simulator/backend/backend.hpp"
#include "simulator/backend/biometrics.hpp"
#include "simulator/backend/database.hpp"
#include "simulator/backend/document_store.hpp"
#include "simulator/backend/files.hpp"
#include "simulator/backend/hub.hpp"
#include "simulator/backend/ledger.hpp"
#include "simulator/backend/login_challenges.hpp"
#include "simulator/backend/login_failures.hpp"
#include "simulator/backend/pins.hpp"
#include "simulator/backend/pull.hpp"
#include "simulator/backend/push.hpp"
#include "simulator/backend/receipts.hpp"
#include "simulator/backend/role_book.hpp"
#include "simulator/backend/route_table.hpp"
#include "simulator/backend/second_factors.hpp"
#include "simulator/backend/sms_codes.hpp"
#include "simulator/backend/tokens.hpp"

namespace landfall::backend {

// A backend from the inside: one transaction around each request, and the way from a route to who
// answers it. What throws here is SQLite; `handle` is the boundary.
class Backend::Parts final {
 public:
  Parts(BackendOptions options, SecureRandom& random, Instant now);

  [[nodiscard]] http::Response handle(const http::Request& request, Instant now);

  // Runs `change` as one transaction, for what happens beside the requests.
  template <class Change>
  auto in_transaction(Change change) {
    database.begin();
    try {
      auto result = change();
      database.commit();
      tell_written();
      return result;
    } catch (...) {
      database.rollback();
      documents.reload();
      throw;
    }
  }

  // The hub, beside the requests: a socket with its token, and what an administrator changes.
  [[nodiscard]] HubOpening open_hub(const http::Request& request, Instant now);
  void change_role(const std::string& role, const std::string& right, bool granted, Instant now);

  BackendOptions options;
  Ledger ledger;
  BackendDatabase database;
  DocumentStore documents;
  Accounts accounts;
  Biometrics biometrics;
  Pins pins;
  LoginFailures login_failures;
  JwtKey jwt_key;
  Tokens tokens;
  Receipts receipts;
  Files files;
  Attestations attestations;
  Push push;
  Pull pull;
  RoleBook roles;
  Hub hub;
  Random world;  // what other people do
  SecondFactors second_factors;
  LoginChallenges challenges;
  SmsCodes sms_codes;

 private:
  // One request on its way.
  struct Call {
    const http::Request& request;
    Instant now;
    std::int64_t number = 0;
    RouteMatch match;
    Caller caller;
  };

  void seed(Instant now);
  [[nodiscard]] http::Response decide(const http::Request& request, Instant now);
  void tell_written();
  [[nodiscard]] http::Response permissions_by_role(const Caller& caller);
  [[nodiscard]] http::Response negotiate(const Call& call, const Caller& caller);
  [[nodiscard]] std::optional<http::Response> refuse_rights(const Call& call, const Caller& caller);
  [[nodiscard]] std::string secret(const std::string& name, SecureRandom& random);
  [[nodiscard]] http::Response answer(Call& call);
  [[nodiscard]] http::Response dispatch(const Call& call, const Caller& caller);
  [[nodiscard]] http::Response login(const Call& call);
  // What somebody who has proven who they are gets.
  [[nodiscard]] http::Response welcome(const User& user, const std::string& device_id, Instant now);
  [[nodiscard]] http::Response refresh(const Call& call);
  // Almafrica's way (parts_accounts.cpp).
  [[nodiscard]] http::Response login_by_account(const Call& call);
  [[nodiscard]] http::Response with_account(http::Response pair);
  [[nodiscard]] std::string account_members(const User& user);
  [[nodiscard]] http::Response logout(const Call& call);
  // The user that a password or, in PIN mode, a PIN proves; or the refusal.
  [[nodiscard]] tl::expected<User, http::Response> proven(const Json& body,
                                                          const std::string& device_id,
                                                          Instant now);
  [[nodiscard]] http::Response register_pin(const Call& call, const Caller& caller);
  [[nodiscard]] http::Response login_by_biometric(const Call& call);
  [[nodiscard]] http::Response register_biometric(const Call& call, const Caller& caller);
  [[nodiscard]] static std::optional<http::Response> refuse_device(const Json& body);
  [[nodiscard]] http::Response register_device(const Call& call, const Caller& caller);
  [[nodiscard]] http::Response act(const Call& call, const Caller& caller, const char* type,
                                   const char* action);
  [[nodiscard]] std::optional<http::Response> refuse_headers(const Call& call);

  // The second factor (parts_second_factor.cpp). What a login is answered with instead of tokens,
  // if its user has one.
  [[nodiscard]] std::optional<http::Response> challenge(const User& user,
                                                        const std::string& device_id, Instant now);
  [[nodiscard]] std::optional<http::Response> answer_factor(const Call& call);
  [[nodiscard]] http::Response login_by_factor(const Call& call);
  [[nodiscard]] http::Response send_factor_code(const Call& call);
  [[nodiscard]] std::optional<SecondFactors::Verdict> judge_factor(const std::string& user_id,
                                                                   const std::string& method,
                                                                   const std::string& code,
                                                                   Instant now);
  [[nodiscard]] http::Response wrong_factor(const std::string& token,
                                            SecondFactors::Verdict verdict);
  [[nodiscard]] http::Response manage_factor(const Call& call, const Caller& caller);
  [[nodiscard]] http::Response set_up_factor(const Caller& caller, const Json& body);
  [[nodiscard]] http::Response enable_factor(const Caller& caller, const std::string& code,
                                             Instant now);

  [[nodiscard]] http::Response me(const Caller& caller);
  // The caller as their organisation's documents know them, or the refusal.
  [[nodiscard]] tl::expected<Caller, http::Response> in_organisation(const Call& call,
                                                                     const Caller& caller) const;

  SecureRandom& random_;
  RouteTable routes_;
  http::Compressor compressor_;  // of answers
  http::Decompressor decompressor_;
  std::int64_t request_count_ = 0;
};

}  // namespace landfall::backend
