#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/random.hpp"
#include "engine/http/message.hpp"
#include "engine/sync/document.hpp"

namespace landfall::pull_test {

// The smallest server that speaks the pull of wire.md: a log of versions, where a document stands
// at the place of its last change. A cursor is "<epoch>:<place>"; cursors of an older epoch are
// expired, and tombstones of older epochs are gone with them.
class ModelServer final {
 public:
  // Creates, changes or deletes one of a few documents.
  void change(Random& random);
  [[nodiscard]] http::Answer pull(const std::string& body) const;
  // From now on all cursors made so far answer 410, and what is deleted is no longer named.
  void forget_cursors();

  // The documents that a device which stands at `cursor` must have, tombstones among them, each at
  // its version. What changed behind the cursor is not among them: the log names only the last
  // version of each.
  [[nodiscard]] std::map<EntityKey, std::int64_t> covered_by(const std::string& cursor) const;
  // Deleted before the epoch of the cursor began: a device that finished a pull there must not have
  // them.
  [[nodiscard]] std::vector<EntityKey> gone_before(const std::string& cursor) const;
  [[nodiscard]] bool is_at_end(const std::string& cursor) const;
  [[nodiscard]] std::map<EntityKey, std::int64_t> live() const;
  [[nodiscard]] bool ever_was(const EntityKey& entity, const sync::Document& document) const;
  // Some version of a document that still lives: what a verdict's entity may be.
  [[nodiscard]] std::optional<Json> any_version(Random& random) const;

 private:
  struct Version {
    std::int64_t place = 0;
    std::int64_t epoch = 0;
    std::int64_t row_version = 0;
    bool deleted = false;
  };

  [[nodiscard]] http::Answer refresh(const Json& documents) const;
  // Whether a tombstone was forgotten before that epoch.
  [[nodiscard]] static bool is_forgotten(const Version& version, std::int64_t epoch);
  [[nodiscard]] static Json to_wire(const EntityKey& entity, const Version& version);
  [[nodiscard]] std::map<std::int64_t, EntityKey> log_after(std::int64_t place) const;

  std::map<EntityKey, std::vector<Version>> versions_;
  std::int64_t last_place_ = 0;
  std::int64_t epoch_ = 1;
};

}  // namespace landfall::pull_test
