#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>

#include "mobile_glue/c/landfall.h"
#include "simulator/main/commands.hpp"

namespace {

// The library would say that a subcommand is required, where one was named that is none.
std::string unknown_command(const CLI::App& app, const std::string& word) {
  if (word.empty() || word.front() == '-') return {};
  std::string said = "there is no command " + word + "; the commands are";
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == word) return {};
    said += " " + command->get_name();
  }
  return said;
}

}  // namespace

// Exit codes: 0 clean, 1 a violation or failure, 2 usage, 3 environment.
int main(int argc, char** argv) {
  CLI::App app{
      "Landfall's simulator: offline phones, a reference backend and everything that goes wrong "
      "between them"};
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string{landfall_version()});
  int exit_code = 0;
  landfall::simulator::add_demo(app, exit_code);
  landfall::simulator::add_explore(app, exit_code);
  landfall::simulator::add_replay(app, exit_code);
  landfall::simulator::add_run(app, exit_code);
  landfall::simulator::add_backend(app, exit_code);
  landfall::simulator::add_phone(app, exit_code);
  landfall::simulator::add_notify(app, exit_code);
  landfall::simulator::add_merge(app, exit_code);
  if (const auto said = unknown_command(app, argc > 1 ? argv[1] : ""); !said.empty()) {
    std::fprintf(stderr, "landfall-sim: %s\nRun with --help for more information.\n", said.c_str());
    return 2;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  return exit_code;
}
