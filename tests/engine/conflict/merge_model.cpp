#include "tests/engine/conflict/merge_model.hpp"

#include <set>
#include <vector>

#include <nlohmann/json.hpp>

namespace landfall::conflict::model {
namespace {

bool is_number(const Field& field) {
  return field && field->find_first_not_of("-0123456789") == std::string::npos;
}
bool is_list(const Field& field) { return field && field->front() == '['; }
bool is_nothing(const Field& field) { return !field || *field == "null"; }

int place_of(const Field& field) {
  for (int i = 0; i < 3; ++i) {
    if (field == kStates[i]) return i;
  }
  return -1;
}

std::vector<std::string> items_of(const Field& field) {
  std::vector<std::string> items;
  if (!is_list(field)) return items;
  for (const auto& item : Json::parse(*field)) items.push_back(item.dump());
  return items;
}

// An item is in or out; whoever changed that is heard.
Field united(const Field& base, const Field& mine, const Field& theirs) {
  const auto b = items_of(base), m = items_of(mine), t = items_of(theirs);
  const auto has = [](const std::vector<std::string>& list, const std::string& item) {
    for (const auto& other : list) {
      if (other == item) return true;
    }
    return false;
  };
  std::vector<std::string> all = t;
  all.insert(all.end(), m.begin(), m.end());
  std::set<std::string> seen;
  std::string text;
  for (const auto& item : all) {
    if (!seen.insert(item).second) continue;
    const bool in_base = has(b, item);
    const bool flipped = has(m, item) != in_base || has(t, item) != in_base;
    if (in_base != flipped) text += (text.empty() ? "" : ",") + item;
  }
  return "[" + text + "]";
}

}  // namespace

std::optional<Field> merge_field(const std::string& rule, const Field& base, const Field& mine,
                                 const Field& theirs, bool mine_is_newer) {
  if (mine == base) return theirs;
  const bool ordered = place_of(mine) >= 0 && place_of(theirs) >= 0;
  if (theirs == base) {
    if (rule != "forward_only" || is_nothing(theirs)) return mine;
    if (!ordered) return std::nullopt;
    return place_of(mine) > place_of(theirs) ? mine : theirs;
  }
  if (is_nothing(mine) && is_nothing(theirs)) return theirs;
  const bool numbers = is_number(mine) && is_number(theirs);
  if (rule == "sum_delta" && numbers && (is_number(base) || is_nothing(base))) {
    const int from = is_number(base) ? std::stoi(*base) : 0;
    return std::to_string(std::stoi(*theirs) + std::stoi(*mine) - from);
  }
  if (rule == "sum_delta" && numbers) return std::nullopt;
  if (mine == theirs) return theirs;
  if (rule == "server") return theirs;
  if (rule == "mine") return mine;
  if (rule == "newer") return mine_is_newer ? mine : theirs;
  if (rule == "max" && numbers) return std::stoi(*mine) > std::stoi(*theirs) ? mine : theirs;
  if (rule == "union" && is_list(mine) && is_list(theirs)) return united(base, mine, theirs);
  if (rule == "forward_only" && ordered) return place_of(mine) > place_of(theirs) ? mine : theirs;
  return std::nullopt;
}

}  // namespace landfall::conflict::model
