#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include "engine/base/json.hpp"
#include "engine/host/outgoing.hpp"
#include "schema/limits.hpp"
#include "simulator/main/commands.hpp"
#include "simulator/main/profile_argument.hpp"
#include "simulator/notify/decide_line.hpp"
#include "simulator/phone/line_reader.hpp"

namespace landfall::simulator {
namespace {

constexpr int kFailure = 1;
constexpr int kUsage = 2;
constexpr int kEnvironment = 3;

// Answers the lines; false when one of them was an error.
bool answer(const Profile& profile, const std::vector<std::string>& lines) {
  bool all_fit = true;
  for (const auto& line : lines) {
    const auto decided = notify::decide_line(profile, line);
    all_fit = all_fit && decided.has_value();
    const Json text = decided ? *decided : Json{{"error", host::error_json(decided.error())}};
    std::printf("%s\n", dump_json(text).c_str());
  }
  // Whoever asks line by line waits for each answer.
  std::fflush(stdout);
  return all_fit;
}

int run(const std::string& profile_name) {
  const auto profile = read_profile(profile_name);
  if (!profile) {
    std::fprintf(stderr, "landfall-sim: %s\n", profile.error().message.c_str());
    return kUsage;
  }
  phone::LineReader lines(limits::kRequestJsonBytesMax);
  std::array<char, 65'536> buffer{};
  bool all_fit = true;
  while (true) {
    const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      std::fprintf(stderr, "landfall-sim: cannot read standard input\n");
      return kEnvironment;
    }
    const bool has_ended = got == 0;
    const auto complete =
        has_ended ? lines.end() : lines.feed({buffer.data(), static_cast<std::size_t>(got)});
    all_fit = answer(*profile->profile, complete) && all_fit;
    if (has_ended) return all_fit ? 0 : kFailure;
  }
}

}  // namespace

void add_notify(CLI::App& app, int& exit_code) {
  auto profile = std::make_shared<std::string>();
  auto* command = app.add_subcommand(
      "notify", "what becomes of a push: a JSON line in, a decision out (show, hold or drop)");
  command->add_option("--profile", *profile, "a shipped profile or a file")->required();
  command->callback([profile, &exit_code] { exit_code = run(*profile); });
}

}  // namespace landfall::simulator
