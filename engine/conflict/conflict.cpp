#include "engine/conflict/conflict.hpp"

#include <utility>

#include "schema/limits.hpp"

namespace landfall::conflict {
namespace {

// People look at a few: those that are too many or too long are left out.
template <class Field, class Describe>
Json listed(const std::vector<Field>& fields, Describe describe) {
  Json list = Json::array();
  std::size_t bytes = 0;
  for (const Field& field : fields) {
    if (list.size() == limits::kConflictFieldsMax) break;
    Json item = describe(field);
    const std::size_t more = dump_json(item).size() + 1;
    if (bytes + more > limits::kConflictFieldListBytesMax) continue;
    bytes += more;
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace

std::string_view to_string(ConflictState state) noexcept {
  switch (state) {
    case ConflictState::open:
      return "open";
    case ConflictState::merged:
      return "merged";
    case ConflictState::kept_theirs:
      return "kept_theirs";
    case ConflictState::chosen:
      return "chosen";
    case ConflictState::given_up:
      return "given_up";
  }
  return "";
}

Json body_of(const Contest& contest, const Resolution& resolution) {
  return body_of(contest, resolution, resolution.merge.open);
}

Json body_of(const Contest& contest, const Resolution& resolution,
             const std::vector<OpenConflict>& asked) {
  Json fields = listed(resolution.merge.fields, [](const FieldOutcome& field) {
    return Json{{"field", field.field},
                {"taken", to_string(field.taken)},
                {"rule", field.rule ? Json(profile::to_string(*field.rule)) : Json()}};
  });
  Json open = listed(asked, [](const OpenConflict& field) {
    return Json{{"field", field.field},
                {"rule", profile::to_string(field.rule)},
                {"reason", to_string(field.reason)}};
  });
  Json body{{"base", contest.base ? *contest.base : Json()},
            {"mine", mine_of(contest)},
            {"theirs", contest.theirs},
            {"deleted", contest.theirs_deleted},
            {"merged", resolution.merge.document},
            {"fields", std::move(fields)},
            {"open", std::move(open)},
            {"reason", to_string(resolution.reason)},
            {"mine_ms", contest.times.mine_at.unix_ms},
            {"theirs_ms", contest.times.theirs_at.unix_ms},
            {"offset_ms", contest.times.server_offset.count()}};
  // What can be made anew goes first.
  if (dump_json(body).size() > limits::kConflictBytesMax) body["mine"] = body["merged"] = Json();
  return body;
}

Result<Contest> contest_of(const Json& body) {
  Contest contest;
  LANDFALL_TRY_ASSIGN(const Json* theirs, object_at(body, "theirs"));
  LANDFALL_TRY_ASSIGN(contest.theirs_deleted, bool_at(body, "deleted"));
  LANDFALL_TRY_ASSIGN(contest.times.mine_at.unix_ms, integer_at(body, "mine_ms"));
  LANDFALL_TRY_ASSIGN(contest.times.theirs_at.unix_ms, integer_at(body, "theirs_ms"));
  LANDFALL_TRY_ASSIGN(const std::int64_t offset_ms, integer_at(body, "offset_ms"));
  contest.times.server_offset = Duration{offset_ms};
  contest.theirs = *theirs;
  if (const auto base = body.find("base"); base != body.end() && base->is_object()) {
    contest.base = *base;
  }
  return contest;
}

std::string question_of(const Json& body) {
  std::string text;
  for (const Json& field : body.value("open", Json::array())) {
    if (!text.empty()) text += ", ";
    text += field.value("field", "") + " by " + field.value("rule", "");
  }
  return text.empty() ? body.value("reason", "") : text;
}

ConflictChange change_of(const Conflict& conflict) {
  ConflictChange change{conflict.operation, conflict.entity, conflict.state, {}, conflict.heirs};
  for (const Json& field : conflict.body.value("open", Json::array())) {
    change.open.push_back(field.value("field", ""));
  }
  return change;
}

}  // namespace landfall::conflict
