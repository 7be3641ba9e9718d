#include "simulator/notify/decide_line.hpp"

#include <array>
#include <set>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/notify/push_decision.hpp"
#include "engine/notify/push_payload.hpp"
#include "schema/limits.hpp"
#include "simulator/zones/desktop_zone.hpp"

namespace landfall::notify {
namespace {

// What a line asks.
struct Question {
  const Json* payload = nullptr;
  Settings settings;
  Zone zone;
  Instant now;
  bool is_now_a_number = false;
};

tl::unexpected<Error> at_field(Error error, std::string field) {
  error.field = std::move(field);
  return failure(std::move(error));
}

Status check_keys(const Json& line) {
  constexpr std::array<std::string_view, 4> kKnown = {"payload", "settings", "now", "zone"};
  for (const auto& item : line.items()) {
    bool is_known = false;
    for (const auto name : kKnown) is_known = is_known || item.key() == name;
    if (!is_known)
      return failure(field_error("field.unknown", "", path_part(item.key()), "is not known here"));
  }
  return {};
}

Status read_now(const Json& line, Question& question) {
  const auto found = line.find("now");
  if (found == line.end() || found->is_null())
    return failure(field_error("field.missing", "", "now", "is missing"));
  if (found->is_number_integer()) {
    question.is_now_a_number = true;
    LANDFALL_TRY_ASSIGN(question.now.unix_ms, integer_at(line, "now"));
    return {};
  }
  if (!found->is_string()) {
    return failure(field_error("field.type", "", "now", "expected a time (RFC 3339)"));
  }
  const auto parsed = parse_rfc3339(found->get_ref<const std::string&>());
  if (!parsed) return at_field(parsed.error(), "now");
  question.now = *parsed;
  return {};
}

Status read_zone(const Json& line, Question& question) {
  LANDFALL_TRY_ASSIGN(const auto name, optional_string_at(line, "zone"));
  if (!name) return {};
  auto zone = zones::desktop_zone(*name);
  if (!zone) return at_field(zone.error(), "zone");
  question.zone = std::move(*zone);
  return {};
}

Status read_settings(const Json& line, const Profile& profile, Question& question) {
  question.settings = profile.notifications.defaults;
  const auto found = line.find("settings");
  if (found == line.end() || found->is_null()) return {};
  std::set<std::string, std::less<>> types;
  for (const auto& [name, type] : profile.notifications.types) types.insert(name);
  LANDFALL_TRY_ASSIGN(question.settings,
                      parse_settings(*found, question.settings, types, "settings"));
  return {};
}

Result<Question> read_question(const Json& line, const Profile& profile) {
  Question question;
  LANDFALL_TRY(check_keys(line));
  LANDFALL_TRY_ASSIGN(question.payload, object_at(line, "payload"));
  LANDFALL_TRY(read_now(line, question));
  LANDFALL_TRY(read_zone(line, question));
  LANDFALL_TRY(read_settings(line, profile, question));
  return question;
}

PushDecision decide_question(const Profile& profile, const Question& question) {
  const auto push = parse_push(*question.payload, question.now);
  if (!push) return drop_push(push.error().code, push.error().message);
  return decide_push(profile.notifications, Recipient{}, *push,
                     {question.settings, question.zone, question.now});
}

}  // namespace

Result<Json> decide_line(const Profile& profile, std::string_view line) {
  LANDFALL_TRY_ASSIGN(const Json json,
                      parse_json(line, {limits::kRequestJsonBytesMax, limits::kJsonDepthMax}));
  if (!json.is_object()) {
    return failure(ErrorClass::invalid, "field.type",
                   std::string{"expected an object, got "} + json.type_name());
  }
  LANDFALL_TRY_ASSIGN(const Question question, read_question(json, profile));
  const PushDecision decision = decide_question(profile, question);
  Json answer{
      {"decision", to_string(decision.verdict)}, {"channel", nullptr}, {"why", decision.why}};
  if (!decision.channel.empty()) answer["channel"] = decision.channel;
  if (decision.until && question.is_now_a_number) answer["until"] = decision.until->unix_ms;
  if (decision.until && !question.is_now_a_number)
    answer["until"] = format_rfc3339(*decision.until);
  return answer;
}

}  // namespace landfall::notify
