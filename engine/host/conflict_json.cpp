#include "engine/host/conflict_json.hpp"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/host/operation_json.hpp"

namespace landfall::host {
namespace {

Result<conflict::Side> side_of(const Json& value, std::string_view path, std::string_view key) {
  if (value == "mine") return conflict::Side::mine;
  if (value == "theirs") return conflict::Side::theirs;
  return failure(field_error("field.value", path, key, "must be mine or theirs"));
}

Json ids_json(const std::vector<OperationId>& ids) {
  Json list = Json::array();
  for (const OperationId& id : ids) list.push_back(to_text(id));
  return list;
}

}  // namespace

Result<conflict::ConflictChoice> parse_conflict_choice(const Json& params) {
  using Word = conflict::ConflictChoice::Word;
  conflict::ConflictChoice choice;
  LANDFALL_TRY_ASSIGN(choice.id, parse_operation_id(params));
  if (params.contains("attestation")) choice.attestation = dump_json(params["attestation"]);
  const bool has_word = params.contains("choice");
  if (has_word == params.contains("choices")) {
    return failure(
        field_error("field.value", "params", "choice", "expected either choice or choices"));
  }
  if (has_word) {
    LANDFALL_TRY_ASSIGN(const auto side, side_of(params["choice"], "params", "choice"));
    choice.word = side == conflict::Side::mine ? Word::mine : Word::theirs;
    return choice;
  }
  choice.word = Word::by_field;
  LANDFALL_TRY_ASSIGN(const Json* choices, object_at(params, "choices", "params"));
  for (const auto& item : choices->items()) {
    LANDFALL_TRY_ASSIGN(choice.fields[item.key()],
                        side_of(item.value(), "params.choices", path_part(item.key())));
  }
  return choice;
}

Json conflict_json(const conflict::Conflict& conflict) {
  Json json{{"id", to_text(conflict.operation)},
            {"seq", conflict.seq},
            {"entity_type", conflict.entity.type},
            {"entity_id", conflict.entity.id},
            {"state", conflict::to_string(conflict.state)},
            {"row_version", conflict.row_version},
            {"operations", ids_json(conflict.lost)},
            {"superseded_by", ids_json(conflict.heirs)},
            {"created_at", format_rfc3339(conflict.created_at)}};
  if (conflict.resolved_at.unix_ms != 0) {
    json["resolved_at"] = format_rfc3339(conflict.resolved_at);
  }
  for (const char* key :
       {"base", "mine", "theirs", "deleted", "merged", "fields", "open", "reason"}) {
    if (const auto found = conflict.body.find(key); found != conflict.body.end()) {
      json[key] = *found;
    }
  }
  return json;
}

Json conflict_change_json(const conflict::ConflictChange& change) {
  return {{"id", to_text(change.operation)},
          {"entity_type", change.entity.type},
          {"entity_id", change.entity.id},
          {"state", conflict::to_string(change.state)},
          {"open", change.open},
          {"superseded_by", ids_json(change.heirs)}};
}

Json conflict_list_json(const store::ConflictPage& page) {
  Json list = Json::array();
  for (const auto& conflict : page.conflicts) list.push_back(conflict_json(conflict));
  Json reply{{"conflicts", std::move(list)}};
  if (page.has_more) reply["next"] = page.conflicts.back().seq;
  return reply;
}

}  // namespace landfall::host
