#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "simulator/backend/accounts.hpp"
#include "simulator/backend/backend.hpp"
#include "simulator/backend/biometrics.hpp"
#include "simulator/backend/database.hpp"
#include "simulator/backend/document_store.hpp"
#include "simulator/backend/files.hpp"
#include "simulator/backend/ledger.hpp"
#include "simulator/backend/pins.hpp"
#include "simulator/backend/pull.hpp"
#include "simulator/backend/push.hpp"
#include "simulator/backend/receipts.hpp"
#include "simulator/backend/route_table.hpp"
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
      return result;
    } catch (...) {
      database.rollback();
      documents.reload();
      throw;
    }
  }

  BackendOptions options;
  Ledger ledger;
  BackendDatabase database;
  DocumentStore documents;
  Accounts accounts;
  Biometrics biometrics;
  Pins pins;
  JwtKey jwt_key;
  Tokens tokens;
  Receipts receipts;
  Files files;
  Push push;
  Pull pull;
  Random world;  // what other people do

 private:
  struct Call;  // one request on its way

  void seed(Instant now);
  [[nodiscard]] std::string secret(const std::string& name, SecureRandom& random);
  [[nodiscard]] http::Response answer(Call& call);
  [[nodiscard]] http::Response dispatch(const Call& call, const Caller& caller);
  [[nodiscard]] http::Response login(const Call& call);
  [[nodiscard]] http::Response refresh(const Call& call);
  [[nodiscard]] http::Response logout(const Call& call);
  // The user that a password or, in PIN mode, a PIN proves; or the refusal.
  [[nodiscard]] tl::expected<User, http::Response> proven(const Json& body,
                                                          const std::string& device_id,
                                                          Instant now);
  [[nodiscard]] http::Response register_pin(const Call& call, const Caller& caller);
  [[nodiscard]] http::Response login_by_biometric(const Call& call);
  [[nodiscard]] http::Response register_biometric(const Call& call, const Caller& caller);
  [[nodiscard]] http::Response register_device(const Call& call, const Caller& caller);
  [[nodiscard]] http::Response act(const Call& call, const Caller& caller, const char* action);
  [[nodiscard]] std::optional<http::Response> refuse_headers(const Call& call);

  RouteTable routes_;
  std::int64_t request_count_ = 0;
};

}  // namespace landfall::backend
