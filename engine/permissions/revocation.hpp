#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"
#include "engine/http/repeated_call.hpp"
#include "engine/permissions/permission_set.hpp"
#include "engine/permissions/permission_update.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Sealer;
class Transaction;
}  // namespace landfall::store

namespace landfall::permissions {

// Rights were taken away.
struct Revoked {
  std::vector<std::string> permissions;
  Instant at;
  // The session ends then at the latest, because forms are open; nothing: at once, or not at all.
  std::optional<Instant> logout_by;
  bool ends_session = false;
};

// The question for the rights by role, with the number that pairs it with its answer.
struct RolesCall {
  std::uint64_t number = 0;
  http::ApiCall call;
};

// What a step asks of the outside, to be carried out after its commit.
struct RevocationEffects {
  bool changed = false;            // whoever needs a right looks again
  std::optional<Revoked> revoked;  // tell the host
  bool logout = false;
  std::optional<RolesCall> ask_roles;
  std::optional<Instant> wake_at;  // replaces the machine's one timer
  std::optional<Error> ignored;    // a message that was no good, or is for somebody else
};

// The user's rights as a machine: keeps what the login, the hub and the server's answers say, finds
// what was taken away, and ends the session for it as soon as no form is open, within the profile's
// `defer_max_s` (A-41 to, INV-A11). A logout that is owed is durable, and is
// carried out at the next open if the process dies before it. An answer that was decided before
// the hub spoke gives nothing back: it is asked for again. A question that failed changes nothing
// and is repeated after a while.
//
// A step that fails leaves the machine unusable. One thread.
class Revocation final {
 public:
  struct Parts {
    const Profile& profile;  // has the section `permissions`
    store::Sealer& outbox_key;
    std::string user_id;
    http::RepeatLedger& repeats;  // of the device; outlives the machine
  };

  explicit Revocation(Parts parts)
      : parts_(std::move(parts)), roles_calls_(parts_.repeats, http::RepeatRank::news) {}

  // `forms`: how many are open, as the process knows it. `login`: the partition opens because of
  // it. What cannot be read is forgotten, and the server is asked. Rights that are known are
  // `changed`: whoever wrote them may have ended before it could tell. Durable.
  [[nodiscard]] Result<RevocationEffects> on_open(store::Transaction& tx, std::size_t forms,
                                                  const std::optional<Granted>& login, Instant now);
  // A login: nothing that was before is owed any more. Durable.
  [[nodiscard]] Result<RevocationEffects> on_login(store::Transaction& tx, const Granted& granted,
                                                   Instant now);
  // A refresh said it beside the new tokens. Durable.
  [[nodiscard]] Result<RevocationEffects> on_refreshed(store::Transaction& tx,
                                                       const Granted& granted, Instant now);
  // `PermissionsUpdated`. Durable.
  [[nodiscard]] Result<RevocationEffects> on_update(store::Transaction& tx, const Json& arguments,
                                                    Instant now);
  [[nodiscard]] Result<RevocationEffects> on_roles(store::Transaction& tx, std::uint64_t number,
                                                   const http::Answer& answer, Instant now);

  // The hub is there again, or a call met 403: the server is asked what holds.
  [[nodiscard]] RevocationEffects on_wanted(Instant now);
  // A network that returns ends the wait behind a failure, but for the 5 s between two sends.
  [[nodiscard]] RevocationEffects on_ready(bool reachable, bool authenticated, Instant now);
  [[nodiscard]] RevocationEffects on_forms(std::size_t open, Instant now);
  [[nodiscard]] RevocationEffects on_wake(Instant now);

  [[nodiscard]] const PermissionSet& set() const { return set_; }
  // When the logout that is owed happens at the latest; nothing when none is.
  [[nodiscard]] std::optional<Instant> logout_by() const;

 private:
  using Rights = std::set<std::string, std::less<>>;

  [[nodiscard]] Result<RevocationEffects> keep(store::Transaction& tx, const PermissionSet& before,
                                               RevocationEffects effects, Instant now);
  void take_login(const Granted& granted);
  [[nodiscard]] RevocationEffects compare(const PermissionSet& before, Instant now);
  [[nodiscard]] bool is_due(Instant now) const;
  void look_at_roles(const http::Answer& answer, Instant now);
  void take_roles(RoleMap by_role);
  void want_roles();
  void proceed(RevocationEffects& effects, Instant now);

  Parts parts_;
  PermissionSet set_;
  std::size_t forms_ = 0;
  bool reachable_ = false;
  bool authenticated_ = false;
  bool wants_roles_ = false;
  bool is_outdated_ = false;  // what is asked for now was decided before the hub spoke
  std::optional<std::uint64_t> asked_;
  std::uint64_t asks_ = 0;
  Instant ask_again_at_;
  std::size_t failures_ = 0;  // in a row
  Instant failed_at_;         // the last of them
  http::RepeatedCall roles_calls_;
};

}  // namespace landfall::permissions
