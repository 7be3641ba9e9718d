#include "simulator/scenario/read_scenario.hpp"

#include <fstream>
#include <iterator>
#include <utility>

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"
#include "simulator/backend/backend.hpp"
#include "simulator/net/profile_routes.hpp"
#include "simulator/scenario/fields.hpp"
#include "simulator/scenario/read_step.hpp"

namespace landfall::scenario {
namespace {

constexpr std::size_t kFileBytesMax = 1'000'000;
// Faster, and the timeouts of calls (30 s) are shorter than what a busy machine takes for one.
constexpr std::int64_t kSpeedMax = 100;

void read_profile(Fields& fields, Scenario& scenario, Vocabulary& vocabulary) {
  const std::string name = fields.text_or("profile", "prokure");
  const Json& patch = fields.object_or_empty("profile_patch");
  const auto text = schema::profile(name);
  if (!text) return fields.note("profile", "no profile has this name");
  scenario.profile = Json::parse(*text);
  scenario.profile.merge_patch(patch);
  const auto profile = Profile::load(dump_json(scenario.profile));
  if (!profile) {
    return fields.note(patch.empty() ? "profile" : "profile_patch", profile.error().message);
  }
  scenario.backend = net::options_for(*profile);
  for (const auto& [endpoint_name, endpoint] : profile->endpoints)
    vocabulary.endpoints.emplace(endpoint_name, endpoint.path);
  for (const auto& [type, entity] : profile->entities) vocabulary.entity_types.insert(type);
}

// Over what the profile's server is like.
backend::BackendOptions read_backend(const Json& json, backend::BackendOptions options,
                                     Mistake& mistake) {
  Fields fields(json, "backend", mistake);
  if (fields.has("refresh_mode")) {
    options.refresh_mode = static_cast<backend::RefreshMode>(
        fields.word("refresh_mode", {"grace", "until_used", "strict"}));
  }
  options.allow_poison = fields.boolean_or("allow_poison", options.allow_poison);
  options.assigns_ids = fields.boolean_or("assigns_ids", options.assigns_ids);
  options.takes_gzip = fields.boolean_or("takes_gzip", options.takes_gzip);
  options.page_limit = fields.integer_or("page_limit", options.page_limit, 1, 500);
  options.access_lifetime = fields.duration_or("access_lifetime", options.access_lifetime);
  options.refresh_lifetime = fields.duration_or("refresh_lifetime", options.refresh_lifetime);
  options.receipt_days =
      static_cast<int>(fields.integer_or("receipt_days", options.receipt_days, 1, 365));
  options.minimum_app_version = fields.text_or("minimum_app_version", "");
  options.recommended_app_version = fields.text_or("recommended_app_version", "");
  options.devices_max = static_cast<std::size_t>(
      fields.integer_or("devices_max", static_cast<std::int64_t>(options.devices_max), 1, 99));
  options.challenge_lifetime = fields.duration_or("challenge_lifetime", options.challenge_lifetime);
  options.challenge_status =
      static_cast<int>(fields.integer_or("challenge_status", options.challenge_status, 200, 499));
  options.hub_text_plain = fields.boolean_or("hub_text_plain", options.hub_text_plain);
  for (const auto& [action, right] : fields.object_or_empty("rights").items()) {
    if (!right.is_string()) mistake.note("backend.rights." + action, "expected a right");
    if (right.is_string()) options.rights.emplace(action, right.get<std::string>());
  }
  fields.finish();
  return options;
}

// A user is named by the part of their address before the @.
std::size_t read_user(Fields& fields, backend::Dialect dialect) {
  std::vector<std::string> names;
  for (const auto& user : backend::Backend::seed_users(dialect))
    names.push_back(user.email.substr(0, user.email.find('@')));
  return fields.word("user", names);
}

void read_phones(const Json& list, Scenario& scenario, Vocabulary& vocabulary, Mistake& mistake) {
  if (list.empty()) mistake.note("phones", "expected one phone at least");
  for (std::size_t i = 0; i < list.size(); ++i) {
    Fields fields(list[i], "phones[" + std::to_string(i) + "]", mistake);
    ScenarioPhone phone{fields.text("name"), read_user(fields, scenario.backend.dialect)};
    fields.finish();
    if (!vocabulary.phones.insert(phone.name).second)
      fields.note("name", "another phone has this name");
    scenario.phones.push_back(std::move(phone));
  }
}

void read_requirements(const Json& list, Scenario& scenario, Mistake& mistake) {
  if (list.empty()) mistake.note("requirements", "expected one requirement at least");
  for (const auto& requirement : list) {
    if (!requirement.is_string()) return mistake.note("requirements", "expected texts");
    scenario.requirements.push_back(requirement);
  }
}

Scenario read(const Json& json, const std::string& file, Mistake& mistake) {
  Scenario scenario;
  Vocabulary vocabulary;
  Fields fields(json, "", mistake);
  scenario.file = file;
  scenario.name = fields.text("name");
  scenario.seed = static_cast<std::uint64_t>(fields.integer_or("seed", 1, 1, INT64_MAX));
  scenario.is_virtual = fields.boolean_or("virtual", false);
  vocabulary.is_virtual = scenario.is_virtual;
  scenario.speed = static_cast<int>(fields.integer_or("speed", 0, 1, kSpeedMax));
  vocabulary.speed = scenario.speed;
  read_requirements(fields.array("requirements"), scenario, mistake);
  read_profile(fields, scenario, vocabulary);
  scenario.backend =
      read_backend(fields.object_or_empty("backend"), std::move(scenario.backend), mistake);
  read_phones(fields.array("phones"), scenario, vocabulary, mistake);
  const Json& steps = fields.array("steps");
  if (steps.empty()) fields.note("steps", "expected one step at least");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string path = "steps[" + std::to_string(i) + "]";
    scenario.steps.push_back(read_step(steps[i], path, vocabulary, mistake));
  }
  fields.finish();
  return scenario;
}

}  // namespace

Result<Scenario> read_scenario(std::string_view text, const std::string& file) {
  const auto json = parse_json(text, {.bytes_max = kFileBytesMax});
  if (!json) {
    const auto offset = json.error().offset;
    return failure(ErrorClass::invalid, "scenario.invalid",
                   file + ": " + json.error().message +
                       (offset ? " (byte " + std::to_string(*offset) + ")" : ""));
  }
  Mistake mistake;
  Scenario scenario = read(*json, file, mistake);
  if (!mistake.is_noted()) return scenario;
  return failure(ErrorClass::invalid, "scenario.invalid", file + ": " + mistake.text());
}

Result<Scenario> load_scenario(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return failure(ErrorClass::invalid, "scenario.unreadable", path + ": cannot be read");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return read_scenario(text, path);
}

}  // namespace landfall::scenario
