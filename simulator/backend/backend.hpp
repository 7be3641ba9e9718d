#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/ids.hpp"
#include "engine/base/random.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/http/message.hpp"
#include "simulator/backend/document.hpp"
#include "simulator/backend/hub.hpp"
#include "simulator/backend/ledger.hpp"
#include "simulator/backend/options.hpp"
#include "simulator/backend/sms_codes.hpp"

namespace landfall::backend {

// What becomes of a WebSocket's upgrade: a number for the connection, or an answer instead.
struct HubOpening {
  std::optional<std::uint64_t> connection;
  http::Response refusal;
};

// The reference backend of ProKure: what wire.md promises, as a function of a request and an
// instant. It has no clock, no thread and no socket; its state is its own SQLite database, and
// everything it did is in its ledger. Two backends with equal options, the same random stream and
// the same calls answer the same bytes.
//
// Each request is one transaction. A request that cannot be understood is a 400 with the error
// shape, never a crash. One thread at a time.
class Backend final {
 public:
  // `random` must outlive the backend; ids and tokens are drawn from it. The seed data is written
  // at the first open of a database, with `now` as its age. Errors: backend.database (it cannot be
  // opened or is no backend's), backend.configuration (it has served, and lacks a secret, A-18),
  // backend.development_codes (BackendOptions says when).
  [[nodiscard]] static Result<std::unique_ptr<Backend>> open(BackendOptions options,
                                                             SecureRandom& random, Instant now);
  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  [[nodiscard]] http::Response handle(const http::Request& request, Instant now);

  // --- The hub (wire.md, "Realtime"). Whoever carries its sockets asks for what it says after each
  // call of this class, and when next_hub_wake is reached. ---
  [[nodiscard]] HubOpening open_hub(const http::Request& upgrade, Instant now);
  void hear_hub(std::uint64_t connection, std::string_view text, Instant now);
  void leave_hub(std::uint64_t connection, Instant now);
  [[nodiscard]] std::vector<HubOutput> take_hub_output(Instant now);
  [[nodiscard]] std::optional<Instant> next_hub_wake() const;
  // Every connection of a user is closed, with the message that says whether they may come again.
  void send_away(const std::string& user_id, bool allow_reconnect);

  // --- What the world looks at ---
  [[nodiscard]] const Ledger& ledger() const;
  [[nodiscard]] const BackendOptions& options() const;
  [[nodiscard]] static const std::vector<SeedUser>& seed_users(Dialect dialect = Dialect::prokure);
  // Tombstones are found too.
  [[nodiscard]] std::optional<Document> find_document(const EntityKey& key);
  // Every document and tombstone, ordered by key.
  [[nodiscard]] std::vector<Document> documents();
  // What a full pull of `tier1` names for a user, ordered by key.
  [[nodiscard]] std::vector<Document> tier1_documents(const std::string& user_id);
  // Status and result of an operation as it would be replayed; nothing when it has no receipt at
  // `now`.
  [[nodiscard]] std::optional<std::string> find_receipt(const std::string& operation_id,
                                                        Instant now);

  // --- What somebody else does. Each is one change of a document with a new row_version. Errors:
  // document.missing,
  //     approval.not_pending. They return the new version. ---
  [[nodiscard]] Result<std::int64_t> approve_as_other(const std::string& approval_id, Instant now);
  // A JSON merge patch over `data`.
  [[nodiscard]] Result<std::int64_t> edit_as_other(const EntityKey& key,
                                                   const nlohmann::json& patch, Instant now);
  [[nodiscard]] Result<std::int64_t> delete_as_other(const EntityKey& key, Instant now);
  // A new pending approval for a user (the first seed user when none is named); returns its id.
  std::string create_approval(Instant now, const std::string& user_id = "");

  // --- What an administrator or the passing of time does ---
  // Every access token issued so far to this user is refused from now on: the next call is a real
  // 401.
  void revoke_access_tokens(const std::string& user_id);
  // A role allows a right from now on, or does not: the hub tells everybody who has it.
  void grant(const std::string& role, const std::string& right, Instant now);
  void revoke(const std::string& role, const std::string& right, Instant now);
  // What a user may do, by all roles together, sorted.
  [[nodiscard]] std::vector<std::string> rights_of(const std::string& user_id);
  // The family of a device's session ends; false when there is none alive.
  bool revoke_family(const std::string& user_id, const std::string& device_id,
                     const std::string& cause, Instant now);
  // Tombstones are forgotten; every cursor that is older than this moment is answered with 410
  // CURSOR_EXPIRED.
  void purge_history();
  void set_refresh_mode(RefreshMode mode);
  // P-101: versions below get 426; empty asks for nothing.
  void set_minimum_app_version(std::string version);
  void set_recommended_app_version(std::string version);
  // P-19: a device's place is free again, as when its user gives it away; false when it had none.
  bool forget_device(const std::string& user_id, const std::string& device_id);
  // What a device said of itself when it was registered; nothing when the user has no such device.
  [[nodiscard]] std::optional<std::string> device_details(const std::string& user_id,
                                                          const std::string& device_id);
  // Faults by operation id; an empty function takes them away.
  void set_push_hook(PushHook hook);
  // Faults by attachment id, asked for each piece; likewise.
  void set_file_hook(FileHook hook);
  // Who carries text messages from now on; without one each is carried.
  void set_sms_sink(SmsSink sink);
  // What somebody reads on the phone with that number; nothing: no message went there.
  [[nodiscard]] std::optional<Sms> last_sms(const std::string& phone_number) const;

 private:
  class Parts;
  explicit Backend(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace landfall::backend
