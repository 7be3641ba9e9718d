#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

#include "engine/base/json.hpp"
#include "mobile_glue/device_environment.hpp"
#include "mobile_glue/open.hpp"
#include "simulator/main/commands.hpp"
#include "simulator/main/pace_options.hpp"
#include "simulator/main/profile_argument.hpp"
#include "simulator/main/stop_signal.hpp"
#include "simulator/net/backend_clock.hpp"
#include "simulator/phone/headless_host.hpp"
#include "simulator/phone/secret_file.hpp"
#include "simulator/zones/desktop_zone.hpp"

namespace landfall::simulator {
namespace {

constexpr int kUsage = 2;
constexpr int kEnvironment = 3;

struct Settings {
  std::string profile;
  std::string server;
  std::string directory;
  std::string ports = "auto";
  std::string zone = "UTC";
  PaceOptions pace;
};

// A reason to end before the phone is on.
struct Refusal {
  int exit_code = 0;
  std::string message;
};

// The pace of phone and server must be one, or every lifetime of a token would be wrong. A server
// out of reach is no obstacle at speed 1, nor to somebody who knows the epoch.
tl::expected<glue::Pace, Refusal> agree_on_pace(const Settings& settings) {
  const glue::Pace own = settings.pace.pace();
  const auto named = net::fetch_pace(settings.server);
  if (!named) return tl::unexpected(Refusal{kUsage, "--server: " + named.error().message});
  if (!*named) {
    if (own.speed == 1 || settings.pace.epoch_unix_ms) return own;
    return tl::unexpected(
        Refusal{kEnvironment, "the server names no clock, so --speed needs --epoch"});
  }
  const glue::Pace theirs = **named;
  if (theirs.speed != own.speed) {
    return tl::unexpected(Refusal{kUsage, "the server's clock runs at speed " +
                                              std::to_string(theirs.speed) + ", not at " +
                                              std::to_string(own.speed)});
  }
  if (own.speed != 1 && settings.pace.epoch_unix_ms && own.epoch != theirs.epoch) {
    return tl::unexpected(Refusal{
        kUsage, "the server's clock has the epoch " + std::to_string(theirs.epoch.unix_ms)});
  }
  return theirs;
}

std::string config_text(const Settings& settings, const ProfileArgument& profile) {
  return dump_json(Json{{"directory", std::filesystem::absolute(settings.directory).string()},
                        {"profile", profile.config},
                        {"origin", settings.server},
                        {"app_version", "1.0.0"},
                        {"platform", "ANDROID"},
                        {"os_version", "14"},
                        {"device_name", "headless"},
                        {"locale", "en-IN"},
                        {"zone", settings.zone}});
}

tl::expected<landfall_engine*, Refusal> open_engine(const std::string& config, glue::Pace pace) {
  char* error = nullptr;
  landfall_engine* const engine = glue::open_handle(
      config.c_str(), &error,
      [pace](const host::Config& parsed) { return glue::device_edges(parsed, pace); });
  if (engine != nullptr) return engine;
  const std::string text = error != nullptr ? error : R"({"code":"engine.failed"})";
  landfall_free_text(error);
  const std::string code = Json::parse(text).value("code", "");
  const bool is_usage = code.starts_with("config.") || code.starts_with("profile.");
  return tl::unexpected(Refusal{is_usage ? kUsage : kEnvironment, text});
}

tl::expected<std::optional<phone::SecretFile>, Refusal> open_secrets(const Settings& settings) {
  if (settings.ports != "auto") return std::nullopt;
  auto file = phone::SecretFile::open(
      (std::filesystem::absolute(settings.directory) / "keychain.json").string());
  if (!file) return tl::unexpected(Refusal{kEnvironment, file.error().message});
  return std::optional(std::move(*file));
}

tl::expected<void, Refusal> live(const Settings& settings) {
  const auto profile = read_profile(settings.profile);
  if (!profile) return tl::unexpected(Refusal{kUsage, profile.error().message});
  if (const auto zone = zones::desktop_zone(settings.zone); !zone) {
    const bool is_usage = zone.error().kind == ErrorClass::invalid;
    return tl::unexpected(
        Refusal{is_usage ? kUsage : kEnvironment, "--zone: " + zone.error().message});
  }
  const auto pace = agree_on_pace(settings);
  if (!pace) return tl::unexpected(pace.error());
  const StopSignal stop;
  const auto engine = open_engine(config_text(settings, *profile), *pace);
  if (!engine) return tl::unexpected(engine.error());
  auto secrets = open_secrets(settings);
  if (!secrets) {
    landfall_close(*engine);
    return tl::unexpected(secrets.error());
  }
  phone::HeadlessHost host(*engine, std::move(*secrets), stdout);
  host.run(STDIN_FILENO, stop.descriptor());
  return {};
}

int run(const Settings& settings) {
  const auto lived = live(settings);
  if (lived) return 0;
  (void)std::fprintf(stderr, "landfall-sim: %s\n", lived.error().message.c_str());
  return lived.error().exit_code;
}

}  // namespace

void add_phone(CLI::App& app, int& exit_code) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand(
      "phone", "a phone without a screen: requests as lines in, replies and events as lines out");
  command->add_option("--profile", settings->profile, "a shipped profile or a file")->required();
  command->add_option("--server", settings->server, "its origin, as http://127.0.0.1:8080")
      ->required();
  command->add_option("--data", settings->directory, "where the phone keeps its files")->required();
  command
      ->add_option("--ports", settings->ports,
                   "who answers questions: a desktop's stand-ins, or lines on standard input")
      ->check(CLI::IsMember({"auto", "stdin"}))
      ->capture_default_str();
  command
      ->add_option("--zone", settings->zone,
                   "where the phone is, as Asia/Kolkata: quiet hours are its clock's")
      ->capture_default_str();
  add_pace_options(*command, settings->pace);
  command->callback([settings, &exit_code] { exit_code = run(*settings); });
}

}  // namespace landfall::simulator
