#include "engine/conflict/resolve.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/conflict/exact_json.hpp"
#include "engine/sync/overlay.hpp"

namespace landfall::conflict {
namespace {

using profile::ActionKind;

// Absent and null say the same of a document's field.
bool says_the_same(const Json* a, const Json* b) {
  const bool a_nothing = a == nullptr || a->is_null();
  const bool b_nothing = b == nullptr || b->is_null();
  if (a_nothing || b_nothing) return a_nothing == b_nothing;
  return is_same(*a, *b);
}

// There are no fields to merge where one side makes the document or takes it away.
bool is_whole(const Contest& contest) {
  return contest.theirs_deleted ||
         std::any_of(contest.intents.begin(), contest.intents.end(), [](const Intent& intent) {
           return intent.action->overlay.remove || intent.action->kind == ActionKind::create;
         });
}

Resolution resolve_whole(const profile::ConflictPolicy& policy, const Contest& contest,
                         bool has_word) {
  Resolution resolution;
  resolution.merge.document = contest.theirs;
  const bool creates =
      std::any_of(contest.intents.begin(), contest.intents.end(),
                  [](const Intent& intent) { return intent.action->kind == ActionKind::create; });
  const bool is_mine_possible = !contest.theirs_deleted && !creates;
  resolution.payloads.resize(contest.intents.size());
  if (!is_mine_possible || (!has_word && policy.otherwise == profile::FieldRule::server)) {
    resolution.verdict = Verdict::keep_theirs;
    return resolution;
  }
  for (std::size_t i = 0; i < contest.intents.size(); ++i) {
    resolution.payloads[i] = contest.intents[i].payload;
  }
  if (has_word) {
    resolution.verdict = Verdict::merged;
  } else {
    resolution.reason = AskReason::whole;
  }
  return resolution;
}

class FieldContest final {
 public:
  FieldContest(const Contest& contest, Resolution& resolution)
      : contest_(contest), resolution_(resolution), mine_(mine_of(contest)) {}

  void fill_payloads() {
    for (std::size_t i = 0; i < contest_.intents.size(); ++i) {
      resolution_.payloads.push_back(left_of(i));
    }
  }

  // Open fields that nobody would send are no question.
  void drop_idle_questions() {
    std::set<std::string> touched;
    for (std::size_t i = 0; i < contest_.intents.size(); ++i) {
      if (is_lost(contest_.intents[i])) continue;
      for (const auto& item : contest_.intents[i].payload.items()) touched.insert(item.key());
      const Json* set = contest_.intents[i].action->overlay.set.get();
      if (set == nullptr) continue;
      for (const auto& item : set->items()) touched.insert(item.key());
    }
    std::erase_if(resolution_.merge.open,
                  [&](const OpenConflict& open) { return !touched.contains(top_of(open.field)); });
  }

  // An action requires a field of which nothing fit is left.
  [[nodiscard]] bool is_unfit() const { return is_unfit_; }

 private:
  // The name of the document's own field that a path begins with.
  static std::string top_of(const std::string& path) {
    std::string name;
    for (std::size_t i = 0; i < path.size() && path[i] != '.'; ++i) {
      if (path[i] == '\\' && i + 1 < path.size()) ++i;
      name += path[i];
    }
    return name;
  }

  // A constant of the action lost: the document does not end up where the action would put it.
  [[nodiscard]] bool is_lost(const Intent& intent) const {
    const Json* set = intent.action->overlay.set.get();
    if (set == nullptr) return false;
    for (const auto& item : set->items()) {
      const bool won = says_the_same(member(&resolution_.merge.document, item.key()),
                                     member(&mine_, item.key()));
      if (!won && !is_open(item.key())) return true;
    }
    return false;
  }

  [[nodiscard]] bool is_open(const std::string& name) const {
    return std::any_of(resolution_.merge.open.begin(), resolution_.merge.open.end(),
                       [&](const OpenConflict& open) { return top_of(open.field) == name; });
  }

  // Of the constants: one at least that the server does not have already.
  [[nodiscard]] bool still_sets(const Intent& intent) const {
    const Json* set = intent.action->overlay.set.get();
    if (set == nullptr) return false;
    return std::any_of(set->items().begin(), set->items().end(), [&](const auto& item) {
      return !says_the_same(&item.value(), member(&contest_.theirs, item.key()));
    });
  }

  [[nodiscard]] bool is_written_later(std::size_t index, const std::string& name) const {
    for (std::size_t i = index + 1; i < contest_.intents.size(); ++i) {
      if (contest_.intents[i].payload.contains(name)) return true;
    }
    return false;
  }

  // What of one intent the server does not have yet and shall have.
  [[nodiscard]] std::optional<Json> left_of(std::size_t index) {
    const Intent& intent = contest_.intents[index];
    const profile::Action& action = *intent.action;
    if (is_lost(intent)) return std::nullopt;
    if (!action.overlay.merge) {
      const bool shows_nothing = action.overlay.set == nullptr;
      if (shows_nothing || still_sets(intent)) return intent.payload;
      return std::nullopt;
    }
    Json payload = Json::object();
    bool changes = still_sets(intent);
    for (const auto& item : intent.payload.items()) {
      const Json* merged = member(&resolution_.merge.document, item.key());
      const bool is_new = !says_the_same(merged, member(&contest_.theirs, item.key()));
      const auto declared = action.payload.find(item.key());
      const bool required = declared != action.payload.end() && declared->second.required;
      changes = changes || is_new;
      if (!is_new && !required) continue;
      if (is_new && is_written_later(index, item.key())) {
        payload[item.key()] = item.value();
      } else {
        payload[item.key()] = merged == nullptr ? Json() : *merged;
      }
    }
    if (!changes) return std::nullopt;
    is_unfit_ = is_unfit_ || !profile::check_payload(action, payload);
    return payload;
  }

  const Contest& contest_;
  Resolution& resolution_;
  const Json mine_;
  bool is_unfit_ = false;
};

bool must_confirm(const profile::ConflictPolicy& policy, const Contest& contest,
                  const Resolution& resolution) {
  for (std::size_t i = 0; i < contest.intents.size(); ++i) {
    const profile::Action& action = *contest.intents[i].action;
    if (!resolution.payloads[i]) continue;
    // Of an action that shows nothing nobody can tell whether it meets what others changed.
    const bool shows_nothing = !action.overlay.merge && action.overlay.set == nullptr;
    if (policy.confirm.contains(action.name) || shows_nothing) return true;
    if (action.kind == ActionKind::commutative) return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(AskReason reason) noexcept {
  switch (reason) {
    case AskReason::none:
      return "";
    case AskReason::field:
      return "field";
    case AskReason::confirm:
      return "confirm";
    case AskReason::whole:
      return "whole";
    case AskReason::unfit:
      return "unfit";
    case AskReason::repeated:
      return "repeated";
  }
  return "";
}

Json mine_of(const Contest& contest) {
  Json mine = contest.base ? *contest.base : contest.theirs;
  for (const Intent& intent : contest.intents) {
    sync::lay_fields(mine, *intent.action, intent.payload);
  }
  return mine;
}

Resolution resolve(const profile::ConflictPolicy& policy, const Contest& contest,
                   const Choices& choices, bool has_word) {
  if (is_whole(contest)) return resolve_whole(policy, contest, has_word);
  Resolution resolution;
  const Json mine = mine_of(contest);
  resolution.merge =
      merge(policy, {contest.base ? &*contest.base : nullptr, &mine, &contest.theirs},
            contest.times, choices);
  FieldContest fields(contest, resolution);
  fields.drop_idle_questions();
  fields.fill_payloads();
  const bool is_left = std::any_of(resolution.payloads.begin(), resolution.payloads.end(),
                                   [](const auto& payload) { return payload.has_value(); });
  if (!resolution.merge.open.empty()) {
    resolution.reason = AskReason::field;
  } else if (!is_left) {
    resolution.verdict = Verdict::keep_theirs;
  } else if (fields.is_unfit()) {
    resolution.reason = AskReason::unfit;
  } else if (!has_word && must_confirm(policy, contest, resolution)) {
    resolution.reason = AskReason::confirm;
  } else {
    resolution.verdict = Verdict::merged;
  }
  return resolution;
}

}  // namespace landfall::conflict
