#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/conflict/merge.hpp"
#include "engine/sync/document.hpp"
#include "schema/limits.hpp"
#include "simulator/main/commands.hpp"
#include "simulator/main/profile_argument.hpp"

namespace landfall::simulator {
namespace {

struct Settings {
  std::string profile;
  std::string entity;
  std::string base, mine, theirs;
  std::string mine_at, theirs_at;
  std::int64_t server_offset_ms = 0;
  bool json = false;
};

// One of the three files: the data of a document, or the document as the wire has it.
struct Version {
  Json data;
  std::optional<Instant> updated_at;
};

constexpr int kUsage = 2;
constexpr int kEnvironment = 3;

int complain(const std::string& message, int code) {
  std::fprintf(stderr, "landfall-sim: %s\n", message.c_str());
  return code;
}

std::optional<std::string> text_of(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return std::nullopt;
  return text.str();
}

bool is_wire_document(const Json& value) {
  return value.contains("entity_type") && value.contains("row_version") && value.contains("data");
}

Result<Version> version_of(const std::string& text, const std::string& entity, bool may_be_null) {
  LANDFALL_TRY_ASSIGN(Json value, parse_json(text, {2 * limits::kDocumentBytesMax}));
  if (value.is_null() && may_be_null) return Version{std::move(value), std::nullopt};
  if (!value.is_object()) {
    return failure(ErrorClass::invalid, "document.type",
                   std::string{"expected an object, got "} + value.type_name());
  }
  if (!is_wire_document(value)) return Version{std::move(value), std::nullopt};
  LANDFALL_TRY_ASSIGN(const sync::Document document, sync::parse_document(value, ""));
  if (document.entity.type != entity) {
    return failure(ErrorClass::invalid, "document.type",
                   "is a document of " + quote_input(document.entity.type));
  }
  if (document.deleted) {
    return failure(ErrorClass::invalid, "document.deleted", "is deleted: nothing can be merged");
  }
  return Version{std::move(value["data"]), document.updated_at};
}

Json optional_json(const std::optional<Json>& value) { return value ? *value : Json(); }

Json to_json(const Settings& settings, const conflict::MergeResult& result) {
  Json fields = Json::array();
  for (const auto& field : result.fields) {
    fields.push_back({{"field", field.field},
                      {"taken", conflict::to_string(field.taken)},
                      {"rule", field.rule ? Json(profile::to_string(*field.rule)) : Json()}});
  }
  Json open = Json::array();
  for (const auto& conflict : result.open) {
    open.push_back({{"field", conflict.field},
                    {"rule", profile::to_string(conflict.rule)},
                    {"reason", conflict::to_string(conflict.reason)},
                    {"base", optional_json(conflict.base)},
                    {"mine", optional_json(conflict.mine)},
                    {"theirs", optional_json(conflict.theirs)}});
  }
  return {{"profile", settings.profile}, {"entity", settings.entity}, {"merged", result.document},
          {"fields", std::move(fields)}, {"open", std::move(open)},   {"ok", result.open.empty()}};
}

std::string shown(const std::optional<Json>& value) {
  return value ? dump_json(*value) : "(absent)";
}

std::string_view told(conflict::OpenReason reason) {
  switch (reason) {
    case conflict::OpenReason::ask:
      return "both changed it, and the profile asks";
    case conflict::OpenReason::base_unknown:
      return "nobody knows what it was counted from";
    case conflict::OpenReason::removed:
      return "one side removed it, the other changed it";
    case conflict::OpenReason::type:
      return "the values are not of the type that the rule needs";
    case conflict::OpenReason::state:
      return "a state that the profile's order does not name";
    case conflict::OpenReason::too_large:
      return "the sum cannot be written as a number";
  }
  return "";
}

std::string_view told(conflict::Taken taken) {
  switch (taken) {
    case conflict::Taken::mine:
      return "mine";
    case conflict::Taken::theirs:
      return "theirs";
    case conflict::Taken::merged:
      return "both";
    case conflict::Taken::open:
      return "open";
    case conflict::Taken::unchanged:
      break;
  }
  return "";
}

void print_for_people(const Settings& settings, const conflict::MergeResult& result) {
  std::printf("%s, merged by the rules of %s\n\n", settings.entity.c_str(),
              settings.profile.c_str());
  std::printf("  %-24s %-14s %s\n", "field", "rule", "taken");
  for (const auto& field : result.fields) {
    const std::string rule{field.rule ? profile::to_string(*field.rule) : "one change"};
    std::printf("  %-24s %-14s %s\n", field.field.c_str(), rule.c_str(),
                std::string{told(field.taken)}.c_str());
  }
  if (result.fields.empty()) std::printf("  nothing differs\n");
  for (const auto& open : result.open) {
    std::printf("\n%s is open (%s): %s\n", open.field.c_str(),
                std::string{profile::to_string(open.rule)}.c_str(),
                std::string{told(open.reason)}.c_str());
    std::printf("  base    %s\n  mine    %s\n  theirs  %s\n", shown(open.base).c_str(),
                shown(open.mine).c_str(), shown(open.theirs).c_str());
  }
  std::printf("\nmerged%s\n%s\n",
              result.open.empty() ? "" : " (an open field has theirs until somebody chooses)",
              result.document.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

// The exit code when it cannot be read.
int read_version(const std::string& path, const std::string& entity, bool may_be_null,
                 Version& version) {
  const auto text = text_of(path);
  if (!text) return complain("cannot read " + path, kEnvironment);
  auto read = version_of(*text, entity, may_be_null);
  if (!read) return complain(path + ": " + read.error().message, kUsage);
  version = std::move(*read);
  return 0;
}

// An option, else what the file says, else the beginning of time: then the server's counts as
// newer.
std::optional<Instant> time_of(const std::string& option, const Version& version) {
  if (option.empty()) return version.updated_at.value_or(Instant{});
  const auto parsed = parse_rfc3339(option);
  return parsed ? std::optional{*parsed} : std::nullopt;
}

int run(const Settings& settings) {
  const auto profile = read_profile(settings.profile);
  if (!profile) return complain(profile.error().message, kUsage);
  const profile::Entity* entity = profile->profile->entity(settings.entity);
  if (entity == nullptr) {
    return complain("the profile has no entity " + quote_input(settings.entity), kUsage);
  }
  Version base, mine, theirs;
  if (const int code = read_version(settings.base, settings.entity, true, base)) return code;
  if (const int code = read_version(settings.mine, settings.entity, false, mine)) return code;
  if (const int code = read_version(settings.theirs, settings.entity, false, theirs)) return code;
  const auto mine_at = time_of(settings.mine_at, mine);
  const auto theirs_at = time_of(settings.theirs_at, theirs);
  if (!mine_at || !theirs_at) {
    return complain("expected a time such as 2026-01-31T08:15:00Z", kUsage);
  }
  const conflict::MergeResult result = conflict::merge(
      entity->conflict, {base.data.is_null() ? nullptr : &base.data, &mine.data, &theirs.data},
      {*mine_at, *theirs_at, Duration{settings.server_offset_ms}});
  if (settings.json) {
    std::printf("%s\n", dump_json(to_json(settings, result)).c_str());
  } else {
    print_for_people(settings, result);
  }
  return result.open.empty() ? 0 : 1;
}

}  // namespace

void add_merge(CLI::App& app, int& exit_code) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand(
      "merge",
      "merge three versions of a document by a profile's rules; 1 when a field stays open");
  command->add_option("--profile", settings->profile, "a shipped profile or a file")->required();
  command->add_option("--entity", settings->entity, "the type of the document")->required();
  command
      ->add_option("base", settings->base,
                   "what the user saw (JSON: the data, or a whole document; null: not known)")
      ->required();
  command->add_option("mine", settings->mine, "what the user made of it")->required();
  command->add_option("theirs", settings->theirs, "what the server has")->required();
  command->add_option("--mine-at", settings->mine_at,
                      "when mine was changed, by the device's clock (RFC 3339)");
  command->add_option("--theirs-at", settings->theirs_at, "when theirs was changed");
  command->add_option("--server-offset-ms", settings->server_offset_ms,
                      "how far the server's clock is ahead of the device's");
  command->add_flag("--json", settings->json, "one JSON object on standard output");
  command->callback([settings, &exit_code] { exit_code = run(*settings); });
}

}  // namespace landfall::simulator
