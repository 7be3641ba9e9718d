#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/conflict/merge.hpp"
#include "engine/profile/entity.hpp"

namespace landfall::conflict {

// An operation as its user meant it.
struct Intent {
  const profile::Action* action = nullptr;  // of the profile; not null
  Json payload;
};

// An operation that met a newer document, and all that stands on it: what one user did to one
// document, in order. They are decided together, because what stands on a lost operation is lost
// with it unless it is made anew too.
struct Contest {
  std::optional<Json> base;  // the document's data that the user saw; nothing: not known
  Json theirs = Json::object();
  bool theirs_deleted = false;
  std::vector<Intent> intents;
  MergeTimes times;
};

enum class Verdict {
  merged,       // what is left of mine is sent anew
  keep_theirs,  // nothing of mine is left to send: the document stays as the server has it
  ask           // the user's word is needed
};

// Why a user is asked although no field is open.
enum class AskReason {
  none,
  field,    // a field is open
  confirm,  // the profile lets nobody but the user send this action anew
  whole,    // one side made the document or takes it away: there are no fields to merge
  unfit,    // what is left cannot be said with the action: a field that it requires is gone
  repeated  // it was merged and met a conflict again, too often for nobody to look
};
[[nodiscard]] std::string_view to_string(AskReason reason) noexcept;

struct Resolution {
  Verdict verdict = Verdict::ask;
  AskReason reason = AskReason::none;
  MergeResult merge;  // `open` holds what matters to the intents that are left
  // One an intent: the payload that is sent in its place; nothing when nothing of it is left.
  std::vector<std::optional<Json>> payloads;
};

// What the user sees of a contest: the document with their intents laid over it.
[[nodiscard]] Json mine_of(const Contest& contest);

// What the profile's rules make of a contest. Pure. An intent whose constants did not win is not
// sent: approving what was rejected is no comment. `choices` are the user's; with `has_word` the
// user has spoken and is not asked again for anything but an open field.
[[nodiscard]] Resolution resolve(const profile::ConflictPolicy& policy, const Contest& contest,
                                 const Choices& choices = {}, bool has_word = false);

}  // namespace landfall::conflict
