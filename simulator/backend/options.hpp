#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/profile/attestation_rules.hpp"

namespace landfall::backend {

// What happens when a refresh token is presented after it was exchanged (wire.md, "Tokens").
enum class RefreshMode {
  grace,  // the previous token from the same device within kGraceWindow gets the same successor
  until_used,  // the token stays valid until its successor was first used
  strict       // one time only: any second use is theft
};

inline constexpr Duration kGraceWindow{30'000};

// Whose interface the backend speaks: how its logins are asked and answered, and who its users are.
enum class Dialect {
  prokure,    // P-6
  almafrica,
  // Users belong to organisations, whose stock they see, and pairs say when they end instead of how
  // long they live (I-11, I-28 to I-30).
  ims
};

// Where the backend listens. The defaults are ProKure's (P-6, P-18, P-90..97); another profile
// fills its own. A path may hold one `{id}`.
struct Routes {
  std::string login = "/api/auth/login";
  std::string logout = "/api/mobile/auth/logout";
  std::string refresh = "/api/mobile/auth/refresh";
  std::string biometric = "/api/mobile/auth/biometric";
  std::string biometric_register = "/api/mobile/auth/biometric/register";
  std::string me = "/auth/me";
  std::string pin_register = "/api/mobile/auth/pin";
  std::string device_register = "/api/mobile/device/register";
  std::string dashboard = "/api/mobile/dashboard";
  std::string approvals = "/api/mobile/approvals";
  std::string approve = "/api/mobile/approvals/{id}/approve";
  std::string reject = "/api/mobile/approvals/{id}/reject";
  std::string bulk = "/api/mobile/approvals/bulk";
  std::string update_pr = "/api/mobile/purchase-requests/{id}/update";  // P-93, of Tier 2
  std::string notifications = "/api/mobile/notifications";
  std::string push = "/api/mobile/sync/push";
  std::string receipts = "/api/mobile/sync/receipts";
  std::string pull = "/api/mobile/sync/pull";
  std::string health = "/api/mobile/health";
  std::string attachment_start = "/api/mobile/attachments";
  std::string attachment = "/api/mobile/attachments/{id}";
  std::string report_download = "/api/mobile/reports/{id}/download";
  std::string permissions_by_role = "/api/auth/my-permissions-by-role";
  std::string sign_up = "/auth/register";                                // I-2
  std::string unregister_device = "/notifications/unregister-device";    // I-26
  std::string hub = "/hubs/permissions";  // of the WebSocket; negotiation is at <hub>/negotiate
  std::string second_factor_login = "/api/auth/2fa/verify";
  std::string second_factor_send = "/api/auth/2fa/send";
  std::string second_factor_setup = "/api/user-management/2fa/setup";
  std::string second_factor_verify = "/api/user-management/2fa/verify";
  std::string second_factor_backup_codes = "/api/user-management/2fa/backup-codes";
  std::string second_factor_disable = "/api/user-management/2fa/disable";
};

// A role, what it allows by itself, and the role that it inherits from; empty: none.
struct Role {
  std::vector<std::string> rights;
  std::string parent;
};

// Of the seed users' roles.
[[nodiscard]] std::map<std::string, Role> default_roles();

struct BackendOptions {
  Routes routes;
  RefreshMode refresh_mode = RefreshMode::grace;
  Duration access_lifetime = std::chrono::minutes{15};     // P-7
  Duration refresh_lifetime = std::chrono::hours{24 * 7};  // P-8
  int receipt_days = 30;
  std::int64_t page_limit = 500;     // changes in one answer, whatever the caller asks for
  std::size_t operations_max = 500;  // operations in one push; more is a 413
  std::size_t bulk_max = 20;         // decisions in one bulk call (P-55); more is a 413
  std::size_t devices_max = 3;       // P-19
  std::size_t ledger_records_max =
      2'000'000;  // of each kind; what comes later is counted, not kept
  std::string
      minimum_app_version;  // P-101: X-App-Version below it gets 426; empty asks for nothing
  // P-101: said in X-Recommended-Version to whoever may still come in; empty recommends nothing.
  std::string recommended_app_version;
  std::string database_path = ":memory:";
  std::uint64_t seed = 1;    // of the seed data
  bool assigns_ids = false;  // to requisitions: a create is answered with `assigned_id`
  std::map<std::string, Role> roles = default_roles();
  // The right that an action needs, by "entity_type/action": who lacks it gets 403 for the push.
  std::map<std::string, std::string> rights;
  // Actions by "entity_type/action" that are decided with a signed attestation only (C-25), how its
  // members are called, and how old one may be: what was approved offline waits on the phone.
  std::set<std::string> attested;
  profile::AttestationFields attestation_fields;
  Duration attestation_age = std::chrono::hours{24 * 30};
  bool hub_text_plain = false;  // the negotiation is answered as text/plain, as old servers do
  Dialect dialect = Dialect::prokure;
  std::size_t refresh_token_bytes = 32;
  std::size_t login_failures_max = 0;  // wrong passwords that lock an account; zero: none do
  Duration login_lock = std::chrono::minutes{5};
  bool takes_gzip = true;     // bodies of requests; where it takes none they are met with 415
  bool allow_poison = false;  // payload {"poison":"400"|"500"} fails the whole batch
  Duration challenge_lifetime = std::chrono::minutes{5};  // of a login that waits for its code
  int challenge_status = 200;  // of the answer that asks for one; 4xx: in the error's details
  // the code 000000 is taken for every text message, none is sent, and each use is logged. A
  // database stays what it was made as: one that was made without is never opened with them, and
  // the other way round (C-24, INV-A15). It needs the log.
  bool development_codes = false;
  std::function<void(const std::string& line)> development_log;
};

// A fault that one operation brings over a push, chosen by a scenario.
struct PushFault {
  int fail_batch_status = 0;  // 400 or 500: the whole batch, before anything was decided
  bool busy = false;          // answered `retry` with `busy`, nothing stored
  std::optional<std::int64_t> retry_after_s = std::nullopt;
  bool omit_result = false;  // decided, but its result is left out of the answer
};

using PushHook = std::function<PushFault(const std::string& operation_id)>;

// A fault that one piece of an upload meets, chosen by a scenario or a world.
struct FileFault {
  std::optional<std::int64_t> keep_bytes = std::nullopt;  // of the piece, then a 500
  std::optional<std::int64_t> say_offset = std::nullopt;  // whatever is there
  bool find_mismatch = false;  // the content has another hash than was announced
};

using FileHook = std::function<FileFault(const std::string& attachment_id)>;

// The organisation of every seed user.
inline constexpr const char* kTenantId = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

// Somebody who can log in; the passwords of a reference backend are no secret.
struct SeedUser {
  std::string id;
  std::string email;
  std::string name;
  std::string password;
  std::vector<std::string> roles;
  std::string username = {};                       // logs in as well as the email does
  std::string account_id = {};                     // in the app's own data (A-10 `userId`)
  std::map<std::string, std::string> claims = {};  // beside roles, in access tokens
};

}  // namespace landfall::backend
