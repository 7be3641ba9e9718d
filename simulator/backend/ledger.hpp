#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "simulator/backend/options.hpp"

namespace landfall::backend {

// One operation that changed a document. Exactly one is expected for an operation id (INV-Q2).
struct Effect {
  std::string operation_id;
  EntityKey entity;
  std::string action;
  std::string user_id;
  std::string device_id;
  std::int64_t device_index =
      0;  // when this device first sent the id: 1, 2, … in order of first sight
  std::int64_t server_seq = 0;   // rises with every change of any document
  std::string bytes_hash;        // SHA-256 of the operation's bytes as they stood in the push
  std::string payload_hash;      // SHA-256 of the payload with sorted keys
  std::int64_t row_version = 0;  // the version it produced
  std::optional<std::int64_t> base_version = std::nullopt;
  std::optional<std::string> after = std::nullopt;
  Instant at;
};

// One operation in one push: what the server saw and what it answered.
struct Sighting {
  std::string operation_id;
  EntityKey entity;
  std::string device_id;
  std::int64_t request_number = 0;
  std::size_t position = 0;  // in its batch
  std::string bytes_hash;
  std::string answer;  // applied, conflict, rejected, retry; empty when the whole batch was refused
  bool replayed = false;
  Instant at;
};

// Something a correct phone never does.
struct Violation {
  std::string kind;  // id_reused, foreign_operation, file_before_operation
  std::string operation_id;
  std::string detail;
  Instant at;
};

struct ConflictRecord {
  std::string operation_id;
  EntityKey entity;
  std::string device_id;
  std::optional<std::int64_t> base_version = std::nullopt;
  std::optional<std::string> after = std::nullopt;
  std::int64_t current_version = 0;
  std::optional<std::string> produced_by =
      std::nullopt;  // the operation that made the current version
  std::optional<std::string> produced_by_device =
      std::nullopt;  // and the device that sent it (INV-Q16)
  Instant at;
};

enum class RefreshOutcome { rotated, repeated, refused };

struct RefreshDecision {
  std::string family_id;        // empty when the token is unknown
  std::int64_t generation = 0;  // of the token that was presented
  std::string device_id;
  std::string refresh_id;  // X-Refresh-Id, empty when absent
  RefreshMode mode = RefreshMode::grace;
  RefreshOutcome outcome = RefreshOutcome::refused;
  std::string reason;  // rotated, same_id, grace, until_used, or why it was refused
  Instant at;
};

// Two intents (two X-Refresh-Ids) for one token: the phone did not fly single (INV-A1, INV-A2).
struct ConcurrentRefresh {
  std::string family_id;
  std::int64_t generation = 0;
  std::string first_refresh_id;
  std::string second_refresh_id;
  Instant at;
};

struct Revocation {
  std::string family_id;
  std::string user_id;
  std::string device_id;
  std::string
      cause;  // reuse, device_mismatch, logout, login, or what the caller of revoke_family said
  Instant at;
};

// A photograph that is complete: all its bytes, with the hash that was announced. Exactly one is
// expected for an attachment's id.
struct StoredFile {
  std::string id;
  std::string operation_id;
  std::string user_id;
  std::string sha256;
  std::int64_t bytes = 0;
  Instant at;
};

// Somebody's connection to the hub, behind its handshake.
struct HubVisit {
  std::string user_id;
  bool has_come = false;  // or left, was let go of, or fell silent
  Instant at;
};

struct RequestRecord {
  std::int64_t number = 0;  // 1, 2, … in order of arrival
  std::string route;        // name in Routes, or "unknown"
  std::string request_id;   // X-Request-Id
  std::string device_id;    // X-Device-Id
  std::string family_id;    // of the access token, empty when there was none or it was refused
  std::int64_t generation = 0;
  int status = 0;
  std::string error_code;  // when the answer is a refusal
  Instant at;
};

// Everything the backend did, for the oracles. It is plain memory beside the database: it survives
// every crash of a phone, and a request that fails inside leaves no trace of effects it did not
// have.
class Ledger final {
 public:
  explicit Ledger(std::size_t records_max) : records_max_(records_max) {}

  [[nodiscard]] const std::vector<Effect>& effects() const { return effects_; }
  [[nodiscard]] const std::vector<Sighting>& sightings() const { return sightings_; }
  [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }
  [[nodiscard]] const std::vector<ConflictRecord>& conflicts() const { return conflicts_; }
  [[nodiscard]] const std::vector<RefreshDecision>& refreshes() const { return refreshes_; }
  [[nodiscard]] const std::vector<ConcurrentRefresh>& concurrent_refreshes() const {
    return concurrent_;
  }
  [[nodiscard]] const std::vector<Revocation>& revocations() const { return revocations_; }
  [[nodiscard]] const std::vector<StoredFile>& files() const { return files_; }
  [[nodiscard]] const std::vector<HubVisit>& hub_visits() const { return hub_visits_; }
  [[nodiscard]] const std::vector<RequestRecord>& requests() const { return requests_; }
  [[nodiscard]] const std::map<std::string, std::int64_t>& requests_by_route() const {
    return by_route_;
  }
  // Calls that came without a header that P-100 wants on every call, by header name.
  [[nodiscard]] const std::map<std::string, std::int64_t>& missing_headers() const {
    return missing_headers_;
  }
  // Records that were not kept because a list was full; an oracle must not trust a ledger with a
  // positive count.
  [[nodiscard]] std::int64_t dropped() const { return dropped_; }

  // The hash that a document had at a version (document_hash); nothing when that version never was.
  [[nodiscard]] std::optional<std::string> hash_at(const EntityKey& key,
                                                   std::int64_t row_version) const;
  // How many effects an operation id had, and the last of them; nullptr when none.
  [[nodiscard]] std::size_t effect_count(const std::string& operation_id) const;
  [[nodiscard]] const Effect* find_effect(const std::string& operation_id) const;

  void add(Effect effect);
  void add(Sighting sighting) { append(sightings_, std::move(sighting)); }
  void add(Violation violation) { append(violations_, std::move(violation)); }
  void add(ConflictRecord conflict) { append(conflicts_, std::move(conflict)); }
  void add(RefreshDecision decision) { append(refreshes_, std::move(decision)); }
  void add(ConcurrentRefresh observation) { append(concurrent_, std::move(observation)); }
  void add(Revocation revocation) { append(revocations_, std::move(revocation)); }
  void add(StoredFile file) { append(files_, std::move(file)); }
  void add(HubVisit visit) { append(hub_visits_, std::move(visit)); }
  void add(RequestRecord record);
  void add_version(const EntityKey& key, std::int64_t row_version, std::string hash);
  void add_missing_header(const std::string& name) { ++missing_headers_[name]; }

  // Remembers the bytes of an operation at first sight. False when the id was seen with other bytes
  // before.
  [[nodiscard]] bool remember_bytes(const std::string& operation_id, const std::string& bytes_hash);
  // The place of an operation among those that a device ever sent, starting at 1.
  [[nodiscard]] std::int64_t device_index(const std::string& device_id,
                                          const std::string& operation_id);

  // What a request may have to take back when its transaction fails.
  struct Mark {
    std::size_t effects = 0;
    std::size_t conflicts = 0;
    std::size_t refreshes = 0;
    std::size_t revocations = 0;
    std::size_t sightings = 0;
    std::size_t files = 0;
  };
  [[nodiscard]] Mark mark() const;
  void take_back(const Mark& mark);

 private:
  template <class T>
  void append(std::vector<T>& list, T record) {
    if (list.size() < records_max_) {
      list.push_back(std::move(record));
    } else {
      ++dropped_;
    }
  }

  std::size_t records_max_;
  std::int64_t dropped_ = 0;
  std::vector<Effect> effects_;
  std::vector<Sighting> sightings_;
  std::vector<Violation> violations_;
  std::vector<ConflictRecord> conflicts_;
  std::vector<RefreshDecision> refreshes_;
  std::vector<ConcurrentRefresh> concurrent_;
  std::vector<Revocation> revocations_;
  std::vector<StoredFile> files_;
  std::vector<HubVisit> hub_visits_;
  std::vector<RequestRecord> requests_;
  std::map<std::string, std::int64_t> by_route_;
  std::map<std::string, std::int64_t> missing_headers_;
  std::map<std::string, std::vector<std::size_t>> effects_by_id_;
  std::map<std::pair<EntityKey, std::int64_t>, std::string> versions_;
  std::map<std::string, std::string> bytes_by_id_;
  std::map<std::string, std::map<std::string, std::int64_t>> index_by_device_;
};

}  // namespace landfall::backend
