#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Reader;
}

namespace landfall::sync {

// What the server tells while a link is open (wire.md "Realtime"): the entity has this version now.
// It says nothing of what changed.
struct DataChanged {
  EntityKey entity;
  std::int64_t row_version = 0;
};

// What this device knows of the entity.
struct ChangeFacts {
  std::optional<std::int64_t> known_version;  // of the document, or of a verdict's entity
  bool awaits_answer = false;  // an operation of this device about it may have made the version
};

enum class ChangeVerdict {
  known,  // this version or a newer one is here
  echo,   // most likely one's own doing: the answer that is under way tells
  news    // somebody else's
};
[[nodiscard]] ChangeVerdict judge_change(const DataChanged& change, const ChangeFacts& facts);

// What the changes that were looked at ask for.
struct ChangesToAsk {
  bool pull = false;               // the scopes
  std::vector<EntityKey> refresh;  // documents on demand that are here and older

  [[nodiscard]] bool any() const { return pull || !refresh.empty(); }
};

// Decides when a DataChanged is worth a call: never for what is here already, and not for the echo
// of one's own operation, whose answer brings the same version. A burst is one pull: changes are
// gathered for limits::kChangesGatherMs, and while a page is under way they wait for its end,
// because it may have brought them. Each change leads to one call at most: what a pull does not
// bring is not for this device. A document on demand that is not here is asked for when somebody
// wants it.
//
// Bookkeeping only, and in memory only: whoever opens the partition anew pulls anyway.
class DataChanges final {
 public:
  // `profile` outlives it.
  explicit DataChanges(const Profile& profile) : profile_(&profile) {}

  void on_changed(const DataChanged& change, Instant now);

  // Looks at what waits, when it is time. `page_under_way`: a page of a scope was asked for and is
  // not answered. To be called at next_look_at, and behind whatever may have brought a version
  // here.
  [[nodiscard]] Result<ChangesToAsk> on_look(const store::Reader& reader, bool page_under_way,
                                             Instant now);

  [[nodiscard]] bool is_empty() const { return waiting_.empty() && !too_many_; }
  // Nothing: something else happens first, such as the end of a page.
  [[nodiscard]] std::optional<Instant> next_look_at() const { return next_look_at_; }

 private:
  struct Waiting {
    std::int64_t row_version = 0;
    Instant told_at;
  };
  enum class Fate { done, waits_for_page, waits_for_answer };

  [[nodiscard]] Result<Fate> look_at_one(const store::Reader& reader, const EntityKey& entity,
                                         const Waiting& waiting, bool page_under_way, Instant now,
                                         ChangesToAsk& ask) const;

  const Profile* profile_;
  std::map<EntityKey, Waiting> waiting_;
  bool too_many_ = false;  // to be told apart: all scopes are pulled
  std::optional<Instant> gather_until_;
  std::optional<Instant> next_look_at_;
};

}  // namespace landfall::sync
