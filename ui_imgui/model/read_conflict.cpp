#include "ui_imgui/model/read_conflict.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "schema/limits.hpp"
#include "ui_imgui/model/read_reply.hpp"

namespace landfall::ui {
namespace {

using nlohmann::json;

// "lines.3\.5" is the field "3.5" of "lines": a backslash takes what follows as it is.
std::vector<std::string> names_of(const std::string& path) {
  std::vector<std::string> names(1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.') {
      names.emplace_back();
    } else {
      if (path[i] == '\\' && i + 1 < path.size()) ++i;
      names.back() += path[i];
    }
  }
  return names;
}

// A text as it is, everything else as JSON; empty: the version has no such field.
std::string value_at(const json& conflict, const char* version, const std::string& path) {
  const auto found = conflict.find(version);
  if (found == conflict.end()) return "";
  const json* at = &*found;
  for (const auto& name : names_of(path)) {
    if (!at->is_object()) return "";
    const auto member = at->find(name);
    if (member == at->end()) return "";
    at = &*member;
  }
  if (at->is_null()) return "";
  return at->is_string() ? at->get<std::string>() : dump_json(*at);
}

ConflictFieldView field_of(const json& conflict, const std::string& path) {
  ConflictFieldView view;
  view.name = path;
  view.base = value_at(conflict, "base", path);
  view.mine = value_at(conflict, "mine", path);
  view.theirs = value_at(conflict, "theirs", path);
  view.merged = value_at(conflict, "merged", path);
  return view;
}

ConflictFieldView& field_named(ConflictView& view, const json& conflict, const std::string& path) {
  const auto known = std::find_if(view.fields.begin(), view.fields.end(),
                                  [&](const auto& field) { return field.name == path; });
  if (known != view.fields.end()) return *known;
  return view.fields.emplace_back(field_of(conflict, path));
}

// As it was told last: one that was decided between two answers is no open one any more.
void take(ConflictInbox& inbox, const json& conflict, std::size_t decided_max) {
  const std::int64_t seq = conflict.value("seq", std::int64_t{0});
  if (text_at(conflict, "state") == "open") {
    inbox.open.insert_or_assign(seq, conflict);
    return;
  }
  inbox.open.erase(seq);
  inbox.decided.insert_or_assign(seq, conflict);
  if (inbox.decided.size() > decided_max) inbox.decided.erase(inbox.decided.begin());
}

void ask_page(const AskConflicts& ask, std::size_t decided_max,
              const std::shared_ptr<ConflictInbox>& inbox, json params) {
  ask(params, [ask, decided_max, inbox, params](const json& result) {
    for (const auto& conflict : result["conflicts"]) take(*inbox, conflict, decided_max);
    const auto next = result.find("next");
    if (next == result.end()) return;
    json more = params;
    more["after_seq"] = *next;
    ask_page(ask, decided_max, inbox, std::move(more));
  });
}

}  // namespace

ConflictView conflict_of(const json& conflict) {
  ConflictView view;
  view.id = text_at(conflict, "id");
  view.entity_type = text_at(conflict, "entity_type");
  view.state = text_at(conflict, "state");
  view.reason = text_at(conflict, "reason");
  view.is_deleted = conflict.value("deleted", false);
  view.is_open = view.state == "open";
  view.can_reopen = !view.is_open && view.state != "kept_theirs";
  for (const auto& each : conflict.value("fields", json::array()))
    field_named(view, conflict, text_at(each, "field")).taken = text_at(each, "taken");
  for (const auto& each : conflict.value("open", json::array()))
    field_named(view, conflict, text_at(each, "field")).is_open = true;
  return view;
}

void ask_conflicts(const AskConflicts& ask, std::size_t decided_max,
                   const std::shared_ptr<ConflictInbox>& inbox) {
  for (const bool settled : {false, true})
    ask_page(ask, decided_max, inbox,
             {{"settled", settled}, {"limit", landfall::limits::kListConflictsMax}});
}

}  // namespace landfall::ui
