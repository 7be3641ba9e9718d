#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/secure_random.hpp"
#include "simulator/main/commands.hpp"
#include "simulator/main/pace_options.hpp"
#include "simulator/main/profile_argument.hpp"
#include "simulator/main/seed_option.hpp"
#include "simulator/main/stop_signal.hpp"
#include "simulator/net/backend_server.hpp"
#include "simulator/net/profile_routes.hpp"

namespace landfall::simulator {
namespace {

constexpr int kUsage = 2;
constexpr int kEnvironment = 3;

struct Settings {
  std::string profile;
  std::uint16_t port = 0;
  std::string database = ":memory:";
  std::uint64_t seed = 1;
  PaceOptions pace;
  bool development_codes = false;
};

int fail(int exit_code, const Error& error) {
  std::fprintf(stderr, "landfall-sim: %s\n", error.message.c_str());
  return exit_code;
}

// A production profile never meets a backend with development codes (C-24): they are for an app
// whose server is this machine. Clear text is for no other (Profile::load).
Status check_development(const Settings& settings, const Profile& profile) {
  if (!settings.development_codes || profile.origin.starts_with("http://")) return {};
  return failure(ErrorClass::refused, "backend.development_codes",
                 "--development-codes is for a profile whose origin is http://localhost or "
                 "http://127.0.0.1; this one has " +
                     quote_input(profile.origin));
}

// The text messages of a desktop's backend arrive on its standard output.
bool print_message(const backend::Sms& sms) {
  const nlohmann::json line{
      {"sms", {{"to", sms.phone_number}, {"purpose", sms.purpose}, {"code", sms.code}}}};
  std::printf("%s\n", line.dump().c_str());
  return std::fflush(stdout) == 0;
}

// The line that whoever started us waits for.
void announce(const Settings& settings, const net::BackendServer& server,
              const backend::BackendOptions& options) {
  auto users = nlohmann::json::array();
  for (const auto& user : backend::Backend::seed_users(options.dialect)) {
    users.push_back({{"user", user.email}, {"password", user.password}, {"roles", user.roles}});
  }
  const nlohmann::json line{{"listening", server.origin()},
                            {"profile", settings.profile},
                            {"hub", options.routes.hub},
                            {"speed", settings.pace.speed},
                            {"development_codes", settings.development_codes},
                            {"users", std::move(users)}};
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

int run(const Settings& settings) {
  const auto profile = read_profile(settings.profile);
  if (!profile) return fail(kUsage, profile.error());
  if (auto allowed = check_development(settings, *profile->profile); !allowed)
    return fail(kUsage, allowed.error());
  const StopSignal stop;
  const glue::DeviceClock clock{settings.pace.pace()};
  LibsodiumRandom random;
  backend::BackendOptions options = net::options_for(*profile->profile);
  options.database_path = settings.database;
  options.seed = settings.seed;
  options.development_codes = settings.development_codes;
  options.development_log = [](const std::string& line) {
    std::fprintf(stderr, "landfall-sim: %s\n", line.c_str());
  };
  const auto opened = backend::Backend::open(std::move(options), random, clock.now());
  if (!opened) return fail(kEnvironment, opened.error());
  (*opened)->set_sms_sink(print_message);
  net::BackendServerOptions server_options;
  server_options.port = settings.port;
  const auto server = net::BackendServer::start(**opened, clock, server_options);
  if (!server) return fail(kEnvironment, server.error());
  announce(settings, **server, (*opened)->options());
  stop.wait();
  return 0;
}

}  // namespace

void add_backend(CLI::App& app, int& exit_code) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand("backend", "the reference backend alone, on 127.0.0.1");
  command->add_option("--profile", settings->profile, "a shipped profile or a file")->required();
  command->add_option("--port", settings->port, "where to listen; 0 picks one")->required();
  command->add_option("--db", settings->database, "a file that keeps what the backend knows");
  command->add_option("--seed", settings->seed, "of the data it starts with")
      ->check(seed_check())
      ->capture_default_str();
  command->add_flag("--development-codes", settings->development_codes,
                    "take one known code for every text message; never for a production profile");
  add_pace_options(*command, settings->pace);
  command->callback([settings, &exit_code] { exit_code = run(*settings); });
}

}  // namespace landfall::simulator
