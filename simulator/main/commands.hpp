#pragma once

namespace CLI {
class App;
}

namespace landfall::simulator {

// Each adds one subcommand; it runs while the command line is parsed and leaves its exit code.
void add_explore(CLI::App& app, int& exit_code);
void add_replay(CLI::App& app, int& exit_code);
void add_run(CLI::App& app, int& exit_code);
void add_backend(CLI::App& app, int& exit_code);
void add_phone(CLI::App& app, int& exit_code);
void add_demo(CLI::App& app, int& exit_code);
void add_notify(CLI::App& app, int& exit_code);
void add_merge(CLI::App& app, int& exit_code);

}  // namespace landfall::simulator
